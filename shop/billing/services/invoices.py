"""Issue an invoice with its order, and mark it paid."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from channels import api
from channels.contracts import OrderEventFacts, OrderEventKind
from shop.billing.models import Invoice
from shop.forks.order.models import Order


class InvoiceCancelledError(Exception):
    """The invoice was cancelled with its order; there is nothing left to pay."""


def issue(*, order: Order, at: datetime, terms_days: int) -> Invoice:
    """Create the invoice of a freshly placed order, in the placing transaction; an existing one is returned as it is."""
    invoice, _created = Invoice.objects.get_or_create(
        order=order,
        defaults={
            "number": f"INV-{order.number}",
            "total_excl_tax": order.total_excl_tax,
            "total_incl_tax": order.total_incl_tax,
            "currency": order.currency,
            "issued_at": at,
            "due_on": (at + timedelta(days=terms_days)).date(),
        },
    )
    return invoice


@transaction.atomic
def mark_paid(*, invoice_id: int, at: datetime, reference: str = "", by: User | None = None) -> bool:
    """Record the payment and tell channels, which accrues the commission. False when it was paid already.

    Raises InvoiceCancelledError for an invoice that was cancelled meanwhile.
    """
    order_id = Invoice.objects.values_list("order_id", flat=True).get(pk=invoice_id)
    order = Order.objects.select_for_update().get(pk=order_id)  # before its invoice: the lock order of the project
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    if invoice.state == Invoice.State.PAID:
        return False
    if invoice.state == Invoice.State.CANCELLED:
        raise InvoiceCancelledError(invoice.number)
    invoice.state = Invoice.State.PAID
    invoice.paid_at = at
    invoice.payment_reference = reference
    invoice.marked_by = by
    invoice.save()
    api.record_order_event(
        OrderEventFacts(
            key=f"paid:{invoice.number}", order_number=order.number, kind=OrderEventKind.PAID, at=at, reason=reference
        )
    )
    return True
