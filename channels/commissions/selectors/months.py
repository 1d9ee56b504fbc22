"""Months: which come next, what keeps one from being closed, and what closing it would state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Min, OuterRef, QuerySet, Sum

from channels.commissions.models import (
    Accrual,
    ClosedMonth,
    LedgerEntry,
    LedgerHead,
    LedgerPosting,
    RatingRun,
    Statement,
)
from channels.commissions.selectors import conversions
from channels.commissions.selectors.balances import STATED_ACCOUNTS
from channels.commissions.selectors.freezes import not_frozen
from channels.core.periods import Month, months_between
from channels.journeys.models import AttributionRun
from channels.partners.models import ChannelPartner

# So long after its end the clock waits with a month whose facts are not all rated; then it closes without them.
GRACE = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Blocker:
    """Something of the month that is not on the books yet: its kind, and how many there are."""

    kind: str  # attribution | rating | rate
    count: int


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a partner's statement would come to, were the month closed now."""

    partner: ChannelPartner
    currency: str
    opening_minor: int
    movement_minor: int

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.movement_minor


def open_months(*, now: datetime) -> Iterator[Month]:
    """Return the months that ended by `now` and are not closed, oldest first; none before the first fact."""
    first = first_open()
    return iter(()) if first is None else months_between(first, Month.of(now))


def first_open() -> Month | None:
    """Return the month that is closed next; None before the first fact."""
    head = LedgerHead.objects.filter(pk=1).first()
    if head and head.closed_until:
        return Month.of(head.closed_until)
    waiting = RatingRun.objects.exclude(state=RatingRun.State.DONE)
    starts = (
        LedgerPosting.objects.aggregate(at=Min("booked_at"))["at"],
        waiting.aggregate(at=Min("created_at"))["at"],
    )
    first = min((start for start in starts if start), default=None)
    return Month.of(first) if first else None


def blockers(month: Month) -> list[Blocker]:
    """Return what keeps the month's statements from being whole.

    What happened in it, or before, and is not rated would be booked in a later month; a balance without a rate would be
    carried over.
    """
    runs = RatingRun.objects.filter(created_at__lt=month.end).exclude(state=RatingRun.State.DONE)
    unfinished = AttributionRun.objects.exclude(state=AttributionRun.State.DONE)
    found = (
        Blocker(
            "attribution", unfinished.filter(order__placed_at__lt=month.end, order__in=runs.values("order")).count()
        ),
        Blocker("rating", runs.count()),
        Blocker("rate", conversions.missing(month, _about_to_move(month))),
    )
    return [row for row in found if row.count]


def _about_to_move(month: Month) -> Iterator[tuple[int, str]]:
    """What the closing will release; of no interest while every partner is paid as it earned."""
    due = not_frozen(Accrual.objects.filter(state=Accrual.State.HELD, reverses=None, hold_until__lt=month.end))
    yield from due.order_by().values_list("partner", "currency").distinct()


def closed_months() -> QuerySet[ClosedMonth]:
    return ClosedMonth.objects.select_related("closed_by").order_by("-starts_on")


def preview(month: Month) -> list[PreviewRow]:
    """Return each partner's movement: what is booked and not stated, and what the end of its hold will release."""
    moved: dict[tuple[int, str], int] = {}
    entries = LedgerEntry.objects.filter(
        account__in=STATED_ACCOUNTS, posting__booked_at__lt=month.end, statement_line__isnull=True
    ).order_by()
    for partner, currency, amount in entries.values_list("partner", "currency").annotate(total=Sum("amount_minor")):
        moved[partner, currency] = -amount
    due = not_frozen(Accrual.objects.filter(state=Accrual.State.HELD, reverses=None, hold_until__lt=month.end))
    earned = due.order_by().values_list("partner", "currency").annotate(total=Sum("amount_minor"))
    taken = Accrual.objects.filter(reverses__in=due).order_by().values_list("partner", "currency")
    for partner, currency, amount in [*earned, *taken.annotate(total=Sum("amount_minor"))]:
        moved[partner, currency] = moved.get((partner, currency), 0) + amount
    openings: dict[tuple[int, str], int] = {}
    own = Statement.objects.filter(partner=OuterRef("partner"), currency=OuterRef("currency"))
    later = own.filter(period_start__gt=OuterRef("period_start"))
    statements = Statement.objects.filter(~Exists(later), partner__in={partner for partner, _ in moved}).order_by()
    for partner, currency, closing in statements.values_list("partner", "currency", "closing_minor"):
        openings[partner, currency] = closing
    partners = ChannelPartner.objects.in_bulk({partner for partner, _ in moved})
    rows = [
        PreviewRow(partners[partner], currency, openings.get((partner, currency), 0), amount)
        for (partner, currency), amount in moved.items()
    ]
    return sorted(rows, key=lambda row: (row.partner.name, row.currency))
