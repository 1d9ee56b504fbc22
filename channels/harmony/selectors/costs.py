"""The facts of the cost of selling, in four queries, however much there is."""

from datetime import datetime

from django.db.models import QuerySet, Sum

from channels.commissions.models import Accrual
from channels.harmony.engine import costs as engine
from channels.harmony.models import CostRate
from channels.journeys.models import OrderRecord
from channels.journeys.selectors.costs import touch_costs


def cost_of_selling(*, start: datetime, end: datetime) -> engine.Report:
    """Return what was spent on selling in [start, end): orders and their fees by the day they were placed, commission
    by the day it was booked, touches by the day they happened."""
    columns = ("pk", "company_id", "channel", "cycle", "currency", "net_minor", "placed_at")
    orders = [engine.OrderFact(*row) for row in OrderRecord.objects.order_by("placed_at", "pk").values_list(*columns)]
    booked = (
        Accrual.objects.filter(accrued_at__gte=start, accrued_at__lt=end)
        .order_by()
        .values_list("order", "currency")
        .annotate(total=Sum("amount_minor"))
    )
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
