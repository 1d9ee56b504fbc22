"""Orders placed while a bank debit is on its way: nothing leaves before the money came, and what follows when it does not."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from shop.billing.errors import InvoiceCancelledError, OverPayment
from shop.billing.models import Invoice
from shop.billing.services import invoices
from shop.buying.models import CheckoutAttempt
from shop.buying.services import attempts
from shop.payments.services import refunds


def arrived(attempt: CheckoutAttempt, *, at: datetime) -> None:
    """Pay the invoice of a locked, placed attempt; what it no longer owes by now goes back."""
    payment, invoice_id = attempt.funding, attempt.result.invoice.pk
    booking = {"invoice_id": invoice_id, "key": payment.reference, "at": at, "payment": payment}
    try:
        invoices.record_payment(amount=payment.amount, reference=payment.intent_id or "", **booking)
    except (InvoiceCancelledError, OverPayment):
        invoice = invoices.lock(invoice_id)
        owed = max(invoice.amount_due, Decimal(0)) if invoice.state == Invoice.State.OPEN else Decimal(0)
        if owed:
            invoices.record_payment(amount=owed, reference=payment.intent_id or "", **booking)
        refunds.request_refund(
            payment_id=payment.pk,
            amount=payment.amount - owed,
            key=f"surplus:{payment.reference}",
            reason="The invoice was paid or cancelled before the debit arrived.",
            at=at,
        )


def bounced(attempt: CheckoutAttempt, *, at: datetime) -> None:
    """The bank returned the debit of a locked, placed attempt: its invoice is due at once. Again changes nothing."""
    if not attempts.note(attempt, reason=attempt.funding.failure_message or "The bank returned the debit.", at=at):
        return
    invoice = invoices.lock(attempt.result.invoice.pk)
    if invoice.state == Invoice.State.OPEN:
        invoice.due_on = min(invoice.due_on, at.date())
        invoice.save(update_fields=["due_on"])
    transaction.on_commit(lambda: _tell(attempt.result.pk), robust=True)


def _tell(order_id: int) -> None:
    from shop.buying.tasks import tell_of_bounce

    tell_of_bounce.delay(order_id)
