"""What the staff dashboard records of an order."""

from django.db import transaction
from oscar.apps.order import processing
from oscar.apps.payment.exceptions import PaymentError

from shop.buying.services import letters
from shop.fulfilment import deliveries
from shop.fulfilment.errors import Withheld
from shop.fulfilment.services import leaving

SHIPPED = "Shipped"


class EventHandler(processing.EventHandler):
    @transaction.atomic
    def handle_shipping_event(self, order, event_type, lines, line_quantities, **kwargs):
        """Tell channels when this event makes the delivery whole: the hold of commissions runs from then."""
        event = super().handle_shipping_event(order, event_type, lines, line_quantities, **kwargs)
        if event_type.code == deliveries.CODE:
            deliveries.tell(order)
        return event

    @transaction.atomic
    def handle_order_status_change(self, order, new_status, note_msg=None):
        """Shipped means that the rest of the goods has left: take it out of the stock, and write to whoever waits.

        Raises PaymentError, which Oscar's pages show, for an order that may not leave.
        """
        if new_status == SHIPPED:
            try:
                leaving.leave_rest(type(order).objects.select_for_update().get(pk=order.pk))
            except Withheld as refusal:
                raise PaymentError(str(refusal)) from refusal
        super().handle_order_status_change(order, new_status, note_msg)
        if new_status == SHIPPED and hasattr(order, "purchase"):
            letters.tell_user(order)
