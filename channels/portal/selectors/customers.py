"""The companies that a partner stands for, or earned on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Lower

from channels.journeys.models import CompanyProfile, Relationship, SubscriptionProfile
from channels.partners.models import ChannelPartner
from channels.portal.selectors.orders import OrderFilter, credited_orders
from channels.portal.selectors.overview import RENEWAL_DAYS, running


@dataclass(frozen=True, slots=True)
class Standing:
    """A role that the partner has, or had, at a company; `pk` names its relationship.

    `is_accepted` is the word of a renewal steward that it looks after the company.
    """

    pk: int
    role: str
    since: datetime
    until: datetime | None
    is_running: bool
    is_accepted: bool = False

    @property
    def may_accept(self) -> bool:
        return self.is_running and not self.is_accepted and self.role == Relationship.Role.RENEWAL_STEWARD


@dataclass(slots=True)
class Customer:
    """A company from the partner's side; totals count the orders that credit the partner, and no others."""

    company: CompanyProfile
    roles: list[Standing] = field(default_factory=list)
    orders: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    renewals: list[SubscriptionProfile] = field(default_factory=list)

    @property
    def is_current(self) -> bool:
        return any(role.is_running for role in self.roles)

    @property
    def since(self) -> datetime | None:
        moments = [role.since for role in self.roles]
        return min([*moments, *([self.first_order_at] if self.first_order_at else [])], default=None)


@dataclass(frozen=True, slots=True)
class Quotas:
    """Numbers alone: `roles` are (role, companies) of those that run today, `renewals` those of the next days."""

    customers: int
    current: int
    orders: int
    renewals: int
    roles: list[tuple[str, int]]


def customers(partner: ChannelPartner, *, query: str = "") -> QuerySet[CompanyProfile]:
    """Return the companies where the partner has or had a role, or is credited for an order, by name."""
    credited = credited_orders(partner, OrderFilter()).order_by().values("company")
    of_role = Relationship.objects.filter(partner=partner).values("company")
    found = CompanyProfile.objects.filter(Q(pk__in=of_role) | Q(pk__in=credited), name__icontains=query)
    return found.order_by(Lower("name"), "pk")


def quotas(partner: ChannelPartner, *, now: datetime) -> Quotas:
    """Return the partner's numbers, in five queries."""
    current = running(partner, at=now).order_by()
    today = now.astimezone(UTC).date()
    renewing = SubscriptionProfile.objects.filter(
        company__in=current.values("company"), status="active", renews_on__gte=today,
        renews_on__lt=today + timedelta(days=RENEWAL_DAYS),
    )  # fmt: skip
    return Quotas(
        customers=customers(partner).count(),
        current=current.values("company").distinct().count(),
        orders=credited_orders(partner, OrderFilter()).count(),
        renewals=renewing.count(),
        roles=list(current.values_list("role").annotate(companies=Count("pk")).order_by("role")),
    )


def standing(partner: ChannelPartner, companies: Iterable[CompanyProfile], *, now: datetime) -> list[Customer]:
    """Return these customers with their roles, orders and renewals, in three queries.

    Renewals only where the partner has a role today.
    """
    found = {company.pk: Customer(company) for company in companies}
    rows = Relationship.objects.filter(partner=partner, company__in=found).select_related("end", "acceptance")
    for row in rows.order_by("valid_from", "pk"):
        found[row.company_id].roles.append(_standing(row, now))
    _add_orders(partner, found)
    current = [pk for pk, customer in found.items() if customer.is_current]
    renewing = SubscriptionProfile.objects.filter(
        company__in=current, status="active", renews_on__gte=now.astimezone(UTC).date()
    )
    for subscription in renewing.order_by("renews_on", "pk"):
        found[subscription.company_id].renewals.append(subscription)
    return list(found.values())


def _add_orders(partner: ChannelPartner, found: dict[int, Customer]) -> None:
    orders = credited_orders(partner, OrderFilter()).filter(company__in=found).order_by()
    sums = orders.values_list("company_id", "currency").annotate(
        count=Count("pk"), total=Sum("net_minor"), first=Min("placed_at"), last=Max("placed_at")
    )
    for company_id, currency, count, total, first, last in sums:
        customer = found[company_id]
        customer.orders += count
        customer.totals[currency] = total
        customer.first_order_at = min(filter(None, (customer.first_order_at, first)))
        customer.last_order_at = max(filter(None, (customer.last_order_at, last)))


def _standing(row: Relationship, now: datetime) -> Standing:
    ends = [moment for moment in (row.valid_to, row.end.at if hasattr(row, "end") else None) if moment]
    until = min(ends, default=None)
    is_running = row.valid_from <= now and (until is None or now < until)
    return Standing(row.pk, row.role, row.valid_from, until, is_running, hasattr(row, "acceptance"))
