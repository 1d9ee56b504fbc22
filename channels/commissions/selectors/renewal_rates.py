"""How many terms were renewed: by customers with a steward, and by those held out without one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from channels.commissions.engine.renewals import is_held_out
from channels.core.money import BASIS, divide_half_up
from channels.core.periods import add_months
from channels.journeys.models import OrderLine, Relationship

WINDOW = timedelta(days=365)
LONGEST_TERM = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class _Term:
    company: str
    company_id: int
    end: date
    is_renewed: bool


@dataclass(frozen=True, slots=True)
class RenewalRates:
    """The terms that ended in the 365 days up to an order, for the companies held out and for those of stewards."""

    terms: Sequence[_Term]
    stewards: Mapping[int, Sequence[tuple[int, date, date | None]]]

    @classmethod
    def read(cls, *, until: datetime, partner_ids: Iterable[int]) -> "RenewalRates":
        """Read what orders up to `until` ask, in two queries."""
        stewards: dict[int, list[tuple[int, date, date | None]]] = {}
        rows = Relationship.objects.filter(partner__in=set(partner_ids), role=Relationship.Role.RENEWAL_STEWARD)
        for partner_id, company_id, start, end, ended in rows.values_list(
            "partner_id", "company_id", "valid_from", "valid_to", "end__at"
        ):
            last = min(filter(None, (end, ended)), default=None)
            period = (company_id, _day(start), _day(last) if last else None)
            stewards.setdefault(partner_id, []).append(period)
        return cls(_terms(until), stewards)

    def of_steward(self, partner_id: int, *, on: date) -> int:
        """Return the renewal rate of the companies that a steward looked after when their terms ended, in bp."""
        periods = self.stewards.get(partner_id, ())
        return _rate(
            term
            for term in self._ended(on)
            if any(
                company_id == term.company_id and start <= term.end and (end is None or term.end < end)
                for company_id, start, end in periods
            )
        )

    def baseline(self, *, on: date, holdout_bp: int) -> int:
        """Return the renewal rate of the companies held out, in bp; 0 while none of their terms ended."""
        return _rate(term for term in self._ended(on) if is_held_out(term.company, holdout_bp))

    def _ended(self, on: date) -> Iterable[_Term]:
        """Terms that ended in the window before a day; the order's own term ends on it and is left out."""
        return (term for term in self.terms if on - WINDOW <= term.end < on)


def _terms(until: datetime) -> list[_Term]:
    rows = OrderLine.objects.exclude(subscription_key="").filter(
        order__placed_at__gt=until - WINDOW - LONGEST_TERM, order__placed_at__lte=until
    )
    found = list(
        rows.values_list(
            "subscription_key", "order__cycle", "order__company_id", "order__company__key", "order__placed_at",
            "term_months",
        )
    )  # fmt: skip
    renewed = {(key, cycle) for key, cycle, *_ in found}
    return [
        _Term(company, company_id, add_months(_day(placed_at), months or 1), (key, cycle + 1) in renewed)
        for key, cycle, company_id, company, placed_at, months in found
    ]


def _rate(terms: Iterable[_Term]) -> int:
    ended = [term.is_renewed for term in terms]
    return divide_half_up(sum(ended) * BASIS, len(ended)) if ended else 0


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
