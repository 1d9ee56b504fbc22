"""The end of a hold: from held to payable, never before, and never while a person has to look first."""

from datetime import datetime
from typing import cast

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet, Sum

from channels.audit.services import record
from channels.commissions.engine import ledger as engine
from channels.commissions.models import Accrual, LedgerPosting
from channels.commissions.selectors.freezes import not_frozen
from channels.commissions.services import ledger, locks

State = Accrual.State


@transaction.atomic
def release_due(*, now: datetime) -> int:
    """Release every accrual whose hold ended by `now`; return how many."""
    locks.lock_head()
    return _release(_waiting().filter(hold_until__lte=now))


@transaction.atomic
def release_before(*, end: datetime) -> int:
    """Release every accrual whose hold ended before `end`, the first instant of the next month."""
    locks.lock_head()
    return _release(_waiting().filter(hold_until__lt=end))


@transaction.atomic
def clear_review(*, accrual_ids: list[int], at: datetime, by: AbstractBaseUser | None = None, reason: str = "") -> int:
    """Let accruals that were held for review go on to their normal hold, which ends no earlier than `at`."""
    locks.lock_head()
    cleared = 0
    for accrual in Accrual.objects.filter(pk__in=accrual_ids, state=State.REVIEW).select_related("partner", "order"):
        accrual.state = State.HELD
        accrual.hold_until = max(accrual.hold_until or at, at)
        accrual.save(update_fields=["state", "hold_until"])
        record(verb="accrual.review_cleared", subject=accrual, at=at, actor=by, reason=reason)
        cleared += 1
    return cleared


def _waiting() -> QuerySet[Accrual]:
    return not_frozen(Accrual.objects.filter(state=State.HELD, reverses=None))


def _release(due: QuerySet[Accrual]) -> int:
    """Booked when the hold ended, so that each month's statement holds what fell due in it."""
    accruals = list(due.annotate(taken=Sum("reversals__amount_minor")).order_by("hold_until", "pk"))
    drafts = []
    for accrual in accruals:
        entries = engine.release(
            partner=str(accrual.partner_id),
            amount_minor=accrual.amount_minor + (accrual.taken or 0),
            currency=accrual.currency,
        )
        drafts.append(
            ledger.Draft(
                key=_release_key(accrual),
                kind=LedgerPosting.Kind.RELEASE,
                booked_at=cast("datetime", accrual.hold_until),
                order_id=accrual.order_id,
                accrual_id=accrual.pk,
                entries=entries,
            )
        )
    ledger.post_many(drafts)
    Accrual.objects.filter(pk__in=[accrual.pk for accrual in accruals]).update(state=State.PAYABLE)
    return len(accruals)


def _release_key(accrual: Accrual) -> str:
    """What a dispute put back on hold is released once more."""
    return f"release:{accrual.key}" + (f":{accrual.refreezes}" if accrual.refreezes else "")
