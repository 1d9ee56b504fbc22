"""What is written about a shipment: to whoever waits for the goods, else to the buyer."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from shop.buying.models import OrderParticipant
from shop.buying.services.letters import addresses
from shop.companies import confirmations
from shop.fulfilment.models import Shipment

Part = OrderParticipant.Part


def tell_shipped(shipment: Shipment, *, is_whole: bool) -> None:
    """Mail what is on its way and how to follow it."""
    order = shipment.order
    if not hasattr(order, "purchase"):
        return
    with override(settings.LANGUAGE_CODE):
        context = {
            "order": order,
            "shipment": shipment,
            "lines": shipment.lines.select_related("line"),
            "is_whole": is_whole,
            "path": reverse("customer:order", kwargs={"order_number": order.purchase.public_ref}),
        }
        for address in addresses(order, Part.USER) or addresses(order, Part.BUYER):
            confirmations.mail("shipment", to=address, **context)
