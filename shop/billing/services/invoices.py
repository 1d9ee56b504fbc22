"""Issue an invoice with its order, and book what is paid on it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from channels import api
from channels.contracts import OrderEventFacts, OrderEventKind
from shop.billing import parties
from shop.billing.errors import InvoiceCancelledError, NothingOwed, OverPayment
from shop.billing.models import Invoice, InvoiceLine, InvoicePayment, Receipt, Series
from shop.billing.services import drafts, numbers
from shop.credit.services import ledger as credit_ledger
from shop.forks.order.models import Order
from shop.payments.models import Payment

State = Invoice.State


def issue(*, order: Order, at: datetime, terms_days: int) -> Invoice:
    """Create the invoice of a freshly placed order, in the placing transaction; an existing one is returned as it is.

    Its number is the next of the seller's year: call this as late in the transaction as possible, for every other
    order waits for the number until the commit.
    """
    if existing := Invoice.objects.filter(order=order).first():
        return existing
    purchase = order.purchase
    delivery = parties.delivery(order)
    lines = drafts.lines_of(order)
    number = numbers.take(kind=Series.Kind.INVOICE, seller=drafts.seller_of(order), at=at)
    invoice = Invoice.objects.create(
        order=order,
        seller=number.seller,
        year=number.year,
        sequence=number.sequence,
        number=number.text,
        issued_at=at,
        due_on=(at + timedelta(days=terms_days)).date(),
        currency=order.currency,
        total_excl_tax=order.total_excl_tax,
        total_incl_tax=order.total_incl_tax,
        sold_by=parties.seller().as_json(),
        billed_to=parties.buyer(order).as_json(),
        delivered_to=delivery.as_json() if delivery else {},
        purchase_order_number=purchase.purchase_order_number,
        cost_centre=str(purchase.cost_centre or ""),
        payment_method=purchase.payment_method,
    )
    for line in lines:
        line.invoice = invoice
    InvoiceLine.objects.bulk_create(lines)
    return invoice


@transaction.atomic
def record_payment(
    *,
    invoice_id: int,
    amount: Decimal,
    key: str,
    at: datetime,
    reference: str = "",
    payment: Payment | None = None,
    receipt: Receipt | None = None,
    by: User | None = None,
    frees_credit: bool = True,
) -> InvoicePayment:
    """Book money on an invoice; once nothing is left to pay it is paid, and channels is told.

    `frees_credit` False: the money had lessened what the company owes before, as a deposit. The same `key` again
    returns the first booking and changes nothing. Raises OverPayment for more than is left, and InvoiceCancelledError.
    """
    invoice = lock(invoice_id)
    if existing := InvoicePayment.objects.filter(key=key).first():
        return existing
    if invoice.state == State.CANCELLED:
        raise InvoiceCancelledError(invoice.number)
    if amount <= 0 or amount > invoice.amount_due:
        raise OverPayment(number=invoice.number, amount=amount, due=invoice.amount_due, currency=invoice.currency)
    booked = _book(
        invoice,
        amount=amount,
        key=key,
        at=at,
        reference=reference,
        payment=payment,
        receipt=receipt,
        by=by,
        frees_credit=frees_credit,
    )
    if invoice.amount_due == 0:
        _settle(invoice, at=at, reference=reference, by=by)
    return booked


@transaction.atomic
def mark_paid(*, invoice_id: int, at: datetime, reference: str = "", by: User | None = None) -> bool:
    """Book all that is left to pay. False when it was paid already. Raises InvoiceCancelledError."""
    invoice = lock(invoice_id)
    if invoice.state == State.PAID:
        return False
    if invoice.state == State.CANCELLED:
        raise InvoiceCancelledError(invoice.number)
    if invoice.amount_due > 0:
        _book(invoice, amount=invoice.amount_due, key=_paid_key(invoice), at=at, reference=reference, by=by)
    _settle(invoice, at=at, reference=reference, by=by)
    return True


@transaction.atomic
def pay_back(
    *,
    invoice_id: int,
    amount: Decimal,
    key: str,
    at: datetime,
    reference: str = "",
    payment: Payment | None = None,
    by: User | None = None,
) -> InvoicePayment:
    """Book money that went back to the company after a credit note. The same `key` again changes nothing.

    Raises NothingOwed for more than was paid too much. The state stays: a paid invoice that was credited is paid.
    """
    invoice = lock(invoice_id)
    if existing := InvoicePayment.objects.filter(key=key).first():
        return existing
    if amount <= 0 or amount > -invoice.amount_due:
        owed = max(-invoice.amount_due, Decimal(0))
        raise NothingOwed(number=invoice.number, owed=owed, currency=invoice.currency)
    return _book(invoice, amount=-amount, key=key, at=at, reference=reference, payment=payment, by=by)


@transaction.atomic
def came_back(*, booking_id: int, at: datetime) -> InvoicePayment:
    """Book the opposite of a `pay_back` whose money the bank returned to us. Again changes nothing."""
    went = InvoicePayment.objects.get(pk=booking_id, amount__lt=0)
    invoice = lock(went.invoice_id)
    key = f"{went.key}:came-back"
    if existing := InvoicePayment.objects.filter(key=key).first():
        return existing
    return _book(invoice, amount=-went.amount, key=key, at=at, reference=went.reference, payment=went.payment)


def charge_back(invoice: Invoice, *, amount: Decimal, key: str, at: datetime, reference: str, payment: Payment) -> None:
    """Book on a locked invoice that the payer's bank took money back: it is open again, and channels is told.

    What a credit note has taken off meanwhile stays off: an invoice that owes nothing without the money stays paid.
    """
    _book(invoice, amount=-amount, key=key, at=at, reference=reference, payment=payment)
    if invoice.state != State.PAID or invoice.amount_due <= 0:
        return
    _tell(invoice, OrderEventKind.UNPAID, at=at, reference=reference)
    invoice.state, invoice.paid_at, invoice.marked_by = State.OPEN, None, None
    invoice.reopened += 1
    invoice.save(update_fields=["state", "paid_at", "marked_by", "reopened"])


def credit(invoice: Invoice, *, amount: Decimal, key: str, at: datetime) -> None:
    """Take a credit note's amount off a locked invoice; when nothing but paid money is left of it, it is paid.

    Locks the credit account, so it comes before the note takes its number.
    """
    invoice.credited_incl_tax += amount
    invoice.save(update_fields=["credited_incl_tax"])
    credit_ledger.refund(order=invoice.order, amount=amount, key=key, at=at, reference=invoice.number)
    is_partly_paid = invoice.paid_incl_tax > 0 and invoice.credited_incl_tax < invoice.total_incl_tax
    if invoice.state == State.OPEN and is_partly_paid and invoice.amount_due <= 0:
        _settle(invoice, at=at, reference="", by=None)


def lock(invoice_id: int) -> Invoice:
    """Return the invoice under its lock, and its order under the order's: the lock order of the project."""
    rows = lock_all([invoice_id])
    if not rows:
        raise Invoice.DoesNotExist(invoice_id)
    return rows[0]


def lock_all(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Return the invoices under their locks, and their orders: all of them before any credit account."""
    rows = Invoice.objects.filter(pk__in=list(invoice_ids))
    order_ids = list(rows.values_list("order_id", flat=True))
    orders = {order.pk: order for order in Order.objects.select_for_update().filter(pk__in=order_ids).order_by("pk")}
    invoices = list(rows.select_for_update().order_by("pk"))
    for invoice in invoices:
        invoice.order = orders[invoice.order_id]
    return invoices


def _book(invoice: Invoice, *, amount: Decimal, frees_credit: bool = True, **values: Any) -> InvoicePayment:
    booked = InvoicePayment.objects.create(invoice=invoice, amount=amount, **values)
    invoice.paid_incl_tax += amount
    invoice.save(update_fields=["paid_incl_tax"])
    if frees_credit:
        credit_ledger.reimburse(
            order=invoice.order, amount=amount, key=booked.key, at=booked.at, reference=invoice.number, by=booked.by
        )
    return booked


def _paid_key(invoice: Invoice) -> str:
    """Name the time that the invoice is paid in full: the first, or once more after its payer's bank took it back."""
    return f"paid:{invoice.number}" + (f":{invoice.reopened + 1}" if invoice.reopened else "")


def _settle(invoice: Invoice, *, at: datetime, reference: str, by: User | None) -> None:
    """Mark a locked invoice as paid in full and tell channels, which accrues the commission."""
    invoice.state = State.PAID
    invoice.paid_at = at
    invoice.payment_reference = reference[:120]
    invoice.marked_by = by
    invoice.save(update_fields=["state", "paid_at", "payment_reference", "marked_by"])
    _tell(invoice, OrderEventKind.PAID, at=at, reference=reference)


def _tell(invoice: Invoice, kind: OrderEventKind, *, at: datetime, reference: str) -> None:
    """Tell channels that the invoice was paid, or that this payment of it was taken back."""
    key = _paid_key(invoice) if kind == OrderEventKind.PAID else f"un{_paid_key(invoice)}"
    api.record_order_event(
        OrderEventFacts(key=key, order_number=invoice.order.number, kind=kind, at=at, reason=reference)
    )
