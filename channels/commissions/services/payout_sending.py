"""Moving the money of an attempt that is on record: one step, safe at any moment and any number of times.

The attempt was committed before; nothing here runs in a transaction while the provider is asked. A process may die
anywhere: whoever comes next looks the transfer up, or asks again under the same key, and so it is paid once.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q

from channels.audit.services import record
from channels.commissions.models import PayoutAttempt, PayoutRecall
from channels.commissions.rails import rail
from channels.commissions.rails.protocol import Rail, Receipt, Refused, Transfer, Undecided
from channels.commissions.services import payouts

logger = logging.getLogger(__name__)

State = PayoutAttempt.State
# Longer than the slowest call with its retries: while it runs, nobody else works on the attempt.
LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
NEVER_ARRIVED = "The provider never received it. It can be sent again."


def transfer_of(attempt: PayoutAttempt) -> Transfer:
    return Transfer(
        key=attempt.key,
        group=f"PAYOUT-{attempt.payout_id}",
        amount_minor=attempt.amount_minor,
        currency=attempt.payout.currency,
        destination=attempt.destination,
        holder=attempt.holder,
        reference=attempt.reference,
    )


def advance(*, attempt_id: int, now: datetime) -> str:
    """Send an attempt, or find out what came of it; return its state. Nothing happens while another is at it."""
    if not _lease(attempt_id, now):
        return str(PayoutAttempt.objects.values_list("state", flat=True).get(pk=attempt_id))
    attempt = PayoutAttempt.objects.select_related("payout").get(pk=attempt_id)
    way = rail(attempt.rail)
    try:
        receipt = _carry(attempt, way, now)
    except Refused as refusal:
        payouts.refuse(attempt_id=attempt_id, at=now, reason=str(refusal))
    except Undecided as error:
        _postpone(attempt, str(error), now)
    else:
        if receipt:
            payouts.confirm(attempt_id=attempt_id, at=now, provider_id=receipt.provider_id)
    attempt.refresh_from_db()
    return attempt.state


def try_to_advance(*, attempt_id: int, now: datetime) -> str:
    """As `advance`, among others: what breaks is logged, and its lease brings it back."""
    try:
        return advance(attempt_id=attempt_id, now=now)
    except Exception:
        logger.exception("Payout attempt %s broke; it is looked up when its lease ends.", attempt_id)
        return State.SENT


def reconcile(*, now: datetime) -> dict[str, int]:
    """Bring every attempt and recall whose answer is missing one step further; return counts."""
    waiting = PayoutAttempt.objects.filter(_is_due(now), state=State.SENT, rail="stripe", at__lte=now)
    states = [try_to_advance(attempt_id=pk, now=now) for pk in waiting.order_by("pk").values_list("pk", flat=True)]
    asked = PayoutRecall.objects.filter(_is_due(now), state=PayoutRecall.State.ASKED, at__lte=now)
    for pk in asked.order_by("pk").values_list("pk", flat=True):
        take_back(recall_id=pk, now=now)
    return {
        "payouts_confirmed": states.count(State.CONFIRMED),
        "payouts_refused": states.count(State.REFUSED),
        "payouts_waiting": states.count(State.SENT),
    }


def _carry(attempt: PayoutAttempt, way: Rail, now: datetime) -> Receipt | None:
    """Look up first whatever may have left before; send under the same key while the provider remembers it."""
    transfer = transfer_of(attempt)
    is_old = way.key_lives_for is not None and now - attempt.at >= way.key_lives_for
    if attempt.tries > 1 or is_old:
        if found := _look_up(way, transfer):
            return found
        if is_old:
            raise Refused(NEVER_ARRIVED)
    return way.send(transfer)


def _look_up(way: Rail, transfer: Transfer) -> Receipt | None:
    """A look-up that is refused says nothing about the payment."""
    try:
        return way.find(transfer)
    except Refused as refusal:
        raise Undecided(str(refusal)) from refusal


def _is_due(now: datetime) -> Q:
    return Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)


def _lease(attempt_id: int, now: datetime) -> bool:
    """One conditional UPDATE: of any number of senders at once, one gets the attempt."""
    free = PayoutAttempt.objects.filter(_is_due(now), pk=attempt_id, state=State.SENT)
    return bool(free.update(next_try_at=now + LEASE, tries=F("tries") + 1))


def _postpone(attempt: PayoutAttempt, error: str, now: datetime) -> None:
    logger.warning("Payout attempt %s is undecided and is looked up later: %s", attempt.pk, error)
    PayoutAttempt.objects.filter(pk=attempt.pk, state=State.SENT).update(
        next_try_at=now + pause_after(attempt.tries), last_error=error[:255]
    )


def pause_after(tries: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 16), LONGEST_PAUSE)


# --- taking a transfer back -----------------------------------------------------------------------------------------


def take_back(*, recall_id: int, now: datetime) -> str:
    """Ask the provider for a transfer back; return the recall's state. A refusal leaves the payout paid."""
    free = PayoutRecall.objects.filter(_is_due(now), pk=recall_id, state=PayoutRecall.State.ASKED)
    if not free.update(next_try_at=now + LEASE, tries=F("tries") + 1):
        return str(PayoutRecall.objects.values_list("state", flat=True).get(pk=recall_id))
    recall = PayoutRecall.objects.select_related("attempt__payout", "by").get(pk=recall_id)
    attempt = recall.attempt
    try:
        rail(attempt.rail).take_back(transfer_of(attempt), provider_id=attempt.provider_id, key=recall.key)
    except Refused as refusal:
        recall.state, recall.last_error = PayoutRecall.State.REFUSED, str(refusal)[:255]
        record(verb="payout.recall_refused", subject=attempt.payout, at=now, reason=recall.last_error)
    except Undecided as error:
        recall.next_try_at, recall.last_error = now + pause_after(recall.tries), str(error)[:255]
    else:
        payouts.returned(payout_id=attempt.payout_id, at=now, reason=recall.reason, by=recall.by)
        recall.state = PayoutRecall.State.DONE
    recall.save(update_fields=["state", "next_try_at", "last_error"])
    return recall.state
