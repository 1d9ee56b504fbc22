"""Which companies meet a rule: a constant number of queries, and none for what the rule does not ask."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from channels import api
from channels.contracts import to_minor
from shop.buying.models import PurchaseDetails
from shop.catalogue.engine.terms import add_months
from shop.companies.models import Company
from shop.forks.order.models import Order
from shop.returns.models import TakeBackLine
from shop.segments.engine.conditions import CompanyFacts, Conditions

ASKED_AT_ONCE = 5000


def matching(conditions: Conditions, *, at: datetime, company_id: int | None = None) -> set[int]:
    """Return the ids of the companies that meet the rule at a moment, or of this one if it does."""
    return {company.id for company in facts(conditions, at=at, company_id=company_id) if conditions.hold_for(company)}


def facts(conditions: Conditions, *, at: datetime, company_id: int | None = None) -> list[CompanyFacts]:
    """Return what the rule asks of each company that its plain columns do not rule out already."""
    rows = _candidates(conditions)
    if company_id is not None:
        rows = rows.filter(pk=company_id)
    found = list(rows)
    ids = [company.pk for company in found]
    spent = _spent(ids, months=conditions.spent_months, at=at) if conditions.spent_minor else {}
    asks_partner = conditions.channel or conditions.partner
    partners = _partners([str(company.key) for company in found], at=at) if asks_partner else {}
    return [
        CompanyFacts(
            id=company.pk,
            country=company.country,
            segment=company.segment,
            status=company.status,
            registered_on=company.created_at.date(),
            acquired=conditions.acquired,
            spent_minor=to_minor(spent.get(company.pk, Decimal(0)), settings.OSCAR_DEFAULT_CURRENCY),
            partner=partners.get(str(company.key), ""),
        )
        for company in found
    ]


def _candidates(conditions: Conditions) -> QuerySet[Company]:
    rows = Company.objects.order_by("pk").only("pk", "key", "country", "segment", "status", "created_at")
    if conditions.countries:
        rows = rows.filter(country__in=conditions.countries)
    if conditions.segments:
        rows = rows.filter(segment__in=conditions.segments)
    if conditions.statuses:
        rows = rows.filter(status__in=conditions.statuses)
    if conditions.acquired:
        first = PurchaseDetails.objects.filter(company=OuterRef("pk")).order_by("order__date_placed", "order_id")
        rows = rows.annotate(acquired=Subquery(first.values("channel")[:1])).filter(acquired=conditions.acquired)
    return rows


def _spent(company_ids: Sequence[int], *, months: int, at: datetime) -> dict[int, Decimal]:
    """Net goods ordered in the window in the shop's currency, less what was taken back of these orders."""
    since = add_months(at.date(), -months)
    window = {
        "currency": settings.OSCAR_DEFAULT_CURRENCY,
        "date_placed__date__gte": since,
        "date_placed__lte": at,
        "purchase__company__in": company_ids,
    }
    found: dict[int, Decimal] = {}
    ordered = Order.objects.filter(**window).values("purchase__company")
    for row in ordered.annotate(net=Sum(F("total_excl_tax") - F("shipping_excl_tax"))).order_by():
        found[row["purchase__company"]] = row["net"]
    orders = Order.objects.filter(**window).values("pk")
    taken = TakeBackLine.objects.filter(take_back__order__in=orders).values("take_back__order__purchase__company")
    for row in taken.annotate(net=Sum("net")).order_by():
        found[row["take_back__order__purchase__company"]] -= row["net"]
    return found


def _partners(company_keys: Sequence[str], *, at: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(company_keys), ASKED_AT_ONCE):
        found |= api.partners_of_record(company_keys=company_keys[start : start + ASKED_AT_ONCE], at=at)
    return found
