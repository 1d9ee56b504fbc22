"""What a lost dispute takes back: off the invoices that the payment had paid, and off what it left as a deposit."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from shop.billing.models import InvoicePayment, Receipt
from shop.billing.models.money import CHARGED_BACK
from shop.billing.services import invoices, receipts
from shop.payments.models import Dispute, Payment

CENT = Decimal("0.01")


def book(payment: Payment, at: datetime) -> None:
    """Book the payment's lost disputes. Told again, or twice at once, each is booked once."""
    lost = payment.disputes.filter(state=Dispute.State.LOST).order_by("pk")
    for dispute in lost:
        rest = _off_invoices(dispute, at=at)
        receipt = Receipt.objects.filter(key=payment.reference).first()
        if rest > 0 and receipt:
            receipts.take_back_rest(receipt, amount=rest, at=at, reference=dispute.dispute_id)


@transaction.atomic
def _off_invoices(dispute: Dispute, *, at: datetime) -> Decimal:
    """Take the amount off what is still booked of the payment, invoice by invoice; return what no invoice had."""
    payment = dispute.payment
    booked = InvoicePayment.objects.filter(payment=payment)
    left = dispute.amount.quantize(CENT)
    for invoice in invoices.lock_all(booked.values_list("invoice", flat=True).distinct()):
        key = f"{CHARGED_BACK}{dispute.dispute_id}:{invoice.number}"
        if before := InvoicePayment.objects.filter(key=key).first():
            left += before.amount
            continue
        kept = booked.filter(invoice=invoice).aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]
        if (amount := min(left, kept)) > 0:
            invoices.charge_back(invoice, amount=amount, key=key, at=at, reference=dispute.dispute_id, payment=payment)
            left -= amount
    return left
