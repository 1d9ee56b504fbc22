"""The exchange rates of a day: the newest of each pair that was recorded for it, or for one of the days before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.conf import settings
from django.db.models import QuerySet

from channels.commissions.engine.currency import Quotation, Rate, quotation
from channels.commissions.models import ExchangeRate

# Central banks publish none on weekends and holidays; an older rate than this is no rate.
GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates of one day, read once."""

    on: date
    rows: Mapping[tuple[str, str], Rate]

    @classmethod
    def of(cls, on: date) -> "Rates":
        found = ExchangeRate.objects.filter(on__lte=on, on__gt=on - GOOD_FOR).order_by("on", "revision")
        rows = {
            (row.base, row.quote): Rate(row.base, row.quote, Fraction(row.numerator, row.denominator), row.pk)
            for row in found
        }
        return cls(on, rows)

    def quotation(self, source: str, target: str) -> Quotation | None:
        return quotation(source, target, self.rows.values())

    def convert(self, amount_minor: int, source: str, target: str) -> int | None:
        """Return the amount in the other currency; None without a rate."""
        found = self.quotation(source, target)
        return None if found is None else found.convert(amount_minor)

    def reported(self, amount_minor: int, currency: str) -> int | None:
        """Return the amount in the reporting currency; None without a rate."""
        return self.convert(amount_minor, currency, reporting_currency())


def reporting_currency() -> str:
    return str(settings.CHANNELS_REPORTING_CURRENCY)


def rates(*, currency: str = "", on: date | None = None) -> QuerySet[ExchangeRate]:
    """Return stored rates for the desk, the latest day first, corrections before what they correct."""
    found = ExchangeRate.objects.select_related("recorded_by")
    if currency:
        found = found.filter(base=currency) | found.filter(quote=currency)
    if on:
        found = found.filter(on=on)
    return found.order_by("-on", "base", "quote", "-revision")
