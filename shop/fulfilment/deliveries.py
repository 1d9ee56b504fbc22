"""Record that an order was delivered; the hold of its commission runs from that day."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Sum
from oscar.apps.order.models import ShippingEvent, ShippingEventQuantity, ShippingEventType

from channels import api
from channels.contracts import OrderEventFacts, OrderEventKind
from shop.forks.order.models import Order

CODE = "delivered"


class NotDeliverable(Exception):
    """The day lies before the order, or in the future."""


def event_type() -> ShippingEventType:
    found, _created = ShippingEventType.objects.get_or_create(code=CODE, defaults={"name": "Delivered"})
    return found


@transaction.atomic
def deliver(*, order_id: int, at: datetime, now: datetime, by: User | None = None) -> bool:
    """Record that everything not delivered yet was, at that moment. False when nothing was left. Raises NotDeliverable."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if not order.date_placed <= at <= now:
        raise NotDeliverable(order.number)
    left = {line: quantity for line, quantity in _left(order).items() if quantity}
    if left:
        event = ShippingEvent.objects.create(order=order, event_type=event_type(), notes=by.email if by else "")
        ShippingEvent.objects.filter(pk=event.pk).update(date_created=at)  # Oscar's own field is the moment of entry
        ShippingEventQuantity.objects.bulk_create(
            ShippingEventQuantity(event=event, line_id=line, quantity=quantity) for line, quantity in left.items()
        )
    tell(order)
    return bool(left)


def tell(order: Order) -> bool:
    """Tell channels once everything is delivered; again changes nothing. Parts on their way keep the hold open."""
    if any(_left(order).values()):
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
    if any(_left(order).values()):
        return None
    latest: datetime | None = ShippingEvent.objects.filter(order=order, event_type__code=CODE).aggregate(
        at=Max("date_created")
    )["at"]
    return latest


def _left(order: Order) -> dict[int, int]:
    """Return what is not delivered of each line."""
    events = ShippingEventQuantity.objects.filter(event__order=order, event__event_type__code=CODE).order_by()
    delivered = dict(events.values_list("line").annotate(total=Sum("quantity")))
    return {pk: quantity - delivered.get(pk, 0) for pk, quantity in order.lines.values_list("pk", "quantity")}
