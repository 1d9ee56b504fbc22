"""A new key for account numbers: everything sealed is sealed again with the first of BANK_ACCOUNT_KEYS."""

from django.db import transaction
from django.db.models import Model, QuerySet

from channels.commissions.models import BankAccount, PayoutAttempt, PayoutBatch
from channels.commissions.sealing import fingerprints


def reseal() -> int:
    """Seal every stored value anew; return how many rows. Safe to run again, and while the store is open.

    Raises sealing.Unreadable when a key that sealed something is missing; what was done until then is fine.
    """
    return (
        sum(_reseal_account(pk) for pk in _keys(BankAccount.objects.all()))
        + sum(_reseal(PayoutAttempt, pk, "destination") for pk in _keys(PayoutAttempt.objects.all()))
        + sum(_reseal(PayoutBatch, pk, "file") for pk in _keys(PayoutBatch.objects.exclude(file_at=None)))
    )


def _keys(rows: QuerySet) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _reseal_account(pk: int) -> int:
    account = BankAccount.objects.select_for_update().get(pk=pk)
    account.fingerprint = fingerprints(account.iban)[0]
    account.save(update_fields=["iban", "fingerprint"])
    return 1


@transaction.atomic
def _reseal(model: type[Model], pk: int, field: str) -> int:
    """Write one field of one row as it is: storing it seals it. An empty one needs no key."""
    row = model._default_manager.select_for_update().get(pk=pk)
    if not getattr(row, field):
        return 0
    row.save(update_fields=[field])
    return 1
