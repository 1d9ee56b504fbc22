"""What the books made of the payments that they were told of."""

from datetime import datetime

from django.db.models import OuterRef, Subquery, Sum

from channels.commissions.models import Accrual, RatingRun
from channels.contracts import OrderEventKind, PaidOrder
from channels.journeys.models import OrderEvent


def paid_orders(*, since: datetime, until: datetime) -> list[PaidOrder]:
    """Return the payments told from `since` until before `until`, each with the order's commission as it stands. One query."""
    of_order = Accrual.objects.filter(order=OuterRef("order")).order_by().values("order")
    rows = OrderEvent.objects.filter(kind=OrderEventKind.PAID.value, at__gte=since, at__lt=until)
    found = rows.annotate(commission=Subquery(of_order.annotate(sum=Sum("amount_minor")).values("sum")))
    return [
        PaidOrder(
            key=key,
            order_number=number,
            currency=currency,
            at=at,
            commission_minor=commission or 0,
            is_rated=state == RatingRun.State.DONE,
        )
        for key, number, currency, at, commission, state in found.order_by("at", "pk").values_list(
            "key", "order__number", "order__currency", "at", "commission", "rating_run__state"
        )
    ]
