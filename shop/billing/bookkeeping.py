"""The journal for the bookkeeper: each invoice, credit note and payment as lines of debit and credit that balance."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from shop.billing.models import CreditNote, Invoice, InvoicePayment, Receipt
from shop.billing.papers.paper import day_of
from shop.billing.papers.tax_codes import tax_rows
from shop.billing.services import paying, receipts
from shop.credit.models import CreditEntry

COLUMNS = (
    "date", "voucher", "account", "text", "company", "company_key", "tax_code", "tax_rate", "debit", "credit", "currency",
)  # fmt: skip
FROM_DEPOSIT = "advance:"  # keys of bookings that shop.credit pays from a deposit


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line; exactly one of debit and credit is above zero. The lines of a voucher balance."""

    day: date
    voucher: str
    account: str
    text: str
    company: Any
    debit: Decimal
    credit: Decimal
    currency: str
    tax_code: str = ""
    tax_rate: str = ""

    def row(self) -> list[str]:
        key = str(self.company.key) if self.company else ""
        name = self.company.name if self.company else ""
        return [
            self.day.isoformat(), self.voucher, self.account, self.text, name, key, self.tax_code, self.tax_rate,
            f"{self.debit:.2f}", f"{self.credit:.2f}", self.currency,
        ]  # fmt: skip


def journal(*, begins: datetime, ends: datetime) -> Iterator[Entry]:
    """Yield the lines of what happened from `begins` until before `ends`, by kind and then by day."""
    period = {"at__gte": begins, "at__lt": ends}
    issued = {"issued_at__gte": begins, "issued_at__lt": ends}
    for invoice in _documents(Invoice.objects.filter(**issued), "order__purchase__company"):
        yield from _document(invoice, invoice.order.purchase.company, sign=1)
    for note in _documents(CreditNote.objects.filter(**issued), "invoice__order__purchase__company"):
        yield from _document(note, note.invoice.order.purchase.company, sign=-1)
    for receipt in Receipt.objects.filter(**period).select_related("company").order_by("at", "pk"):
        source = "clearing" if receipt.key.startswith(paying.PREFIX) else "bank"
        yield from _transfer(receipt, f"R-{receipt.pk}", source, "deposits", receipt.amount, receipt.company)
    payments = InvoicePayment.objects.filter(**period).select_related("invoice__order__purchase__company")
    for booked in payments.order_by("at", "pk"):
        yield from _transfer(booked, f"P-{booked.pk}", _source(booked), "receivable", booked.amount, _payer(booked))
    for entry in _deposits(period):
        source = "clearing" if entry.key.endswith(receipts.TAKEN_BACK) else "bank"
        yield from _transfer(entry, f"D-{entry.pk}", source, "deposits", -entry.amount, entry.account.company)


def _documents(rows: QuerySet[Any], company: str) -> QuerySet[Any]:
    return rows.select_related(company).prefetch_related("lines").order_by("issued_at", "pk")


def _document(document: Any, company: Any, *, sign: int) -> Iterator[Entry]:
    """The receivable against revenue by tax code and the tax; a credit note the other way round."""

    def entry(account: str, amount: Decimal, **tax: str) -> Entry:
        debit, credit = (amount, Decimal(0)) if amount > 0 else (Decimal(0), -amount)
        return Entry(
            day=day_of(document.issued_at), voucher=document.number, account=account, text=document.number,
            company=company, debit=debit, credit=credit, currency=document.currency, **tax,
        )  # fmt: skip

    if document.total_incl_tax:
        yield entry(account("receivable"), sign * document.total_incl_tax)
    for row in tax_rows(document.lines.all()):
        tax = {"tax_code": row.reason, "tax_rate": row.percent}
        if row.base:
            yield entry(account("revenue", row.reason), -sign * row.base, **tax)
        if row.tax:
            yield entry(account("tax", row.reason), -sign * row.tax, **tax)


def _transfer(source: Any, voucher: str, debit: str, credit: str, amount: Decimal, company: Any) -> Iterator[Entry]:
    """Money from one account to the other; a negative amount goes back."""
    currency = source.invoice.currency if isinstance(source, InvoicePayment) else _currency(source)
    text = f"{source.invoice.number} {source.reference}" if isinstance(source, InvoicePayment) else source.reference
    debit, credit = (debit, credit) if amount > 0 else (credit, debit)
    common = {"day": day_of(source.at), "voucher": voucher, "text": text.strip(), "company": company}
    yield Entry(account=account(debit), debit=abs(amount), credit=Decimal(0), currency=currency, **common)
    yield Entry(account=account(credit), debit=Decimal(0), credit=abs(amount), currency=currency, **common)


def _deposits(period: dict[str, Any]) -> QuerySet[CreditEntry]:
    """Deposits made and paid out by themselves; the rest of a transfer is on the deposits with its receipt already."""
    kinds = (CreditEntry.Kind.DEPOSITED, CreditEntry.Kind.PAID_OUT)
    of_receipts = Q(kind=CreditEntry.Kind.DEPOSITED, key__startswith=receipts.DEPOSIT)
    rows = CreditEntry.objects.filter(kind__in=kinds, order=None, **period).exclude(of_receipts)
    return rows.select_related("account__company").order_by("at", "pk")


def _source(booked: InvoicePayment) -> str:
    if booked.receipt_id or booked.key.startswith(FROM_DEPOSIT):
        return "deposits"
    return "clearing" if booked.payment_id else "bank"


def _payer(booked: InvoicePayment) -> Any:
    return booked.invoice.order.purchase.company


def _currency(source: Any) -> str:
    found: str = source.currency if isinstance(source, Receipt) else source.account.currency
    return found


def account(name: str, reason: str = "") -> str:
    """Return the number in the seller's chart of accounts: the one of the reason where there is one."""
    accounts = settings.BOOKKEEPING_ACCOUNTS
    found: str = accounts.get(f"{name}:{reason}", accounts[name])
    return found
