"""What the staff dashboard records of an order."""

from django.db import transaction
from oscar.apps.order import processing

from shop.buying.services import letters
from shop.fulfilment import deliveries

SHIPPED = "Shipped"


class EventHandler(processing.EventHandler):
    @transaction.atomic
    def handle_shipping_event(self, order, event_type, lines, line_quantities, **kwargs):
        """Tell channels when this event makes the delivery whole: the hold of commissions runs from then."""
        event = super().handle_shipping_event(order, event_type, lines, line_quantities, **kwargs)
        if event_type.code == deliveries.CODE:
            deliveries.tell(order)
        return event

    def handle_order_status_change(self, order, new_status, note_msg=None):
        """Write to whoever waits for the goods once they have left."""
        super().handle_order_status_change(order, new_status, note_msg)
        if new_status == SHIPPED and hasattr(order, "purchase"):
            letters.tell_user(order)
