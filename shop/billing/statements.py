"""Statements of account: what was owed at the start of a period, what happened in it, what is owed at its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.billing.models import CreditNote, Invoice, InvoicePayment
from shop.billing.papers.paper import day_of

ZERO, CENT = Decimal(0), Decimal("0.01")


class Kind(TextChoices):
    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    PAYMENT = "payment", _("Payment")
    PAID_BACK = "paid_back", _("Paid back")
    CHARGED_BACK = "charged_back", _("Taken back by your bank")


@dataclass(frozen=True, slots=True)
class Movement:
    """One row. `amount` above zero: more is owed; `balance` is what is owed after it."""

    day: date
    kind: Kind
    number: str
    about: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A period from the first to the last day, both in it, in one currency."""

    first: date
    last: date
    currency: str
    opening: Decimal
    movements: tuple[Movement, ...]

    @property
    def closing(self) -> Decimal:
        return self.movements[-1].balance if self.movements else self.opening


def of(invoices: QuerySet[Invoice], *, currency: str, first: date, last: date) -> Statement:
    """Return the statement over these invoices, with the credit notes and payments on them. Six queries."""
    begins, ends = midnight(first), midnight(last + timedelta(days=1))
    mine = invoices.filter(currency=currency)
    notes = CreditNote.objects.filter(invoice__in=mine)
    payments = InvoicePayment.objects.filter(invoice__in=mine)
    opening = (
        _sum(mine.filter(issued_at__lt=begins), "total_incl_tax")
        - _sum(notes.filter(issued_at__lt=begins), "total_incl_tax")
        - _sum(payments.filter(at__lt=begins), "amount")
    )
    found = [
        (row.issued_at, 0, row.pk, Kind.INVOICE, row.number, row.purchase_order_number, row.total_incl_tax)
        for row in mine.filter(issued_at__gte=begins, issued_at__lt=ends)
    ]
    found += [
        (row.issued_at, 1, row.pk, Kind.CREDIT_NOTE, row.number, row.invoice.number, -row.total_incl_tax)
        for row in notes.filter(issued_at__gte=begins, issued_at__lt=ends).select_related("invoice")
    ]
    found += [
        (row.at, 2, row.pk, _kind_of(row), row.invoice.number, row.reference, -row.amount)
        for row in payments.filter(at__gte=begins, at__lt=ends).select_related("invoice")
    ]
    opening = opening.quantize(CENT)  # the sum of nothing has no cents
    return Statement(
        first=first, last=last, currency=currency, opening=opening, movements=tuple(_running(sorted(found), opening))
    )


def currencies(invoices: QuerySet[Invoice]) -> list[str]:
    return list(invoices.order_by("currency").values_list("currency", flat=True).distinct())


def _running(found: Iterable[tuple[Any, ...]], opening: Decimal) -> Iterable[Movement]:
    balance = opening
    for at, _rank, _pk, kind, number, about, amount in found:
        balance += amount
        yield Movement(day_of(at), kind, number, about, amount, balance)


def _kind_of(row: InvoicePayment) -> Kind:
    if row.amount > 0:
        return Kind.PAYMENT
    return Kind.CHARGED_BACK if row.is_charged_back else Kind.PAID_BACK


def _sum(rows: QuerySet[Any], field: str) -> Decimal:
    found: Decimal = rows.aggregate(sum=Sum(field, default=ZERO))["sum"]
    return found


def midnight(day: date) -> datetime:
    """Return when a day begins in the store."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
