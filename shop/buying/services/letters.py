"""What is written about an order, and to whom: each letter goes to the people whose part it concerns."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from oscar.apps.order.models import Order

from channels import api
from shop.buying.models import CheckoutAttempt, OrderParticipant
from shop.buying.wishes import Method
from shop.companies import confirmations

Part = OrderParticipant.Part


def tell_payer(order: Order) -> None:
    """Mail to whoever pays, if that is not the buyer, what is due and when; nothing is when the order came paid."""
    if order.purchase.payment_method != Method.INVOICE:
        return
    _mail("order_invoice", order, addresses(order, Part.PAYER), invoice=order.invoice)


def tell_refunded(attempt: CheckoutAttempt) -> None:
    """Mail to the buyer that nothing was ordered, why, and that the money goes back."""
    if attempt.user is None:
        return
    with override(settings.LANGUAGE_CODE):
        context = {"attempt": attempt, "payment": attempt.funding, "path": reverse("basket:summary")}
        confirmations.mail("order_refunded", to=attempt.user.email, **context)


def tell_bounced(order: Order) -> None:
    """Mail to the buyer and to whoever pays that the debit was returned and the invoice is due now."""
    people = dict.fromkeys(addresses(order, Part.BUYER) + addresses(order, Part.PAYER))
    _mail("order_debit_returned", order, list(people), invoice=order.invoice)


def tell_user(order: Order) -> None:
    """Mail to whoever waits for the goods, else to the buyer, and to who specified them, that they have left."""
    waiting = addresses(order, Part.USER) or addresses(order, Part.BUYER)
    _mail("order_dispatched", order, dict.fromkeys([*waiting, *addresses(order, Part.SPECIFIER)]))


def tell_sales_rep(order: Order) -> None:
    """Mail to who of ours looks after the company that it has ordered."""
    _mail("order_contact", order, addresses(order, Part.CHANNEL_CONTACT))


def tell_partner(order: Order) -> None:
    """Tell the partner through whom it was bought, as the company lets it know."""
    api.tell_of_order(number=order.number, at=order.date_placed)


def addresses(order: Order, part: str) -> list[str]:
    return [row.email for row in order.participants.filter(part=part) if row.email]


def _mail(template: str, order: Order, to: Iterable[str], **context: Any) -> None:
    with override(settings.LANGUAGE_CODE):
        path = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
        for address in to:
            confirmations.mail(template, to=address, order=order, path=path, **context)
