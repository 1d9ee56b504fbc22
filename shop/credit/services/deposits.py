"""Money that a company pays in advance: it lessens what is owed at once, and pays open invoices, the oldest first."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shop.billing.models import Invoice
from shop.billing.services import invoices
from shop.companies.models import Company
from shop.credit.errors import CreditChangeRefused
from shop.credit.models import CreditAccount, CreditEntry
from shop.credit.services import ledger
from shop.credit.services.ledger import Posting

Kind = CreditEntry.Kind


def record(
    *, company: Company, currency: str, amount: Decimal, key: str, at: datetime, reference: str = "", by: Any = None
) -> CreditEntry:
    """Record money that arrived without an invoice, and pay with it what is open. The same `key` again changes nothing.

    Raises CreditChangeRefused below a cent. When it dies half way the money is recorded, and `use` goes on.
    """
    if amount <= 0:
        raise CreditChangeRefused(_("A deposit is more than zero."))
    with transaction.atomic():
        account = ledger.lock(company_id=company.pk, currency=currency)
        entry = CreditEntry.objects.filter(key=key).first()
        if entry is None:
            posting = Posting(key=key, kind=Kind.DEPOSITED, amount=-amount, at=at, reference=reference, by=by)
            entry = ledger.post(account, posting)
            _change(account, amount)
    use(account_id=account.pk, at=at)
    return entry


def use(*, account_id: int, at: datetime) -> int:
    """Pay open invoices from the deposit, the oldest first, each in a transaction of its own. Return how many."""
    account = CreditAccount.objects.get(pk=account_id)
    if not account.advance:
        return 0
    rows = Invoice.objects.filter(
        state=Invoice.State.OPEN,
        payment_method=Company.PaymentMethod.INVOICE,
        order__purchase__company=account.company_id,
        currency=account.currency,
    )
    return sum(cover(invoice_id=pk, at=at) for pk in rows.order_by("issued_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def cover(*, invoice_id: int, at: datetime) -> bool:
    """Pay as much of one invoice as the deposit reaches for. False when there is nothing to pay, or to pay with."""
    invoice = invoices.lock(invoice_id)
    company_id = Company.objects.values_list("pk", flat=True).get(purchases__order=invoice.order_id)
    account = ledger.lock(company_id=company_id, currency=invoice.currency)
    amount = min(account.advance, invoice.amount_due)
    if invoice.state != Invoice.State.OPEN or amount <= 0:
        return False
    _change(account, -amount)
    invoices.record_payment(
        invoice_id=invoice_id,
        amount=amount,
        key=f"advance:{invoice.number}:{invoice.paid_incl_tax}",
        at=at,
        reference=_("Paid in advance"),
        frees_credit=False,
    )
    return True


@transaction.atomic
def pay_out(
    *, account_id: int, amount: Decimal, key: str, at: datetime, reference: str = "", by: Any = None
) -> CreditEntry:
    """Record that money went back: at most what is left of the deposit. Raises CreditChangeRefused."""
    account = CreditAccount.objects.select_for_update().get(pk=account_id)
    if existing := CreditEntry.objects.filter(key=key).first():
        return existing
    if not 0 < amount <= account.advance:
        raise CreditChangeRefused(
            _("%(own)s %(currency)s of the deposit are left; pay back that much at the most.")
            % {"own": account.advance, "currency": account.currency}
        )
    _change(account, -amount)
    return ledger.post(account, Posting(key=key, kind=Kind.PAID_OUT, amount=amount, at=at, reference=reference, by=by))


def _change(account: CreditAccount, amount: Decimal) -> None:
    account.advance += amount
    account.save(update_fields=["advance"])
