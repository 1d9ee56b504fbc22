"""Shipments: what leaves together, with its tracking; each once, its stock once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from shop.forks.order.models import Order
from shop.fulfilment import deliveries
from shop.fulfilment.errors import NotDeliverable
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.fulfilment.services import leaving, letters

SHIPPED, PARTLY = "Shipped", "In progress"


@transaction.atomic
def ship(
    *,
    order_id: int,
    key: UUID,
    quantities: Mapping[int, int],
    carrier: str,
    tracking_number: str = "",
    tracking_url: str = "",
    at: datetime,
    by: Any = None,
) -> Shipment:
    """Send units (by line pk) of an order, take them out of the stock, and write to those who wait for them.

    The same `key` again returns the first shipment and changes nothing. Raises NotShippable.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if existing := Shipment.objects.filter(key=key, order=order).first():
        return existing
    going = leaving.leave(order, quantities)
    last = Shipment.objects.filter(order=order).aggregate(last=Max("number"))["last"] or 0
    shipment = Shipment.objects.create(
        order=order,
        key=key,
        number=last + 1,
        carrier=carrier,
        tracking_number=tracking_number,
        tracking_url=tracking_url,
        shipped_at=at,
        shipped_by=by,
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line=line, quantity=units) for line, units in going.items()
    )
    is_whole = not any(leaving.left_to_ship(order).values())
    status = SHIPPED if is_whole else PARTLY
    if status in order.available_statuses():
        order.set_status(status)
    letters.tell_shipped(shipment, is_whole=is_whole)
    return shipment


@transaction.atomic
def arrive(*, shipment_id: int, at: datetime, now: datetime, by: Any = None) -> bool:
    """Record that a shipment was delivered; channels hears of it with the last part. False when it was known already.

    Raises NotDeliverable for a day before the shipment or in the future.
    """
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    order = Order.objects.select_for_update().get(pk=order_id)
    shipment = Shipment.objects.select_for_update().get(pk=shipment_id)
    if shipment.delivered_at:
        return False
    if not shipment.shipped_at <= at <= now:
        raise NotDeliverable(str(shipment))
    shipment.delivered_at = at
    shipment.save(update_fields=["delivered_at"])
    deliveries.record(order, deliveries.units_of(shipment), at=at, by=by)
    is_on_its_way = Shipment.objects.filter(order=order, delivered_at=None).exists()
    if not is_on_its_way and not any(leaving.left_to_ship(order).values()):
        deliveries.record(order, deliveries.left(order), at=at, by=by)  # what no shipment brings, such as a licence
    return True
