"""The figures of the harmony dashboard for a period [start, end): each a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from channels.commissions.engine.disputes import OPEN_STATES
from channels.commissions.models import Dispute
from channels.commissions.selectors.earnings import credits_in_force
from channels.contracts import Channel
from channels.harmony.models import GuardCheck, GuardFinding
from channels.journeys.models import AttributionRun, CompanyProfile, Credit, OrderRecord

DONE = AttributionRun.State.DONE


@dataclass(frozen=True, slots=True)
class Territory:
    """Orders of one country and currency, and those bought directly."""

    country: str
    currency: str
    orders: int
    direct_orders: int
    net_minor: int
    direct_minor: int

    @property
    def direct_bp(self) -> int:
        return self.direct_minor * 10_000 // self.net_minor if self.net_minor else 0


@dataclass(frozen=True, slots=True)
class Accounts:
    """Companies that ordered, and those of them on whose orders nobody is credited."""

    ordered: int
    uncredited: int
    companies: Sequence[CompanyProfile]


@dataclass(frozen=True, slots=True)
class Undercuts:
    """Checks that would have hurt a partner, by outcome; and by how much those prevented would have, per currency."""

    by_outcome: dict[str, int]
    prevented_gaps: dict[str, int]

    @property
    def prevented(self) -> int:
        return self.by_outcome.get(GuardCheck.Outcome.BLOCKED, 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long something took; None without a case."""

    cases: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Disputes:
    """Disputes opened in the period, of how many credited orders; and how old the open ones are at its end."""

    opened: int
    credited_orders: int
    open: Waiting

    @property
    def rate_bp(self) -> int:
        return self.opened * 10_000 // self.credited_orders if self.credited_orders else 0


def direct_share(*, start: datetime, end: datetime) -> list[Territory]:
    direct = Q(channel=Channel.DIRECT)
    rows = (
        _orders(start, end)
        .order_by("country", "currency")
        .values_list("country", "currency")
        .annotate(
            orders=Count("pk"),
            direct_orders=Count("pk", filter=direct),
            net=Sum("net_minor"),
            direct=Sum("net_minor", filter=direct, default=0),
        )
    )
    return [Territory(*row) for row in rows]


def accounts(*, start: datetime, end: datetime, limit: int = 100) -> Accounts:
    """Say how many ordering companies have no credited order; list the largest `limit` names by the alphabet."""
    orders = _orders(start, end).order_by()
    ordered = CompanyProfile.objects.filter(pk__in=orders.values("company"))
    without = ordered.exclude(pk__in=_credited(orders).values("company"))
    return Accounts(ordered.count(), without.count(), list(without.order_by("name", "pk")[:limit]))


def undercuts(*, start: datetime, end: datetime) -> Undercuts:
    checks = GuardCheck.objects.filter(at__gte=start, at__lt=end).order_by()
    gaps = (
        GuardFinding.objects.filter(
            guard_check__at__gte=start, guard_check__at__lt=end, guard_check__outcome=GuardCheck.Outcome.BLOCKED
        )
        .order_by()
        .values_list("currency")
        .annotate(total=Sum("gap_minor"))
    )
    return Undercuts(dict(checks.values_list("outcome").annotate(total=Count("pk"))), dict(gaps))


def time_to_credit(*, start: datetime, end: datetime) -> Waiting:
    """From the order to its first attribution, for orders of the period on which somebody is credited."""
    runs = AttributionRun.objects.filter(
        Exists(Credit.objects.filter(run=OuterRef("pk"))),
        sequence=1,
        state=DONE,
        finished_at__isnull=False,
        order__placed_at__gte=start,
        order__placed_at__lt=end,
    )
    spans = runs.order_by().values_list(F("finished_at") - F("order__placed_at"), flat=True)
    return waiting(list(spans))


def disputes(*, start: datetime, end: datetime) -> Disputes:
    opened = Dispute.objects.filter(opened_at__gte=start, opened_at__lt=end).count()
    ages = [
        end - at
        for at in Dispute.objects.filter(state__in=OPEN_STATES, opened_at__lt=end).values_list("opened_at", flat=True)
    ]
    return Disputes(opened, _credited(_orders(start, end)).count(), waiting(ages))


def waiting(spans: Sequence[timedelta]) -> Waiting:
    """Return median and 90th percentile by nearest rank: both are spans that somebody waited."""
    ordered = sorted(max(span, timedelta(0)) for span in spans)
    if not ordered:
        return Waiting(0, None, None)
    return Waiting(len(ordered), _rank(ordered, 50), _rank(ordered, 90))


def _rank(ordered: Sequence[timedelta], percent: int) -> timedelta:
    return ordered[-(-len(ordered) * percent // 100) - 1]


def _credited(orders: QuerySet[OrderRecord]) -> QuerySet[OrderRecord]:
    """Return those of the orders on which somebody is credited today."""
    credits = credits_in_force().filter(run__order__in=orders.order_by().values("pk"))
    return orders.filter(pk__in=credits.order_by().values("run__order"))


def _orders(start: datetime, end: datetime) -> QuerySet[OrderRecord]:
    return OrderRecord.objects.filter(placed_at__gte=start, placed_at__lt=end)
