"""What the bank says of a SEPA file: its report taken in, or finance's word that it was executed."""

import hashlib
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.commissions.models import BankStatusFile, PayoutAttempt, PayoutBatch
from channels.commissions.rails import sepa
from channels.commissions.services import locks, payouts


class UnknownBatch(LookupError):
    """The report answers a file that was not made here."""


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
    batch = PayoutBatch.objects.exclude(file_at=None).get(pk=batch_id)
    under_way = batch.attempts.filter(state=PayoutAttempt.State.SENT).order_by("pk")
    for attempt in under_way:
        payouts.confirm(attempt_id=attempt.pk, at=at, provider_id=attempt.key, by=by)
    return len(under_way)
