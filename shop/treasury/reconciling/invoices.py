"""Orders against their invoices, and invoices against what is booked and credited on them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet

from shop.billing.models import CreditNote, Invoice, InvoicePayment
from shop.buying.models import CheckoutAttempt
from shop.companies.models import Company
from shop.forks.order.models import Order
from shop.payments.models import Payment
from shop.treasury.reconciling.differences import Cause, Difference, Period, rounded, total

COMPANY = "order__purchase__company"


def of_invoices(period: Period) -> Iterator[Difference]:
    """Yield invoices, issued or paid in the period, whose sums are not those of their order, payments and credit notes."""
    rows = _with_sums(
        Invoice.objects.filter(period.within("issued_at") | period.within("paid_at"), period.of_currency())
    )
    wrong = rows.filter(
        ~Q(total_incl_tax=F("order__total_incl_tax"))
        | ~Q(_booked_gap=0)
        | ~Q(_credited_gap=0)
        | Q(state=Invoice.State.PAID, _left__gt=0)
    )
    for invoice in wrong.select_related("order", COMPANY).order_by("issued_at", "pk"):
        cause, orders, books = _cause(invoice)
        yield _row(invoice, cause, orders=orders, books=books)


def _with_sums(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate what is `booked` and `noted` on each, and what is left of it by those."""
    mine = {"invoice": OuterRef("pk")}
    rows = rows.annotate(
        booked=total(InvoicePayment.objects.filter(**mine), "amount"),
        noted=total(CreditNote.objects.filter(**mine), "total_incl_tax"),
    )
    return rows.annotate(
        _booked_gap=rounded(F("booked") - F("paid_incl_tax")),
        _credited_gap=rounded(F("noted") - F("credited_incl_tax")),
        _left=rounded(F("total_incl_tax") - F("noted") - F("booked")),
    )


def _cause(invoice: Any) -> tuple[str, Decimal, Decimal]:
    """Return the first cause with what the invoice says and what the other side says."""
    if invoice.state == Invoice.State.PAID and invoice._left > 0:
        return Cause.ORDER_WITHOUT_PAYMENT, invoice.total_incl_tax - invoice.noted, invoice.booked
    if invoice._booked_gap:
        return Cause.PAID_SUM_DIFFERS, invoice.paid_incl_tax, invoice.booked
    if invoice._credited_gap:
        return Cause.CREDITED_SUM_DIFFERS, invoice.credited_incl_tax, invoice.noted
    return Cause.INVOICE_DIFFERS, invoice.order.total_incl_tax, invoice.total_incl_tax


def _row(invoice: Invoice, cause: str, **sides: Decimal) -> Difference:
    return Difference(
        cause=cause,
        subject=invoice.number,
        company=invoice.order.purchase.company.name,
        currency=invoice.currency,
        at=invoice.issued_at,
        page=("invoice_desk", invoice.pk),
        **sides,
    )


def of_orders(period: Period) -> Iterator[Difference]:
    """Yield orders of companies that have no invoice."""
    rows = Order.objects.filter(
        period.within("date_placed"), period.of_currency(), purchase__isnull=False, invoice__isnull=True
    )
    for order in rows.select_related("purchase__company").order_by("date_placed", "pk"):
        yield Difference(
            cause=Cause.ORDER_WITHOUT_INVOICE,
            subject=order.number,
            company=order.purchase.company.name,
            currency=order.currency,
            at=order.date_placed,
            orders=order.total_incl_tax,
            books=Decimal(0),
            page=("dashboard:order-detail", order.number),
        )


def of_attempts(period: Period) -> Iterator[Difference]:
    """Yield orders whose own payment is over another amount, or, by card, did not succeed. Debits arrive later."""
    rows: QuerySet[Any] = CheckoutAttempt.objects.filter(
        period.within("updated_at"), period.of_currency("order__currency"), state=CheckoutAttempt.State.PLACED,
        payment__isnull=False,
    )  # fmt: skip
    is_unpaid = Q(method=Company.PaymentMethod.CARD) & ~Q(payment__state=Payment.State.SUCCEEDED)
    differs = ~Q(payment__amount=F("order__total_incl_tax")) | ~Q(payment__currency=F("order__currency"))
    wrong = rows.filter(is_unpaid | differs).select_related("order", "payment", "company")
    for attempt in wrong.order_by("updated_at", "pk"):
        is_paid = attempt.payment.state == Payment.State.SUCCEEDED
        unpaid_card = attempt.method == Company.PaymentMethod.CARD and not is_paid
        yield Difference(
            cause=Cause.ORDER_WITHOUT_PAYMENT if unpaid_card else Cause.AMOUNT_DIFFERS,
            subject=attempt.order.number,
            company=attempt.company.name if attempt.company else "",
            currency=attempt.order.currency,
            at=attempt.updated_at,
            stripe=Decimal(0) if unpaid_card else attempt.payment.amount,
            orders=attempt.order.total_incl_tax,
            page=("stuck_attempt", attempt.key),
        )
