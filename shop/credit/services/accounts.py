"""What is agreed with a company about its credit: limits, holds, and corrections by hand."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from channels import api
from shop.billing.models import Invoice
from shop.companies.models import Company
from shop.credit.errors import CreditChangeRefused
from shop.credit.models import CreditAccount, CreditEntry
from shop.credit.services import ledger
from shop.credit.services.ledger import Posting

Hold = CreditAccount.Hold
Kind = CreditEntry.Kind


@transaction.atomic
def set_limit(
    *, company: Company, currency: str, limit: Decimal | None, key: str, at: datetime, by: Any = None, note: str = ""
) -> CreditAccount:
    """Agree how much the company may owe; None: as much as it likes. The same `key` again changes nothing.

    A limit below what is owed already stops further purchases and nothing else.
    """
    account = ledger.lock(company_id=company.pk, currency=currency)
    if CreditEntry.objects.filter(key=key).exists():
        return account
    before, account.limit = account.limit, limit
    account.save(update_fields=["limit"])
    ledger.post(account, Posting(key=key, kind=Kind.ALLOCATED, amount=Decimal("0.00"), at=at, note=note, by=by))
    terms = {"before": str(before), "after": str(limit)}
    api.record_audit(verb="credit.limit_set", subject=account, at=at, actor=by, reason=note, data=terms)
    return account


@transaction.atomic
def hold(*, account_id: int, reason: str, at: datetime, by: Any) -> bool:
    """Stop buying on invoice until `release`; False when a person has stopped it already."""
    account = CreditAccount.objects.select_for_update().get(pk=account_id)
    if account.hold == Hold.MANUAL:
        return False
    _set_hold(account, Hold.MANUAL, reason=reason, at=at)
    api.record_audit(verb="credit.held", subject=account, at=at, actor=by, reason=reason)
    return True


@transaction.atomic
def release(*, account_id: int, at: datetime, by: Any) -> bool:
    """Let the company buy on invoice again; overdue invoices stop it anew at the next look at them."""
    account = CreditAccount.objects.select_for_update().get(pk=account_id)
    if not account.hold:
        return False
    _set_hold(account, Hold.NONE, reason="", at=None)
    api.record_audit(verb="credit.released", subject=account, at=at, actor=by)
    return True


@transaction.atomic
def correct(*, account_id: int, amount: Decimal, key: str, at: datetime, note: str, by: Any) -> CreditEntry:
    """Change what is owed by hand, with the reason. Raises CreditChangeRefused for nothing."""
    if not amount:
        raise CreditChangeRefused(_("A correction is an amount above or below zero."))
    account = CreditAccount.objects.select_for_update().get(pk=account_id)
    entry = ledger.post(account, Posting(key=key, kind=Kind.CORRECTED, amount=amount, at=at, note=note, by=by))
    api.record_audit(
        verb="credit.corrected", subject=account, at=at, actor=by, reason=note, data={"amount": str(amount)}
    )
    return entry


def review_holds(*, now: datetime) -> dict[str, int]:
    """Hold the accounts of companies with invoices long overdue, and release those that have paid. Safe to repeat."""
    before = now.date() - timedelta(days=settings.CREDIT_HOLD_AFTER_DAYS)
    late = Invoice.objects.filter(state=Invoice.State.OPEN, due_on__lt=before)
    overdue = set(late.values_list("order__purchase__company_id", "currency"))
    held = released = 0
    for pk, company, currency, state in CreditAccount.objects.order_by("pk").values_list(
        "pk", "company_id", "currency", "hold"
    ):
        is_late = (company, currency) in overdue
        if is_late == bool(state) or state == Hold.MANUAL:
            continue
        with transaction.atomic():
            account = CreditAccount.objects.select_for_update().get(pk=pk)
            if account.hold == Hold.MANUAL:
                continue
            _set_hold(account, Hold.OVERDUE if is_late else Hold.NONE, reason="", at=now if is_late else None)
        held, released = held + is_late, released + (not is_late)
    return {"credit held": held, "credit released": released}


def _set_hold(account: CreditAccount, state: str, *, reason: str, at: datetime | None) -> None:
    account.hold, account.hold_reason, account.held_at = state, reason, at
    account.save(update_fields=["hold", "hold_reason", "held_at"])
