"""The orders that credit a partner, with what it earned on each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from channels.commissions.models import Accrual
from channels.commissions.selectors.earnings import credits_in_force
from channels.commissions.selectors.payment import paid_since
from channels.commissions.selectors.remaining import remaining
from channels.journeys.models import CompanyProfile, Credit, OrderEvent, OrderRecord
from channels.partners.models import ChannelPartner
from channels.portal.wording import CANCELLED, NO_RULE, STATES, UNEARNED, WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What a list of credited orders is narrowed to; empty values ask nothing. Times are half-open."""

    query: str = ""
    type: str = ""
    state: str = ""
    company_id: int | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None


@dataclass(slots=True)
class OrderLedger:
    """One partner's side of one order: its credits in force, and its accruals in the order in which they came."""

    order: OrderRecord
    credits: list[Credit] = field(default_factory=list)
    accruals: list[Accrual] = field(default_factory=list)
    events: list[OrderEvent] = field(default_factory=list)  # read where nothing is earned

    @property
    def earned_minor(self) -> int:
        return sum(accrual.amount_minor for accrual in self.accruals)

    @property
    def types(self) -> list[str]:
        found = {accrual.type for accrual in self.accruals} | {credit.pool.upper() for credit in self.credits}
        return sorted(found)

    @property
    def states(self) -> list[str]:
        """The states that the commission stands in, the earliest first; what was taken back follows its origin."""
        if not self.accruals:
            return [self.why_unearned]
        found = {standing(accrual) for accrual in self.accruals}
        return [state for state in STATES if state in found]

    @property
    def why_unearned(self) -> str:
        """Why a credit earned nothing: all of it cancelled, paid without a rule that fits, or not paid yet."""
        left = remaining([credit.line for credit in self.credits], self.events)
        if left and not any(line.net_minor for line in left.values()):
            return CANCELLED
        return NO_RULE if paid_since(self.events) else WAITING

    @property
    def shares_bp(self) -> tuple[int, int] | None:
        """The smallest and the largest share of a line; None where only history is left."""
        shares = [credit.share_bp for credit in self.credits]
        return (min(shares), max(shares)) if shares else None


def standing(accrual: Accrual) -> str:
    """Return the state in which this amount counts: an amount taken back counts where it was earned."""
    return accrual.reverses.state if accrual.reverses else accrual.state


def standing_accruals(partner: ChannelPartner) -> QuerySet[Any]:
    """Return the partner's accruals with `stands`, as `standing` tells it."""
    stands = Coalesce("reverses__state", "state", output_field=CharField())
    return Accrual.objects.filter(partner=partner).annotate(stands=stands).order_by()


def credited_orders(partner: ChannelPartner, wanted: OrderFilter) -> QuerySet[OrderRecord]:
    """Return the orders that credit the partner, latest first.

    The search looks at order numbers alone: what a partner may not read, it must not be able to search for either.
    Both sets are found once, and not anew for each order: a partner has many.
    """
    credits, accruals = credits_in_force().filter(partner=partner), standing_accruals(partner)
    if wanted.type:
        credits, accruals = credits.filter(pool=wanted.type.lower()), accruals.filter(type=wanted.type)
    if wanted.state == UNEARNED:
        found = OrderRecord.objects.filter(pk__in=_orders(credits, "run__order"))
        found = found.exclude(pk__in=_orders(accruals, "order"))
    elif wanted.state:
        found = OrderRecord.objects.filter(pk__in=_orders(accruals.filter(stands=wanted.state), "order"))
    else:
        found = OrderRecord.objects.filter(
            Q(pk__in=_orders(credits, "run__order")) | Q(pk__in=_orders(accruals, "order"))
        )
    asked = {
        "number__icontains": wanted.query or None,
        "company_id": wanted.company_id,
        "placed_at__gte": wanted.placed_from,
        "placed_at__lt": wanted.placed_before,
    }
    found = found.filter(**{name: value for name, value in asked.items() if value is not None})
    return found.select_related("company").order_by("-placed_at", "-pk")


def ledgers(
    partner: ChannelPartner, orders: Sequence[OrderRecord], wanted: OrderFilter, *, explained: bool = False
) -> list[OrderLedger]:
    """Return the partner's side of each order, in three queries, of the type and state that are looked at.

    `explained` brings each accrual's rating with it, which is large.
    """
    found = {order.pk: OrderLedger(order) for order in orders}
    accruals = (
        _narrowed(standing_accruals(partner), wanted)
        .filter(order__in=found)
        .select_related("line", "reverses", "credit", "programme_version__programme")
        .order_by("pk")
    )
    accruals = accruals.select_related("run") if explained else accruals
    for accrual in accruals:
        found[accrual.order_id].accruals.append(accrual)
    credits = credits_in_force().filter(partner=partner, line__order__in=found).select_related("line")
    if wanted.type:
        credits = credits.filter(pool=wanted.type.lower())
    for credit in credits.order_by("line__position", "pool", "pk"):
        found[credit.line.order_id].credits.append(credit)
    bare = [order_id for order_id, ledger in found.items() if not ledger.accruals]
    for event in OrderEvent.objects.filter(order__in=bare):
        found[event.order_id].events.append(event)
    return list(found.values())


def totals(partner: ChannelPartner, wanted: OrderFilter) -> list[tuple[str, int]]:
    """Return (currency, earned) over all that is found, not only the page; one query."""
    if wanted.state == UNEARNED:
        return []
    orders = credited_orders(partner, wanted).order_by().values("pk")
    accruals = _narrowed(standing_accruals(partner), wanted).filter(order__in=Subquery(orders))
    return list(accruals.order_by("currency").values_list("currency").annotate(total=Sum("amount_minor")))


def customers_present(partner: ChannelPartner, *, limit: int = 500) -> Iterable[CompanyProfile]:
    """Return the companies of the partner's credited orders, by name."""
    orders = credited_orders(partner, OrderFilter()).order_by().values("company_id")
    return CompanyProfile.objects.filter(pk__in=orders).order_by("name", "pk")[:limit]


def _orders(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    return rows.order_by().values(path)


def _narrowed(accruals: QuerySet[Any], wanted: OrderFilter) -> QuerySet[Any]:
    if wanted.type:
        accruals = accruals.filter(type=wanted.type)
    if wanted.state and wanted.state != UNEARNED:
        accruals = accruals.filter(stands=wanted.state)
    return accruals
