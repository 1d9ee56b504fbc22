"""Sending many payouts together, each by itself: one that cannot be sent never holds the others up."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from celery import signature
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.commissions.models import (
    BankStatusFile,
    Payout,
    PayoutAttempt,
    PayoutBatch,
    PayoutBatchItem,
    PayoutRecall,
    Rail,
)
from channels.commissions.rails import rail, sepa
from channels.commissions.selectors.payees import whereabouts
from channels.commissions.services import locks, payout_sending, payouts

PATIENCE = timedelta(minutes=10)  # a batch that is still sending after this lost its worker
REFUSALS = (payouts.WrongState, payouts.NothingOwed, payouts.OnHold, payouts.NotApproved)


class EmptyBatch(ValueError):
    """None of the payouts can be sent."""


class UnknownBatch(LookupError):
    """The report answers a file that was not made here."""


class NotPaid(Exception):
    """Only what was paid through a provider can be taken back."""


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


# --- what the bank says ---------------------------------------------------------------------------------------------


@transaction.atomic
def import_status(*, content: bytes, at: datetime, by: AbstractBaseUser | None) -> BankStatusFile:
    """Take a pain.002 report in: all of it or nothing. The same file again returns what it came to the first time.

    Raises sepa.UnreadableFile or UnknownBatch.
    """
    digest = hashlib.sha256(content).hexdigest()
    if known := BankStatusFile.objects.filter(digest=digest).first():
        return known
    report = sepa.read(content)
    batch = PayoutBatch.objects.filter(message_id=report.original_message_id).first()
    if batch is None:
        raise UnknownBatch(
            _("The report answers %(name)s, and no file of that name was made here.")
            % {"name": report.original_message_id[:60]}
        )
    attempts = {row.key: row for row in batch.attempts.select_related("payout__statement__partner").order_by("pk")}
    locks.lock_payouts(row.payout_id for row in attempts.values())
    if known := BankStatusFile.objects.filter(digest=digest).first():  # a twin was faster
        return known
    said = report.of(attempts)
    rows = [_apply(attempts[key], said[key], at) for key in attempts if key in said]
    rows += [
        {"key": row.key, "status": row.status, "reason": row.reason, "outcome": "unknown"}
        for row in report.rows
        if row.key and row.key not in attempts
    ]
    made = BankStatusFile.objects.create(
        digest=digest, message_id=report.message_id[:35], batch=batch, rows=rows, at=at, by_id=by.pk if by else None
    )
    record(verb="payout_batch.status", subject=batch, at=at, actor=by, data={"rows": len(rows), "file": digest[:12]})
    return made


def _apply(attempt: PayoutAttempt, said: sepa.ReportedTransfer, at: datetime) -> dict[str, str]:
    """Return what a row came to: paid, refused, returned, accepted, or unchanged."""
    attempt.refresh_from_db(fields=["state"])
    was, outcome = attempt.state, "unchanged"
    if said.status in sepa.PAID and was == PayoutAttempt.State.SENT:
        payouts.confirm(attempt_id=attempt.pk, at=at, provider_id=attempt.key)
        outcome = "paid"
    elif said.status in sepa.REFUSED and was == PayoutAttempt.State.SENT:
        payouts.refuse(attempt_id=attempt.pk, at=at, reason=said.reason or said.status)
        outcome = "refused"
    elif said.status in sepa.REFUSED and was == PayoutAttempt.State.CONFIRMED:
        payouts.returned(payout_id=attempt.payout_id, at=at, reason=said.reason or said.status)
        outcome = "returned"
    elif was == PayoutAttempt.State.SENT:
        outcome = "accepted"
    PayoutAttempt.objects.filter(pk=attempt.pk).update(bank_status=said.status[:4])
    statement = attempt.payout.statement
    return {
        "key": attempt.key, "statement": statement.number, "partner": statement.partner.name,
        "status": said.status, "reason": said.reason, "outcome": outcome,
    }  # fmt: skip


def confirm_executed(*, batch_id: int, at: datetime, by: AbstractBaseUser | None) -> int:
    """Finance saw on the account that the bank executed the file: what is under way is paid. Returns how many."""
    batch = PayoutBatch.objects.exclude(file="").get(pk=batch_id)
    under_way = batch.attempts.filter(state=PayoutAttempt.State.SENT).order_by("pk")
    for attempt in under_way:
        payouts.confirm(attempt_id=attempt.pk, at=at, provider_id=attempt.key, by=by)
    return len(under_way)


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
