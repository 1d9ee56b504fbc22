"""Invoices against the credit ledger and against what the channels' books were told."""

from collections.abc import Iterator, Sequence

from django.db.models import Exists, F, OuterRef, Subquery

from channels.contracts import PaidOrder
from shop.billing.bookkeeping import FROM_DEPOSIT
from shop.billing.models import Invoice, InvoicePayment
from shop.credit import selectors as credit
from shop.credit.models import CreditEntry
from shop.treasury.reconciling.differences import Cause, Difference, Period, rounded, total
from shop.treasury.reconciling.invoices import COMPANY


def of_credit_accounts(period: Period) -> Iterator[Difference]:
    """Yield accounts whose balance is not the sum of their entries, of all time."""
    for account, entries in credit.unbalanced():
        # SQLite adds up with a few bits too many: what is left of the row after rounding counts.
        if account.balance != entries and period.currency in ("", account.currency):
            yield Difference(
                cause=Cause.CREDIT_ACCOUNT_DIFFERS,
                subject=str(account),
                company=account.company.name,
                currency=account.currency,
                at=None,
                orders=account.balance,
                books=entries,
                page=("credit_account", account.pk),
            )


def of_credit_orders(period: Period) -> Iterator[Difference]:
    """Yield invoices bought on credit of which the credit account owes more or less than is open.

    What a deposit paid had lessened the account before, without an entry for the order.
    """
    entries = CreditEntry.objects.filter(order=OuterRef("order"))
    bought = entries.filter(kind=CreditEntry.Kind.PURCHASED)
    advances = InvoicePayment.objects.filter(invoice=OuterRef("pk"), key__startswith=FROM_DEPOSIT)
    rows = Invoice.objects.filter(Exists(bought), period.within("issued_at"), period.of_currency())
    rows = rows.annotate(
        account=Subquery(bought.values("account")[:1]),
        owed=total(entries, "amount"),
        open=rounded(F("total_incl_tax") - F("credited_incl_tax") - F("paid_incl_tax") + total(advances, "amount")),
    )
    wrong = rows.annotate(_gap=rounded(F("owed") - F("open"))).exclude(_gap=0)
    for invoice in wrong.select_related(COMPANY).order_by("issued_at", "pk"):
        yield Difference(
            cause=Cause.CREDIT_OF_ORDER_DIFFERS,
            subject=invoice.number,
            company=invoice.order.purchase.company.name,
            currency=invoice.currency,
            at=invoice.issued_at,
            orders=invoice.open,
            books=invoice.owed,
            page=("credit_account", invoice.account),
        )


def of_commissions(period: Period, told: Sequence[PaidOrder]) -> Iterator[Difference]:
    """Yield paid invoices of which channels has no event, and those whose commission is not worked out."""
    is_rated = {event.order_number: event.is_rated for event in told}
    paid = Invoice.objects.filter(period.within("paid_at"), period.of_currency(), state=Invoice.State.PAID)
    columns = ("pk", "number", "order__number", "currency", "paid_at", "total_excl_tax", f"{COMPANY}__name")
    for pk, number, order, currency, paid_at, net, company in paid.order_by("paid_at", "pk").values_list(*columns):
        if not is_rated.get(order):
            yield Difference(
                cause=Cause.COMMISSION_NOT_RATED if order in is_rated else Cause.COMMISSION_NOT_TOLD,
                subject=number,
                company=company,
                currency=currency,
                at=paid_at,
                orders=net,
                page=("invoice_desk", pk),
            )
