"""Asking a register about VAT ids: after the commit, once in a while, and again when it did not answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from shop.registration.models import VatCheck
from shop.registration.vat import registers

FRESH = timedelta(days=30)
LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
# Each may take some seconds while a register is down.
AT_ONCE = 20

Result = VatCheck.Result


@transaction.atomic
def request(*, vat_id: str, now: datetime) -> None:
    """Have a VAT id checked after the commit, unless a fresh answer is known. Waits for nobody."""
    if not vat_id:
        return
    row, is_new = VatCheck.objects.get_or_create(vat_id=vat_id, defaults={"next_try_at": now})
    if not is_new and row.checked_at and row.checked_at + FRESH > now:
        return
    VatCheck.objects.filter(pk=row.pk, next_try_at=None).update(next_try_at=now, attempts=0)
    transaction.on_commit(lambda: _send(row.pk), robust=True)


def check(*, check_id: int, now: datetime) -> bool:
    """Ask the register; False when there is none, nothing is due, or it did not answer. Nothing is locked meanwhile.

    An earlier answer stays while the register is away.
    """
    register = registers.configured()
    due = VatCheck.objects.filter(pk=check_id, next_try_at__lte=now)
    if register is None or not due.update(next_try_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    row = VatCheck.objects.get(pk=check_id)
    if not register.covers(row.vat_id):
        return _keep(row, result=Result.UNCOVERED, source=register.name, now=now)
    try:
        answer = register.look_up(row.vat_id)
    except registers.Unreachable:
        pause = min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 16), LONGEST_PAUSE)
        VatCheck.objects.filter(pk=row.pk).update(next_try_at=now + pause)
        return False
    result = Result.VALID if answer.is_valid else Result.INVALID
    return _keep(row, result=result, source=register.name, now=now, name=answer.name)


def check_due(*, now: datetime) -> int:
    """Ask about what waits; return how many answers came."""
    due = VatCheck.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk")
    return sum(check(check_id=pk, now=now) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def _keep(row: VatCheck, *, result: Result, source: str, now: datetime, name: str = "") -> bool:
    VatCheck.objects.filter(pk=row.pk).update(
        result=result, source=source, checked_at=now, registered_name=name, next_try_at=None, attempts=0
    )
    return True


def _send(check_id: int) -> None:
    from shop.registration.tasks import check_vat_id  # it imports this module

    check_vat_id.delay(check_id)
