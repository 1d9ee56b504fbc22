"""What is written about an order, and to whom: each letter goes to the people whose part it concerns."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from oscar.apps.order.models import Order

from channels import api
from shop.buying.models import OrderParticipant
from shop.companies import confirmations

Part = OrderParticipant.Part


def tell_payer(order: Order) -> None:
    """Mail to whoever pays, if that is not the buyer, what is due and when."""
    _mail("order_invoice", order, addresses(order, Part.PAYER), invoice=order.invoice)


def tell_user(order: Order) -> None:
    """Mail to whoever waits for the goods, else to the buyer, that they have left."""
    _mail("order_dispatched", order, addresses(order, Part.USER) or addresses(order, Part.BUYER))


def tell_partner(order: Order) -> None:
    """Tell the partner through whom it was bought, as the company lets it know."""
    api.tell_of_order(number=order.number, at=order.date_placed)


def addresses(order: Order, part: str) -> list[str]:
    return [row.email for row in order.participants.filter(part=part) if row.email]


def _mail(template: str, order: Order, to: list[str], **context: Any) -> None:
    with override(settings.LANGUAGE_CODE):
        path = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
        for address in to:
            confirmations.mail(template, to=address, order=order, path=path, **context)
