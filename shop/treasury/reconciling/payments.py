"""Payments through Stripe against what was made of them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from shop.billing.models import CreditNote, InvoicePayment, Receipt
from shop.billing.services import paying
from shop.billing.services.receipts import DEPOSIT, TAKEN_BACK
from shop.buying.services import settlement
from shop.credit.models import CreditEntry
from shop.payments.models import Dispute, Payment, PaymentEvent, Refund
from shop.treasury.reconciling.differences import Cause, Difference, Period, rounded, total

State = Payment.State


def paid_in(period: Period) -> QuerySet[Any]:
    """Return the payments that succeeded in the period, with `paid_at`."""
    told = PaymentEvent.objects.filter(payment=OuterRef("pk"), what=State.SUCCEEDED).order_by("pk")
    rows: QuerySet[Any] = Payment.objects.filter(
        period.of_currency(), state=State.SUCCEEDED, created_at__lt=period.ends, updated_at__gte=period.begins
    )
    return rows.annotate(paid_at=Subquery(told.values("at")[:1])).filter(period.within("paid_at"))


def of_payments(period: Period) -> Iterator[Difference]:
    """Yield each payment whose money is not where it belongs: booked, kept as a deposit, or on its way back."""
    rows = _weighed(paid_in(period)).filter(Q(_missing__gt=0) | Q(_too_much__gt=0))
    for payment in rows.select_related("company").order_by("paid_at", "pk"):
        cause = _cause(payment)
        yield Difference(
            cause=cause,
            subject=payment.reference,
            company=payment.company.name,
            currency=payment.currency,
            at=payment.paid_at,
            stripe=payment.amount - payment.went_back,
            orders=-payment.credited if payment.credited else None,
            books=payment.kept,
            page=_page(payment, cause),
        )


def _weighed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate what went back, what is booked and credited, and how much the books miss or have too much.

    A refund on its way may be booked already or not yet; one that arrived has to be.
    """
    mine = {"payment": OuterRef("pk")}
    booked = InvoicePayment.objects.filter(**mine)
    invoices = InvoicePayment.objects.filter(payment=OuterRef(OuterRef("pk"))).values("invoice")
    rows = rows.annotate(
        refunded=total(Refund.objects.filter(**mine, state=Refund.State.SUCCEEDED), "amount"),
        lost=total(Dispute.objects.filter(**mine, state=Dispute.State.LOST), "amount"),
        booked=total(booked, "amount"),
        paid_back=total(booked.filter(amount__lt=0), "amount"),
        deposited=rounded(total(_deposit_of("reference"), "amount") * -1),
        credited=total(CreditNote.objects.filter(invoice__in=invoices), "total_incl_tax"),
    )
    rows = rows.annotate(went_back=rounded(F("refunded") + F("lost")), kept=rounded(F("booked") + F("deposited")))
    return rows.annotate(
        _missing=rounded(F("amount") - F("amount_refunded") - F("lost") - F("kept")),
        _too_much=rounded(F("kept") - F("amount") + F("went_back")),
    )


def _cause(payment: Any) -> str:
    if payment._too_much > 0:
        if payment.kept > payment.amount:
            return Cause.BOOKED_TWICE
        is_credited = payment.credited + payment.paid_back >= payment._too_much
        return Cause.REFUND_NOT_BOOKED if is_credited else Cause.REFUND_WITHOUT_CREDIT_NOTE
    return Cause.AMOUNT_DIFFERS if payment.kept or payment.went_back else Cause.PAID_WITHOUT_ORDER


def _page(payment: Payment, cause: str) -> tuple[str, Any]:
    """An attempt that nobody placed is settled on its own page; all else begins at the payment."""
    prefix, _colon, key = payment.reference.partition(":")
    if cause == Cause.PAID_WITHOUT_ORDER and f"{prefix}:" == settlement.PREFIX:
        return "stuck_attempt", key
    return "payment", payment.key


def of_bookings(period: Period) -> Iterator[Difference]:
    """Yield what is booked with a payment that did not succeed, or is in another currency."""
    rows: QuerySet[Any] = InvoicePayment.objects.filter(
        period.within("at"), period.of_currency("invoice__currency"), payment__isnull=False
    )
    wrong = rows.exclude(payment__state=State.SUCCEEDED, payment__currency=F("invoice__currency"))
    for booked in wrong.select_related("payment__company", "invoice").order_by("at", "pk"):
        paid = booked.payment.amount if booked.payment.state == State.SUCCEEDED else Decimal(0)
        yield Difference(
            cause=Cause.BOOKED_WITHOUT_PAYMENT,
            subject=f"{booked.invoice.number}, {booked.payment.reference}",
            company=booked.payment.company.name,
            currency=booked.invoice.currency,
            at=booked.at,
            stripe=paid,
            books=booked.amount,
            page=("invoice_desk", booked.invoice_id),
        )


def of_receipts(period: Period) -> Iterator[Difference]:
    """Yield each transfer of a known payer that is not booked and kept as a deposit to the cent."""
    transfers = Receipt.objects.exclude(key__startswith=paying.PREFIX)  # joint payments are looked at as payments
    rows = transfers.filter(period.within("at"), period.of_currency()).annotate(
        booked=total(InvoicePayment.objects.filter(receipt=OuterRef("pk")), "amount"),
        deposited=rounded(total(_deposit_of("key"), "amount") * -1),
    )
    rows = rows.annotate(_gap=rounded(F("booked") + F("deposited") - F("amount")))
    wrong = rows.filter(Q(_gap__gt=0) | Q(_gap__lt=0, company__isnull=False) | Q(_gap__lt=0, booked__gt=0))
    for receipt in wrong.select_related("company").order_by("at", "pk"):
        yield Difference(
            cause=Cause.BOOKED_TWICE if receipt._gap > 0 else Cause.AMOUNT_DIFFERS,
            subject=str(receipt),
            company=receipt.company.name if receipt.company else "",
            currency=receipt.currency,
            at=receipt.at,
            orders=receipt.amount,
            books=receipt.booked + receipt.deposited,
            page=("receipt_book", receipt.pk),
        )


def _deposit_of(field: str) -> QuerySet[CreditEntry]:
    """Return the entry of what no invoice took, and of what the payer's bank took of that.

    The key names the receipt's, which for joint payments is the reference.
    """
    key = Concat(Value(DEPOSIT), OuterRef(field))
    return CreditEntry.objects.filter(Q(key=key) | Q(key=Concat(key, Value(TAKEN_BACK))))
