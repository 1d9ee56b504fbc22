"""Entries of credit accounts: each posted once by its key, under the account's lock.

The account is locked after the order, its invoice and its stock (ARCHITECTURE.md has the whole order).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from shop.credit.errors import CreditExceeded, CreditOnHold
from shop.credit.models import CreditAccount, CreditEntry
from shop.credit.selectors import held
from shop.forks.order.models import Order

Kind = CreditEntry.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What an entry is to say. `amount` above zero: the company owes more."""

    key: str
    kind: str
    amount: Decimal
    at: datetime
    order: Order | None = None
    reference: str = ""
    note: str = ""
    by: Any = None


def lock(*, company_id: int, currency: str) -> CreditAccount:
    """Return the account locked, opened when there is none. Must run inside a transaction."""
    rows = CreditAccount.objects.select_for_update(of=("self",)).select_related("company")
    if account := rows.filter(company_id=company_id, currency=currency).first():
        return account
    CreditAccount.objects.get_or_create(company_id=company_id, currency=currency)
    return rows.get(company_id=company_id, currency=currency)


def post(account: CreditAccount, posting: Posting) -> CreditEntry:
    """Append the entry to the locked account; one under the same key is returned as it is."""
    if existing := CreditEntry.objects.filter(key=posting.key).first():
        return existing
    if posting.amount:
        account.balance += posting.amount
        account.save(update_fields=["balance"])
    return CreditEntry.objects.create(
        account=account,
        key=posting.key,
        kind=posting.kind,
        amount=posting.amount,
        balance_after=account.balance,
        limit_after=account.limit,
        order=posting.order,
        reference=posting.reference,
        note=posting.note,
        at=posting.at,
        by=posting.by,
    )


def charge(*, order: Order, at: datetime) -> CreditEntry:
    """Take an order on invoice from the company's credit; must run inside the placing transaction.

    Raises CreditOnHold, or CreditExceeded where less than the order's total is left.
    """
    account = lock(company_id=order.purchase.company_id, currency=order.currency)
    require(account, amount=order.total_incl_tax, at=at)
    return post(
        account,
        Posting(key=_purchase_key(order.number), kind=Kind.PURCHASED, amount=order.total_incl_tax, at=at, order=order),
    )


def require(account: CreditAccount, *, amount: Decimal, at: datetime) -> None:
    """Raise when so much cannot be owed in addition. Holds count at the real time: orders may carry an earlier date."""
    if account.hold:
        raise CreditOnHold(is_overdue=account.hold == CreditAccount.Hold.OVERDUE)
    if account.limit is None:
        return
    available = account.limit - account.balance - held(account, at=max(at, timezone.now()))
    if amount > available:
        raise CreditExceeded(available=available, currency=account.currency)


@transaction.atomic
def reimburse(*, order: Order, amount: Decimal, key: str, at: datetime, reference: str = "", by: Any = None) -> None:
    """Take what was paid for an order off what the company owes; below zero, put back what was paid back to it.

    Does nothing for an order that never was on credit. The order, and its invoice, are locked by the caller.
    """
    kind = Kind.REIMBURSED if amount > 0 else Kind.PAID_OUT
    _lessen(order, kind, amount, key=key, at=at, reference=reference, by=by)


@transaction.atomic
def refund(*, order: Order, amount: Decimal, key: str, at: datetime, reference: str = "", by: Any = None) -> None:
    """Take what was credited on an order's invoice off what the company owes; see `reimburse`."""
    _lessen(order, Kind.REFUNDED, amount, key=key, at=at, reference=reference, by=by)


def _lessen(order: Order, kind: str, amount: Decimal, *, key: str, **about: Any) -> None:
    bought = CreditEntry.objects.filter(key=_purchase_key(order.number)).select_related("account").first()
    if bought is None or not amount:
        return
    account = lock(company_id=bought.account.company_id, currency=order.currency)
    post(account, Posting(key=f"{kind}:{key}", kind=kind, amount=-amount, order=order, **about))


def _purchase_key(number: str) -> str:
    return f"purchased:{number}"
