"""Money that came in: booked on the invoices that its reference names, and kept as credit where it names none."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from shop.billing.errors import BillingError, CurrencyDiffers
from shop.billing.models import Invoice, InvoicePayment, Receipt
from shop.billing.services import invoices
from shop.companies.models import Company
from shop.payments.models import Payment

# Payers drop dashes, zeros and capitals: "inv 2026 123" is INV-2026-000123. Older numbers are the order's.
WRITTEN = re.compile(r"INV[-\s.]?(?P<first>\d+)(?:[-\s./](?P<second>\d+))?", re.IGNORECASE)


@transaction.atomic
def receive(
    *,
    amount: Decimal,
    currency: str,
    key: str,
    at: datetime,
    reference: str = "",
    company: Company | None = None,
    by: User | None = None,
) -> Receipt:
    """Record a transfer and book it on the invoices that its reference names, the oldest first.

    What is left over stays on the receipt until somebody books it with `book`: the company's credit. The same `key`
    again returns the first receipt and changes nothing.
    """
    receipt, is_new = Receipt.objects.get_or_create(
        key=key,
        defaults={
            "amount": amount,
            "currency": currency,
            "reference": reference[:200],
            "company": company,
            "at": at,
            "by": by,
        },
    )
    if is_new:
        spread(receipt=receipt, over=named_in(reference, company=company, currency=currency), at=at)
    return receipt


def spread(*, receipt: Receipt, over: Iterable[Invoice], at: datetime, payment: Payment | None = None) -> Decimal:
    """Book the money on these invoices, the oldest due first, each as far as it is open; return what is left over.

    Called in the transaction that made the receipt.
    """
    left = receipt.amount
    for invoice in sorted(over, key=lambda invoice: (invoice.due_on, invoice.pk)):
        fresh = invoices.lock(invoice.pk)
        amount = min(left, fresh.amount_due)
        if fresh.state != Invoice.State.OPEN or amount <= 0:
            continue
        _book(receipt, fresh, amount=amount, at=at, by=receipt.by, payment=payment)
        left -= amount
    return left


@transaction.atomic
def book(*, receipt_id: int, invoice_id: int, at: datetime, by: User | None = None) -> InvoicePayment:
    """Book what is left of a receipt on an open invoice, as far as both reach. Raises BillingError."""
    invoice = invoices.lock(invoice_id)
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    left = unbooked(receipt)
    if left <= 0:
        raise BillingError(_("Nothing is left of this transfer."))
    if receipt.currency != invoice.currency:
        raise CurrencyDiffers(
            _("The transfer is in %(theirs)s, the invoice in %(ours)s. Choose an invoice in the same currency.")
            % {"theirs": receipt.currency, "ours": invoice.currency}
        )
    if receipt.company_id and receipt.company_id != invoice.order.purchase.company_id:
        raise BillingError(_("The transfer is another company's. Choose an invoice of the company that paid."))
    return _book(receipt, invoice, amount=min(left, max(invoice.amount_due, Decimal(0))), at=at, by=by)


def unbooked(receipt: Receipt) -> Decimal:
    """Return what is left of a receipt."""
    return receipt.amount - (receipt.bookings.aggregate(amount=Sum("amount"))["amount"] or Decimal(0))


def named_in(reference: str, *, company: Company | None, currency: str) -> list[Invoice]:
    """Return the open invoices in the currency that a payer's text names; of one company only, when it is known."""
    numbers = set()
    for found in WRITTEN.finditer(reference):
        first, second = found["first"], found["second"]
        numbers.add(f"INV-{first}-{int(second):06d}" if second else f"INV-{first}")
    rows = Invoice.objects.filter(number__in=numbers, currency=currency, state=Invoice.State.OPEN)
    return list(rows.filter(order__purchase__company=company) if company else rows)


def _book(
    receipt: Receipt,
    invoice: Invoice,
    *,
    amount: Decimal,
    at: datetime,
    by: User | None,
    payment: Payment | None = None,
) -> InvoicePayment:
    return invoices.record_payment(
        invoice_id=invoice.pk,
        amount=amount,
        key=f"{receipt.key}:{invoice.number}",
        at=at,
        reference=receipt.reference,
        receipt=receipt,
        payment=payment,
        by=by,
    )
