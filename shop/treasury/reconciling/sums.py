"""What each side says in sum, in one currency. Sums may differ at the edges of a period; the rows say what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from channels.contracts import PaidOrder, from_minor
from shop.billing.models import CreditNote, Invoice, InvoicePayment
from shop.companies.models import Company
from shop.credit.models import CreditEntry
from shop.payments.models import Dispute, Refund
from shop.treasury.reconciling.differences import Period
from shop.treasury.reconciling.payments import paid_in


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one side: how many, and over how much."""

    label: Any
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Side:
    title: Any
    lines: tuple[Line, ...]


def sides(period: Period, told: Sequence[PaidOrder]) -> list[Side]:
    """Return Stripe's side, that of orders and invoices, and the books'."""
    return [_stripe(period), _invoices(period), _books(period, told)]


def _stripe(period: Period) -> Side:
    back = Refund.objects.filter(
        period.within("updated_at"), period.of_currency("payment__currency"), state=Refund.State.SUCCEEDED
    )
    lost = Dispute.objects.filter(
        period.within("updated_at"), period.of_currency("payment__currency"), state=Dispute.State.LOST
    )
    return Side(
        _("Stripe"),
        (
            _sum(_("Payments that succeeded"), paid_in(period), "amount"),
            _sum(_("Refunds that arrived"), back, "amount", sign=-1),
            _sum(_("Disputes lost"), lost, "amount", sign=-1),
        ),
    )


def _invoices(period: Period) -> Side:
    issued = Invoice.objects.filter(period.within("issued_at"), period.of_currency())
    by_invoice = Q(payment_method=Company.PaymentMethod.INVOICE)
    notes = CreditNote.objects.filter(period.within("issued_at"), period.of_currency())
    return Side(
        _("Orders and invoices"),
        (
            _sum(_("Invoices paid by card or debit"), issued.exclude(by_invoice), "total_incl_tax"),
            _sum(_("Invoices on account"), issued.filter(by_invoice), "total_incl_tax"),
            _sum(_("Credit notes"), notes, "total_incl_tax", sign=-1),
        ),
    )


def _books(period: Period, told: Sequence[PaidOrder]) -> Side:
    booked = InvoicePayment.objects.filter(period.within("at"), period.of_currency("invoice__currency"))
    came = booked.filter(amount__gt=0)
    owed = CreditEntry.objects.filter(period.within("at"), period.of_currency("account__currency")).exclude(amount=0)
    paid = [order for order in told if order.currency == period.currency]
    commission = sum((from_minor(order.commission_minor, order.currency) for order in paid), Decimal(0))
    return Side(
        _("Books"),
        (
            _sum(_("Booked from Stripe"), came.filter(payment__isnull=False), "amount"),
            _sum(_("Booked from transfers and deposits"), came.filter(payment__isnull=True), "amount"),
            _sum(_("Paid back"), booked.filter(amount__lt=0), "amount"),
            _sum(_("Owed more or less on credit accounts"), owed, "amount"),
            Line(_("Commission of the orders paid"), len(paid), commission),
        ),
    )


def _sum(label: Any, rows: QuerySet[Any], field: str, *, sign: int = 1) -> Line:
    found = rows.order_by().aggregate(count=Count("pk"), amount=Sum(field))
    return Line(label, found["count"], sign * (found["amount"] or Decimal(0)) or Decimal(0))  # never minus zero
