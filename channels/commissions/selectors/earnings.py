"""What one partner earned: totals, months, credited orders. Each takes the partner and shows nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMonth

from channels.commissions.models import Accrual, RatingRun
from channels.core.periods import Month, months_between
from channels.journeys.models import AttributionRun, Credit, OrderRecord
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class MonthEarned:
    """What a partner earned in a month, after what was taken back in it."""

    month: Month
    amount_minor: int


def earned_by_month(partner: ChannelPartner, *, currency: str, now: datetime, months: int = 12) -> list[MonthEarned]:
    """Return the last so many months, the current one included, empty ones too."""
    last = Month.of(now).shift(1)
    first = last.shift(-months)
    rows = (
        Accrual.objects.filter(
            partner=partner, currency=currency, accrued_at__gte=first.start, accrued_at__lt=last.start
        )
        .order_by()
        .annotate(month=TruncMonth("accrued_at"))
        .values_list("month")
        .annotate(amount=Sum("amount_minor"))
    )
    amounts = {Month.of(month): amount for month, amount in rows}
    return [MonthEarned(month, amounts.get(month, 0)) for month in months_between(first, last)]


def earned_by_type(partner: ChannelPartner, *, currency: str) -> dict[str, int]:
    rows = Accrual.objects.filter(partner=partner, currency=currency).order_by().values_list("type")
    return dict(rows.annotate(amount=Sum("amount_minor")).order_by("type"))


def credits_in_force() -> QuerySet[Credit]:
    """Return the credits of each order's latest done attribution."""
    done = AttributionRun.State.DONE
    later = AttributionRun.objects.filter(
        order=OuterRef("run__order"), state=done, sequence__gt=OuterRef("run__sequence")
    )
    return Credit.objects.filter(~Exists(later), run__state=done)


def credited_orders(
    partner: ChannelPartner,
    *,
    query: str = "",
    pool: str = "",
    state: str = "",
    placed_from: datetime | None = None,
    placed_before: datetime | None = None,
) -> QuerySet[OrderRecord]:
    """Return the orders that credit the partner, latest first, with `earned_minor` and `credited_bp`.

    `pool` and `state` filter by the partner's own credits and accruals; `query` by order number and line title.
    An order credited and not yet paid is there too, with nothing earned.
    """
    own = credits_in_force().filter(partner=partner, line__order=OuterRef("pk"))
    if pool:
        own = own.filter(pool=pool)
    accruals = Accrual.objects.filter(partner=partner, order=OuterRef("pk")).order_by()
    if pool:
        accruals = accruals.filter(type=pool.upper())
    orders = OrderRecord.objects.filter(Exists(own) | Exists(accruals)).select_related("company")
    if query:
        orders = orders.filter(Q(number__icontains=query) | Q(lines__title__icontains=query)).distinct()
    if state:
        orders = orders.filter(Exists(accruals.filter(state=state)))
    if placed_from:
        orders = orders.filter(placed_at__gte=placed_from)
    if placed_before:
        orders = orders.filter(placed_at__lt=placed_before)
    total = accruals.values("order").annotate(total=Sum("amount_minor")).values("total")
    share = own.order_by().values("line__order").annotate(most=Max("share_bp")).values("most")
    return orders.annotate(
        earned_minor=Coalesce(Subquery(total), 0), credited_bp=Coalesce(Subquery(share), 0)
    ).order_by("-placed_at", "-pk")


def accruals(partner: ChannelPartner, *, orders: Iterable[int] | None = None) -> QuerySet[Accrual]:
    """Return the partner's own accruals, latest first; of these orders, or of all."""
    found = Accrual.objects.filter(partner=partner)
    if orders is not None:
        found = found.filter(order_id__in=list(orders))
    return found.select_related("order", "line", "programme_version__programme").order_by("-accrued_at", "-pk")


def open_reviews() -> QuerySet[Accrual]:
    """Return what waits for a person, for the desk: accruals that may be self-referral."""
    return Accrual.objects.filter(state=Accrual.State.REVIEW).select_related("order", "line", "partner")


def failed_ratings() -> QuerySet[RatingRun]:
    """Return the runs that failed or wait, oldest first, for the desk."""
    waiting = RatingRun.objects.exclude(state=RatingRun.State.DONE).annotate(order_number=F("order__number"))
    return waiting.select_related("order", "event").order_by("created_at", "pk")
