"""python -m bench.inside.check: what the orders left behind, as JSON; Accord's channel records are waited for."""

import json
import time

from bench.inside import which

which.shop()

from django.db.models import F, Sum  # noqa: E402
from oscar.apps.catalogue.models import Product  # noqa: E402
from oscar.apps.order.models import Line, Order  # noqa: E402
from oscar.apps.partner.models import StockRecord  # noqa: E402

PATIENCE = 90


def facts() -> dict[str, int]:
    """Count the orders, the units ordered and allocated, and where the two disagree or exceed what there was."""
    ordered = dict(
        Line.objects.values_list("stockrecord_id")
        .annotate(units=Sum("quantity"))
        .values_list("stockrecord_id", "units")
    )
    allocated = dict(StockRecord.objects.filter(num_allocated__gt=0).values_list("pk", "num_allocated"))
    oversold = StockRecord.objects.filter(num_allocated__gt=F("num_in_stock"))
    scarce = Line.objects.filter(product=Product.objects.order_by("-pk").first())
    return {
        "orders": Order.objects.count(),
        "stock records wrong": sum(ordered.get(pk) != allocated.get(pk) for pk in {*ordered, *allocated}),
        "oversold": oversold.aggregate(units=Sum(F("num_allocated") - F("num_in_stock")))["units"] or 0,
        "scarce sold": scarce.aggregate(units=Sum("quantity"))["units"] or 0,
        "orders without lines": Order.objects.filter(lines=None).count(),
    }


def channel_facts() -> dict[str, int]:
    """Count what channels made of the orders, once nothing is pending any more."""
    from channels.journeys.models import AttributionRun, Credit, OrderRecord
    from shop.buying.models import CheckoutAttempt, PurchaseDetails

    deadline = time.monotonic() + PATIENCE
    while AttributionRun.objects.filter(state="pending").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    numbers = set(Order.objects.values_list("number", flat=True))
    recorded = set(OrderRecord.objects.values_list("number", flat=True))
    done = set(AttributionRun.objects.filter(state="done").values_list("order__number", flat=True))
    credited = set(Credit.objects.values_list("run__order__number", flat=True))
    return {
        "orders not recorded": len(numbers - recorded),
        "orders not attributed": len(numbers - done),
        "orders credited": len(numbers & credited),
        "orders without details": len(numbers) - PurchaseDetails.objects.count(),
        "attempts placed": CheckoutAttempt.objects.filter(state="placed").count(),
    }


if __name__ == "__main__":
    found = facts()
    if which.IS_ACCORD:
        found |= channel_facts()
    print(json.dumps(found))
