"""The companies that a partner stands for, or earned on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Count, Max, Min, Sum

from channels.journeys.models import CompanyProfile, Relationship, SubscriptionProfile
from channels.partners.models import ChannelPartner
from channels.portal.selectors.orders import OrderFilter, credited_orders


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


def customers(partner: ChannelPartner, *, now: datetime) -> list[Customer]:
    """Return the partner's customers by name, in four queries. Renewals only where it has a role today."""
    found: dict[int, Customer] = {}
    rows = Relationship.objects.filter(partner=partner).select_related("company", "end", "acceptance")
    rows = rows.order_by("valid_from", "pk")
    for row in rows:
        customer = found.setdefault(row.company_id, Customer(row.company))
        customer.roles.append(_standing(row, now))
    _add_orders(partner, found)
    current = [pk for pk, customer in found.items() if customer.is_current]
    renewing = SubscriptionProfile.objects.filter(
        company__in=current, status="active", renews_on__gte=now.astimezone(UTC).date()
    )
    for subscription in renewing.order_by("renews_on", "pk"):
        found[subscription.company_id].renewals.append(subscription)
    return sorted(found.values(), key=lambda customer: (customer.company.name.casefold(), customer.company.pk))


def _add_orders(partner: ChannelPartner, found: dict[int, Customer]) -> None:
    orders = credited_orders(partner, OrderFilter()).order_by()
    sums = list(
        orders.values_list("company_id", "currency").annotate(
            count=Count("pk"), total=Sum("net_minor"), first=Min("placed_at"), last=Max("placed_at")
        )
    )
    companies = CompanyProfile.objects.in_bulk([row[0] for row in sums])
    for company_id, currency, count, total, first, last in sums:
        customer = found.setdefault(company_id, Customer(companies[company_id]))
        customer.orders += count
        customer.totals[currency] = total
        customer.first_order_at = min(filter(None, (customer.first_order_at, first)))
        customer.last_order_at = max(filter(None, (customer.last_order_at, last)))


def _standing(row: Relationship, now: datetime) -> Standing:
    ends = [moment for moment in (row.valid_to, row.end.at if hasattr(row, "end") else None) if moment]
    until = min(ends, default=None)
    is_running = row.valid_from <= now and (until is None or now < until)
    return Standing(row.pk, row.role, row.valid_from, until, is_running, hasattr(row, "acceptance"))
