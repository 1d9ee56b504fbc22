"""Finds out by itself what webhooks, answers and tasks would have told, had they not been lost.

Three ways lead to the same end: Stripe's list of events feeds the inbox with what was never delivered; whatever is open
here is asked for one by one, at growing pauses; and what was asked for here and never sent is sent. All of them end in
the same `apply`, so that a late webhook changes nothing any more.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from shop.payments import gateway
from shop.payments.errors import CannotPay, Mismatch, ProviderAway
from shop.payments.models import Dispute, EventCursor, Payment, Refund
from shop.payments.services import disputes, inbox, methods, payments, refunds

logger = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=15)  # events may be listed a little after they were created
HORIZON = timedelta(days=29)  # Stripe lists events of the last 30 days
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=6)
SLOW_PAUSE = timedelta(days=1)  # refunds on their way, and disputes: events tell of them too
AT_ONCE = 200


def reconcile(*, now: datetime) -> dict[str, int]:
    """Bring payments, refunds, disputes and saved methods to where Stripe says that they are; counts of what was done.

    Network, never in a transaction. While Stripe is away it gives up and comes back with the next run.
    """
    if not gateway.is_set_up():
        return heal(now=now)
    counts = {"events fetched": 0, "payments checked": 0, "refunds checked": 0, "disputes checked": 0}
    try:
        counts["events fetched"] = fetch_events(now=now)
        counts["payments checked"] = _each(_due_payments(now), lambda pk: _check_payment(pk, now))
        counts["refunds checked"] = _each(
            Refund.objects.filter(state=Refund.State.PENDING, updated_at__lte=now - SLOW_PAUSE),
            lambda pk: refunds.refresh_refund(refund_id=pk, at=now),
        )
        counts["disputes checked"] = _each(
            Dispute.objects.exclude(state__in=disputes.OVER).filter(updated_at__lte=now - SLOW_PAUSE),
            lambda pk: disputes.refresh_dispute(dispute_id=pk, at=now),
        )
    except ProviderAway:
        logger.warning("Stripe is away; the reconciler comes back later")
    return {**counts, **heal(now=now)}


def heal(*, now: datetime) -> dict[str, int]:
    """Do what a lost task left: apply what is in the inbox, tell the listeners, send refunds."""
    return {
        "webhook events applied": inbox.apply_waiting(now=now),
        "payments told": tell_waiting(now=now),
        "refunds sent": refunds.send_waiting(now=now) if gateway.is_set_up() else 0,
        "methods mended": methods.heal(now=now) if gateway.is_set_up() else 0,
        "disputes told": disputes.tell_waiting(now=now),
    }


def fetch_events(*, now: datetime) -> int:
    """Put Stripe's events since the last time into the inbox; return how many of them had never come."""
    cursor = EventCursor.objects.filter(pk=1).first()
    since = max(cursor.read_until - OVERLAP, now - HORIZON) if cursor else now - HORIZON
    params = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    found = [inbox.add_fetched(event=row, at=now) for row in gateway.each(lambda v1: v1.events.list(params=params))]
    fresh = [row for row in found if row]
    for row in reversed(fresh):  # the oldest first; any order would do
        inbox.apply_event(event_id=row.pk, at=now)
    EventCursor.objects.update_or_create(pk=1, defaults={"read_until": now})
    return len(fresh)


def tell_waiting(*, now: datetime) -> int:
    """Tell listeners what they have not heard, those that failed least often first; return how many took it in."""
    rows = Payment.objects.filter(version__gt=F("told_version")).order_by("tellings", "pk")
    return sum(payments.tell(payment_id=pk, at=now) for pk in list(rows.values_list("pk", flat=True)[:AT_ONCE]))


def _due_payments(now: datetime) -> QuerySet[Payment]:
    begun = Q(intent_id__isnull=False) | Q(sent_at__isnull=False) | Q(saved_method__isnull=False)
    rows = Payment.objects.filter(begun, state__in=Payment.OPEN, next_check_at__lte=now)
    return rows.order_by("next_check_at")


def _check_payment(payment_id: int, now: datetime) -> None:
    """Look at one; the older it is the longer until the next look. One that was never sent is sent, if nobody has to be there."""
    payment = Payment.objects.get(pk=payment_id)
    pause = min(max((now - payment.created_at) / 4, SHORTEST_PAUSE), LONGEST_PAUSE)
    Payment.objects.filter(pk=payment_id).update(next_check_at=now + pause)
    if payment.off_session and payment.intent_id is None:
        payments.send(payment_id=payment_id, at=now)
    else:
        payments.refresh(payment_id=payment_id, at=now)


def _each(rows: QuerySet[Any], act: Callable[[int], object]) -> int:
    """Do it to each of the first rows; one that fails alone is logged and holds up nobody."""
    done = 0
    for pk in list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            act(pk)
        except ProviderAway:
            raise
        except (CannotPay, Mismatch):
            logger.exception("reconciling %s failed", pk)
        else:
            done += 1
    return done
