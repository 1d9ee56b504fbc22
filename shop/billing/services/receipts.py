"""Money that came in: booked on the invoices that its reference names; the rest is the company's deposit."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from shop.billing.errors import BillingError
from shop.billing.models import Invoice, InvoicePayment, Receipt
from shop.billing.services import invoices
from shop.companies.models import Company
from shop.credit.models import CreditEntry
from shop.credit.services import deposits
from shop.payments.models import Payment

DEPOSIT = "receipt:"  # keys of the deposits that receipts leave
TAKEN_BACK = ":charged-back"  # how the key of what the payer's bank took off such a deposit ends
# Payers drop dashes, zeros and capitals: "inv 2026 123" is INV-2026-000123. Older numbers are the order's: INV-N-100042.
WRITTEN = re.compile(r"INV[-\s.]*(?:N[-\s.]*(?P<order>\d+)|(?P<year>\d{4})[-\s./]+(?P<sequence>\d+))", re.IGNORECASE)


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

    What is left over becomes the company's deposit, which pays its other invoices. A transfer of a payer whom neither
    `company` nor the reference tells waits until somebody books it. The same `key` again changes nothing; when the
    first try died half way it is finished.
    """
    with transaction.atomic():
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
    keep_rest(receipt, at=at)
    return receipt


def spread(*, receipt: Receipt, over: Iterable[int], at: datetime, payment: Payment | None = None) -> None:
    """Book the money on these invoices (pks) of one company, the oldest due first, each as far as it is open.

    Called in the transaction that made the receipt.
    """
    left = receipt.amount
    rows = invoices.lock_all(over)
    for invoice in sorted(rows, key=lambda invoice: (invoice.due_on, invoice.pk)):
        amount = min(left, invoice.amount_due)
        if invoice.state == Invoice.State.OPEN and amount > 0:
            _book(receipt, invoice, amount=amount, at=at, by=receipt.by, payment=payment)
            left -= amount


def book(*, receipt_id: int, invoice_id: int, at: datetime, by: User | None = None) -> InvoicePayment:
    """Book a waiting transfer on an open invoice; what is left over becomes its company's deposit. Raises BillingError."""
    with transaction.atomic():
        invoice = invoices.lock(invoice_id)
        receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
        if receipt.company_id or receipt.bookings.exists():
            raise BillingError(_("This transfer is booked already."))
        if receipt.currency != invoice.currency:
            raise BillingError(
                _("The transfer is in %(theirs)s, the invoice in %(ours)s. Choose an invoice in the same currency.")
                % {"theirs": receipt.currency, "ours": invoice.currency}
            )
        booked = _book(receipt, invoice, amount=min(receipt.amount, invoice.amount_due), at=at, by=by)
    keep_rest(receipt, at=at)
    return booked


def keep_rest(receipt: Receipt, *, at: datetime) -> None:
    """Make a deposit of what no invoice took. Outside the booking: it locks the account before other invoices."""
    owner = owner_of(receipt)
    rest = receipt.amount - (receipt.bookings.aggregate(amount=Sum("amount"))["amount"] or Decimal(0))
    if owner and rest > 0:
        deposits.record(
            company=owner,
            currency=receipt.currency,
            amount=rest,
            key=f"{DEPOSIT}{receipt.key}",
            at=at,
            reference=receipt.reference[:120],
            by=receipt.by,
        )


def take_back_rest(receipt: Receipt, *, amount: Decimal, at: datetime, reference: str) -> None:
    """Take what the payer's bank took back off the deposit that the receipt left, as far as it is not spent; once."""
    key = f"{DEPOSIT}{receipt.key}"
    entry = CreditEntry.objects.filter(key=key).select_related("account").first()
    if entry and (left := min(amount, -entry.amount, entry.account.advance)) > 0:
        deposits.pay_out(account_id=entry.account_id, amount=left, key=f"{key}{TAKEN_BACK}", at=at, reference=reference)


def owner_of(receipt: Receipt) -> Company | None:
    """Return who paid: as recorded, else the company of the invoice that it was booked on."""
    booked = Company.objects.filter(purchases__order__invoice__payments__receipt=receipt)
    return receipt.company or booked.first()


def named_in(reference: str, *, company: Company | None, currency: str) -> list[int]:
    """Return the pks of the open invoices in the currency that a payer's text names.

    Of one company only: a text that names several companies' is for a person to sort out.
    """
    numbers = set()
    for match in WRITTEN.finditer(reference):
        is_older = match["order"] is not None
        numbers.add(f"INV-N-{match['order']}" if is_older else f"INV-{match['year']}-{int(match['sequence']):06d}")
    rows = Invoice.objects.filter(number__in=numbers, currency=currency, state=Invoice.State.OPEN)
    if company:
        rows = rows.filter(order__purchase__company=company)
    found = list(rows.values_list("pk", "order__purchase__company"))
    return [pk for pk, _owner in found] if len({owner for _pk, owner in found}) == 1 else []


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
