"""How old debts are: what is open by days overdue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum, TextChoices
from django.utils.translation import gettext_lazy as _

from shop.billing.models import Invoice

DUE = F("total_incl_tax") - F("credited_incl_tax") - F("paid_incl_tax")


class Age(TextChoices):
    """Days since an invoice was due."""

    CURRENT = "current", _("Not due yet")
    MONTH = "30", _("1–30 days")
    TWO_MONTHS = "60", _("31–60 days")
    THREE_MONTHS = "90", _("61–90 days")
    OLDER = "older", _("Over 90 days")

    def within(self, on: date) -> Q:
        """Return the condition for invoices of this age on a day."""
        first, last = _DAYS[self]
        found = Q()
        if first is not None:
            found &= Q(due_on__lte=on - timedelta(days=first))
        if last is not None:
            found &= Q(due_on__gte=on - timedelta(days=last))
        return found


_DAYS: dict[str, tuple[int | None, int | None]] = {
    Age.CURRENT: (None, 0),
    Age.MONTH: (1, 30),
    Age.TWO_MONTHS: (31, 60),
    Age.THREE_MONTHS: (61, 90),
    Age.OLDER: (91, None),
}


@dataclass(frozen=True, slots=True)
class Aged:
    """What is open in one currency, by age."""

    currency: str
    by_age: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.by_age.values(), Decimal(0))

    @property
    def overdue(self) -> Decimal:
        return self.total - self.by_age[Age.CURRENT]

    @property
    def columns(self) -> list[tuple[str, Decimal]]:
        return [(str(Age(age).label), amount) for age, amount in self.by_age.items()]


def aged(invoices: QuerySet[Invoice], *, on: date) -> list[Aged]:
    """Return what is left to pay of the open ones, a row for each currency. One query."""
    sums = {f"age_{age.value}": Sum(DUE, filter=age.within(on), default=Decimal(0)) for age in Age}
    rows: Iterable[Any] = (
        invoices.filter(state=Invoice.State.OPEN).order_by("currency").values("currency").annotate(**sums)
    )
    return [Aged(row["currency"], {age: row[f"age_{age.value}"] for age in Age}) for row in rows]
