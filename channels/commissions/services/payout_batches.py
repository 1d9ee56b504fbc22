"""Sending many payouts together, each by itself: one that cannot be sent never holds the others up."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from celery import signature
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.commissions.models import (
    Payout,
    PayoutAttempt,
    PayoutBatch,
    PayoutBatchItem,
    PayoutRecall,
    Rail,
    Statement,
)
from channels.commissions.rails import rail, sepa
from channels.commissions.selectors.payees import whereabouts
from channels.commissions.services import locks, payout_sending, payouts, statements

PATIENCE = timedelta(minutes=10)  # a batch that is still sending after this lost its worker
REFUSALS = (payouts.WrongState, payouts.NothingOwed, payouts.OnHold, payouts.NotApproved)


class EmptyBatch(ValueError):
    """None of the payouts can be sent."""


@dataclass(slots=True)
class Approved:
    """What came of approving many statements: how many may be sent, how many wait for a second person, and the rest."""

    ready: int = 0
    waiting: int = 0
    refused: list[str] = field(default_factory=list)


class NotPaid(Exception):
    """Only what was paid through a provider can be taken back."""


def approve_many(*, statement_ids: Iterable[int], at: datetime, by: AbstractBaseUser | None) -> Approved:
    """Approve statements and prepare their payouts, each by itself: one that is refused holds nobody up."""
    done = Approved()
    for statement_id in statement_ids:
        try:
            statement = statements.approve(statement_id=statement_id, at=at, by=by)
            payout = payouts.draft(statement_id=statement_id, at=at, by=by)
            if statement.state == Statement.State.APPROVED:
                payouts.approve(payout_id=payout.pk, at=at, by=by)
        except (*REFUSALS, statements.ApprovedAlready, statements.NeedsAPerson) as refusal:
            done.refused.append(str(refusal))
        else:
            done.ready += statement.state == Statement.State.APPROVED
            done.waiting += statement.state == Statement.State.CLOSED
    return done


def prepare(*, statement_ids: Iterable[int], at: datetime, by: AbstractBaseUser | None) -> list[int]:
    """Return the payouts of the approved ones among the statements, made where there was none."""
    approved = Statement.objects.filter(pk__in=set(statement_ids), state=Statement.State.APPROVED)
    made = []
    for statement_id in approved.order_by("pk").values_list("pk", flat=True):
        with suppress(*REFUSALS):
            made.append(payouts.create(statement_id=statement_id, at=at, by=by).pk)
    return made


@transaction.atomic
def create(*, payout_ids: Iterable[int], rail: str, at: datetime, by: AbstractBaseUser | None) -> PayoutBatch:
    """Put approved payouts into a batch; after the commit a task sends them. Raises EmptyBatch."""
    ready = Payout.objects.filter(pk__in=set(payout_ids), state__in=(Payout.State.APPROVED, Payout.State.FAILED))
    found = list(ready.order_by("pk"))
    if not found:
        raise EmptyBatch(_("None of these payouts is ready to be sent."))
    batch = PayoutBatch.objects.create(rail=Rail(rail), created_at=at, created_by_id=by.pk if by else None)
    PayoutBatchItem.objects.bulk_create(PayoutBatchItem(batch=batch, payout=payout) for payout in found)
    record(verb="payout_batch.created", subject=batch, at=at, actor=by, data={"rail": rail, "payouts": len(found)})
    transaction.on_commit(lambda: _send(batch.pk), robust=True)
    return batch


def retry(*, batch_id: int, at: datetime, by: AbstractBaseUser | None) -> PayoutBatch:
    """Send in a new batch what failed or was left out in this one. Raises EmptyBatch."""
    batch = PayoutBatch.objects.get(pk=batch_id)
    return create(payout_ids=batch.items.values_list("payout", flat=True), rail=batch.rail, at=at, by=by)


def run(*, batch_id: int, now: datetime) -> PayoutBatch:
    """Send what is still to be sent of a batch. Safe twice, twice at once, and after any crash."""
    batch = PayoutBatch.objects.get(pk=batch_id)
    for item_id in batch.items.filter(handled_at__isnull=True).values_list("pk", flat=True):
        attempt_id = _begin(item_id, now)
        if attempt_id:
            payout_sending.try_to_advance(attempt_id=attempt_id, now=now)
    for attempt_id in batch.attempts.filter(state=PayoutAttempt.State.SENT, tries=0).values_list("pk", flat=True):
        payout_sending.try_to_advance(attempt_id=attempt_id, now=now)
    return _finish(batch_id, now)


def resume(*, now: datetime) -> int:
    """Go on with the batches whose task was lost; return how many."""
    lost = PayoutBatch.objects.filter(state=PayoutBatch.State.SENDING, created_at__lte=now - PATIENCE)
    return sum(run(batch_id=pk, now=now).state == PayoutBatch.State.SENT for pk in lost.values_list("pk", flat=True))


def _send(batch_id: int) -> None:
    """Hand the batch to the task, by name: tasks import services, never the other way round."""
    signature("channels.commissions.tasks.send_payouts").delay(batch_id)


@transaction.atomic
def _begin(item_id: int, now: datetime) -> int | None:
    """Commit the attempt and the item's end together, before anything leaves; None when there is nothing to send."""
    item = PayoutBatchItem.objects.select_related("batch__created_by", "payout__statement").get(pk=item_id)
    payout = locks.lock_payout(item.payout_id)
    item.refresh_from_db(fields=["handled_at"])
    if item.handled_at:
        return None
    item.handled_at = now
    payee = whereabouts(payout.statement.partner_id, now=now).payee
    way = rail(item.batch.rail)
    if obstacle := way.obstacle(payee, payout.currency):
        item.note = obstacle[:255]
    else:
        try:
            with transaction.atomic():
                item.attempt = payouts.send(
                    payout_id=payout.pk, reference=payout.statement.number, at=now, by=item.batch.created_by,
                    rail=item.batch.rail, destination=way.destination(payee), holder=payee.holder,
                    batch_id=item.batch_id,
                )  # fmt: skip
        except REFUSALS as refusal:
            item.note = str(refusal)[:255]
    item.save(update_fields=["handled_at", "note", "attempt"])
    return item.attempt_id


@transaction.atomic
def _finish(batch_id: int, now: datetime) -> PayoutBatch:
    """Close a batch whose items all had their turn, and make the bank's file, once."""
    batch = PayoutBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state == PayoutBatch.State.SENT or batch.items.filter(handled_at__isnull=True).exists():
        return batch
    under_way = list(batch.attempts.select_related("payout").filter(state=PayoutAttempt.State.SENT).order_by("pk"))
    if batch.rail == Rail.SEPA and under_way:
        batch.message_id, batch.file_at = f"ACCORD-{batch.created_at:%Y%m%d}-{batch.pk}", now
        transfers = [payout_sending.transfer_of(attempt) for attempt in under_way]
        batch.file = sepa.write(message_id=batch.message_id, at=now, transfers=transfers)
    batch.state = PayoutBatch.State.SENT
    batch.save()
    return batch


# --- taking a transfer back -------------------------------------------------------------------------------------------


@transaction.atomic
def recall(*, payout_id: int, reason: str, at: datetime, by: AbstractBaseUser | None) -> PayoutRecall:
    """Ask for a paid payout back: on record now, asked after the commit. Raises NotPaid."""
    payout = locks.lock_payout(payout_id)
    attempt = payout.attempts.order_by("-pk").first()
    if attempt is None or payout.state != Payout.State.PAID or attempt.rail != Rail.STRIPE:
        raise NotPaid(_("Only a payout that was paid through Stripe can be taken back there."))
    row, is_new = PayoutRecall.objects.get_or_create(
        attempt=attempt, state=PayoutRecall.State.ASKED,
        defaults={"reason": reason[:255], "at": at, "by_id": by.pk if by else None},
    )  # fmt: skip
    if is_new:
        record(verb="payout.recall_asked", subject=payout, at=at, actor=by, reason=reason[:255])
        transaction.on_commit(lambda: _send_recall(row.pk), robust=True)
    return row


def _send_recall(recall_id: int) -> None:
    signature("channels.commissions.tasks.recall_payout").delay(recall_id)
