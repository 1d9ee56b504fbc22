"""What the staff dashboard records of an order."""

from django.db import transaction
from oscar.apps.order import processing

from shop.fulfilment import deliveries


class EventHandler(processing.EventHandler):
    @transaction.atomic
    def handle_shipping_event(self, order, event_type, lines, line_quantities, **kwargs):
        """Tell channels when this event makes the delivery whole: the hold of commissions runs from then."""
        event = super().handle_shipping_event(order, event_type, lines, line_quantities, **kwargs)
        if event_type.code == deliveries.CODE:
            deliveries.tell(order)
        return event
