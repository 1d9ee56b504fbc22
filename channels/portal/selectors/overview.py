"""The front page's figures: months, and what renews soon."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from channels.commissions.models import Accrual
from channels.core.periods import Month, months_between
from channels.journeys.models import Relationship, SubscriptionProfile
from channels.partners.models import ChannelPartner
from channels.portal.selectors.orders import standing_accruals

RENEWAL_DAYS = 90
State = Accrual.State
# How far a commission has come, in three steps.
WAITING, DUE, PAID = "waiting", "due", "paid"
STEP_OF_STATE = {
    State.REVIEW: WAITING,
    State.HELD: WAITING,
    State.PAYABLE: DUE,
    State.STATED: DUE,
    State.PAYING: DUE,
    State.PAID: PAID,
    State.REVERSED: WAITING,  # sums to nothing
}


@dataclass(slots=True)
class MonthOfEarnings:
    """What the commissions of a month are worth today: what was taken back later is taken off the month it was
    earned in, so that no month is negative and all months together are what was earned."""

    month: Month
    steps: dict[str, int] = field(default_factory=dict)

    @property
    def total_minor(self) -> int:
        return sum(self.steps.values())


def months(partner: ChannelPartner, *, currency: str, now: datetime, count: int = 12) -> list[MonthOfEarnings]:
    """Return the last so many months, this one included, empty ones too; one query."""
    last = Month.of(now).shift(1)
    first = last.shift(-count)
    rows = (
        standing_accruals(partner)
        .filter(currency=currency)
        .annotate(since=Coalesce("reverses__accrued_at", "accrued_at"))
        .filter(since__gte=first.start, since__lt=last.start)
        .annotate(month=TruncMonth("since", tzinfo=UTC))
        .values_list("month", "stands")
        .annotate(total=Sum("amount_minor"))
    )
    found = {month: MonthOfEarnings(month) for month in months_between(first, last)}
    for month, state, total in rows:
        steps, step = found[Month.of(month)].steps, STEP_OF_STATE[state]
        steps[step] = steps.get(step, 0) + total
    return list(found.values())


def earned(partner: ChannelPartner) -> dict[str, int]:
    """Return what was earned in all, by currency."""
    rows = Accrual.objects.filter(partner=partner).order_by("currency").values_list("currency")
    return dict(rows.annotate(total=Sum("amount_minor")))


def running(partner: ChannelPartner, *, at: datetime) -> QuerySet[Relationship]:
    """Return the partner's relationships that stand at a moment."""
    return Relationship.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at),
        Q(end__isnull=True) | Q(end__at__gt=at),
        partner=partner,
        valid_from__lte=at,
    )


def renewals(
    partner: ChannelPartner, *, now: datetime, days: int | None = RENEWAL_DAYS
) -> QuerySet[SubscriptionProfile]:
    """Return the subscriptions that renew within so many days, where the partner looks after the renewals."""
    stewarded = running(partner, at=now).filter(role=Relationship.Role.RENEWAL_STEWARD)
    today: date = now.astimezone(UTC).date()
    found = SubscriptionProfile.objects.filter(
        company__in=stewarded.values("company"), status="active", renews_on__gte=today
    )
    if days is not None:
        found = found.filter(renews_on__lt=today + timedelta(days=days))
    return found.select_related("company").order_by("renews_on", F("value_minor").desc(), "pk")
