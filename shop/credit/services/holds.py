"""Credit kept free for what is agreed and not bought yet."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from shop.companies.models import Company
from shop.credit.models import CreditHold
from shop.credit.services import ledger


@transaction.atomic
def keep(*, company: Company, currency: str, amount: Decimal, key: str, until: datetime, now: datetime) -> CreditHold:
    """Keep so much free until then, or raise CreditRefused. The same `key` again returns the hold as it is."""
    account = ledger.lock(company_id=company.pk, currency=currency)
    if existing := CreditHold.objects.filter(key=key).first():
        return existing
    ledger.require(account, amount=amount, at=now)
    return CreditHold.objects.create(account=account, key=key, amount=amount, expires_at=until)


def release(*, key: str, at: datetime) -> bool:
    """End a hold; False when there is none under the key, or it ended before."""
    return bool(CreditHold.objects.filter(key=key, released_at=None).update(released_at=at))
