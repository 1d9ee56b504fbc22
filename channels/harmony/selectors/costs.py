"""The facts of the cost of selling, in four queries that read what bears on the period, not the whole past."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from channels.commissions.models import Accrual
from channels.harmony.engine import costs as engine
from channels.harmony.models import CostRate
from channels.journeys.models import OrderRecord, Touchpoint
from channels.journeys.selectors.costs import touch_costs

ORDER = ("pk", "company_id", "channel", "cycle", "currency", "net_minor", "placed_at")


def cost_of_selling(*, start: datetime, end: datetime) -> engine.Report:
    """Return what was spent on selling in [start, end): orders and their fees by the day they were placed, commission
    by the day it was booked, touches by the day they happened."""
    orders = [engine.OrderFact(*row) for row in _orders(start, end)]
    booked = _booked(start, end).values_list("order", "currency").annotate(total=Sum("amount_minor"))
    touches = [
        engine.TouchFact(
            at=touch.at,
            company=touch.company_id,
            kind=touch.kind,
            medium=touch.medium,
            cost_minor=touch.cost_minor,
            currency=touch.currency,
        )
        for touch in touch_costs(since=start, until=end)
    ]
    rates = [
        engine.RateFact(
            row.pk, row.kind, row.channel, row.rate_bp, row.flat_minor, row.currency, row.valid_from, row.valid_to
        )
        for row in CostRate.objects.all()
    ]
    commissions = [engine.CommissionFact(*row) for row in booked]
    return engine.cost_of_selling(orders, touches, commissions, rates, start=start, end=end)


def rates() -> QuerySet[CostRate]:
    return CostRate.objects.select_related("recorded_by").order_by("kind", "channel", "-valid_from", "-pk")


def _orders(start: datetime, end: datetime) -> QuerySet[OrderRecord, tuple[Any, ...]]:
    """Return the rows that the engine asks for, by time: each part is found by an index of its own."""
    every = OrderRecord.objects.order_by()
    placed = every.filter(placed_at__gte=start, placed_at__lt=end)
    earned = every.filter(pk__in=_booked(start, end).values("order"))
    touches = Touchpoint.objects.filter(at__gte=start, at__lt=end).order_by()
    touched = touches.annotate(whose=Coalesce(F("company_id"), F("visitor__company_id"))).values("whose")
    concerned = Q(company__in=placed.values("company")) | Q(company__in=earned.values("company"))
    firsts = _first_of_company(every).filter(concerned | Q(company__in=touched))
    following = _first_of_company(every.filter(placed_at__gte=end)).filter(company__in=touched)
    parts = [part.values_list(*ORDER) for part in (placed, earned, firsts, following)]
    return parts[0].union(*parts[1:]).order_by("placed_at", "pk")


def _first_of_company(orders: QuerySet[OrderRecord]) -> QuerySet[OrderRecord]:
    earlier = Q(placed_at__lt=OuterRef("placed_at")) | Q(placed_at=OuterRef("placed_at"), pk__lt=OuterRef("pk"))
    return orders.filter(~Exists(orders.filter(earlier, company=OuterRef("company"))))


def _booked(start: datetime, end: datetime) -> QuerySet[Accrual]:
    return Accrual.objects.filter(accrued_at__gte=start, accrued_at__lt=end).order_by()
