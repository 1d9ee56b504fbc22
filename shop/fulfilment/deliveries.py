"""Record that an order was delivered; the hold of its commission runs from that day."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Sum
from oscar.apps.order.models import ShippingEvent, ShippingEventQuantity, ShippingEventType

from channels import api
from channels.contracts import OrderEventFacts, OrderEventKind
from shop.forks.order.models import Order
from shop.fulfilment.errors import NotDeliverable
from shop.fulfilment.models import Shipment
from shop.fulfilment.services import leaving

CODE = "delivered"


def event_type() -> ShippingEventType:
    found, _created = ShippingEventType.objects.get_or_create(code=CODE, defaults={"name": "Delivered"})
    return found


@transaction.atomic
def deliver(*, order_id: int, at: datetime, now: datetime, by: User | None = None) -> bool:
    """Record that everything not delivered yet was, at that moment. False when nothing was left.

    What never left as a shipment leaves with it, stock included. Raises NotDeliverable, and Withheld for an order that
    may not leave.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if not order.date_placed <= at <= now:
        raise NotDeliverable(order.number)
    open_units = left(order)
    leaving.leave_rest(order)
    Shipment.objects.filter(order=order, delivered_at=None, shipped_at__lte=at).update(delivered_at=at)
    record(order, open_units, at=at, by=by)
    return bool(open_units)


def record(order: Order, units: Mapping[int, int], *, at: datetime, by: User | None = None) -> None:
    """Write down that so many units (by line pk) were delivered, and tell channels when they were the last ones."""
    if units:
        event = ShippingEvent.objects.create(order=order, event_type=event_type(), notes=by.email if by else "")
        ShippingEvent.objects.filter(pk=event.pk).update(date_created=at)  # Oscar's own field is the moment of entry
        ShippingEventQuantity.objects.bulk_create(
            ShippingEventQuantity(event=event, line_id=line, quantity=quantity) for line, quantity in units.items()
        )
    tell(order)


def units_of(shipment: Shipment) -> dict[int, int]:
    """Return the units of a shipment by line pk, as far as they were not recorded as delivered line by line."""
    open_units = left(shipment.order)
    rows = shipment.lines.values_list("line_id", "quantity")
    return {pk: units for pk, quantity in rows if (units := min(quantity, open_units.get(pk, 0)))}


def tell(order: Order) -> bool:
    """Tell channels once everything is delivered; again changes nothing. Parts on their way keep the hold open."""
    if left(order):
        return False
    api.record_order_event(
        OrderEventFacts(
            key=f"delivered:{order.number}",
            order_number=order.number,
            kind=OrderEventKind.DELIVERED,
            at=delivered_at(order) or order.date_placed,
        )
    )
    return True


def delivered_at(order: Order) -> datetime | None:
    """Return when the last part was delivered; None while something is on its way."""
    if left(order):
        return None
    latest: datetime | None = ShippingEvent.objects.filter(order=order, event_type__code=CODE).aggregate(
        at=Max("date_created")
    )["at"]
    return latest


def left(order: Order) -> dict[int, int]:
    """Return the units that are not delivered, by line pk; lines that are whole are not in it."""
    events = ShippingEventQuantity.objects.filter(event__order=order, event__event_type__code=CODE).order_by()
    delivered = dict(events.values_list("line").annotate(total=Sum("quantity")))
    lines = order.lines.values_list("pk", "quantity")
    return {pk: units for pk, quantity in lines if (units := quantity - delivered.get(pk, 0))}
