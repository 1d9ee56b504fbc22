"""The webhook's inbox: what arrived is kept as it came, verified, counted once, and applied by a task.

received -> applied | ignored, or after MAX_TRIES parked for a person; refused when nobody but an impostor, or a secret
that we do not know, can have sent it. Parked and refused ones may be replayed from the desk.
"""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe
from celery import signature as task
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from channels import api
from shop.payments.models import WebhookEvent
from shop.payments.services import handlers

logger = logging.getLogger(__name__)

State = WebhookEvent.State
TOLERANCE = timedelta(minutes=5)  # a signature is no older, and
AHEAD = timedelta(seconds=30)  # no further in the future than clocks differ
MAX_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MOST_REFUSED = 1_000  # kept to look at; a flood of forgeries fills no disk
LONGEST_SIGNATURE = 1_000
KEPT_DAYS = 90  # Stripe sends an event again for 30 days at most


class Refused(Exception):
    """Not an event of Stripe's for us, as far as we can tell."""


def receive(*, body: bytes, signature: str, at: datetime) -> WebhookEvent:
    """Keep a delivery, then find out what it is; a new event is applied by a task.

    Returns the event's row, which is an older one for a delivery that is not the first. Raises Refused, with the row
    kept, for a wrong signature, one too old or of the future, and whatever is not an event.
    """
    row = WebhookEvent.objects.create(body=body, signature=_storable(signature), received_at=at)
    try:
        row = _verify(row)
    except Refused as refused:
        _keep_refused(row, str(refused))
        raise
    if row.state == State.RECEIVED:
        transaction.on_commit(lambda: apply_later(row.pk), robust=True)
    return row


def add_fetched(*, event: dict[str, Any], at: datetime) -> WebhookEvent | None:
    """Keep an event that was asked for at Stripe, and so needs no signature; None when it had come already."""
    row, is_new = WebhookEvent.objects.get_or_create(
        event_id=event["id"],
        defaults={"kind": event["type"][:80], "body": json.dumps(event).encode(), "received_at": at},
    )
    return row if is_new else None


def apply_event(*, event_id: int, at: datetime) -> WebhookEvent:
    """Apply the event of a row, once. What goes wrong is noted on it; after MAX_TRIES it is parked."""
    try:
        with transaction.atomic():
            row = WebhookEvent.objects.select_for_update().get(pk=event_id)
            if row.state != State.RECEIVED:
                return row
            if row.event_id is None:
                row = _verify(row)
                if row.pk != event_id or row.state != State.RECEIVED:
                    return row
            is_ours = handlers.handle(_event(bytes(row.body)), at=at)
            row.state, row.done_at, row.last_error = (State.APPLIED if is_ours else State.IGNORED), at, ""
            row.save(update_fields=["state", "done_at", "last_error"])
    except Refused as refused:
        row = WebhookEvent.objects.get(pk=event_id)
        _keep_refused(row, str(refused))
    except Exception as error:
        row = _note_failure(event_id, error, at)
    return row


def apply_waiting(*, now: datetime, limit: int = 500) -> int:
    """Apply what waits because a task was lost or failed; return how many are done."""
    due = Q(next_try_at__lte=now) | Q(next_try_at=None, received_at__lte=now - FIRST_PAUSE)
    rows = WebhookEvent.objects.filter(due, state=State.RECEIVED).order_by("received_at", "pk")
    done = (State.APPLIED, State.IGNORED)
    return sum(apply_event(event_id=pk, at=now).state in done for pk in list(rows.values_list("pk", flat=True)[:limit]))


def replay(*, event_id: int, by: User, at: datetime) -> WebhookEvent:
    """Apply an event again, whatever came of it; a refused delivery is verified again, as of when it came."""
    with transaction.atomic():
        row = WebhookEvent.objects.select_for_update().get(pk=event_id)
        api.record_audit(verb="payments.webhook_replayed", subject=row, at=at, actor=by, data={"was": row.state})
        row.state, row.tries, row.next_try_at, row.last_error = State.RECEIVED, 0, None, ""
        row.save()
    return apply_event(event_id=event_id, at=at)


def forget(*, now: datetime) -> int:
    """Delete what was done with long ago; parked ones stay."""
    old = WebhookEvent.objects.filter(received_at__lt=now - timedelta(days=KEPT_DAYS))
    return old.filter(state__in=(State.APPLIED, State.IGNORED, State.REFUSED)).delete()[0]


def _verify(row: WebhookEvent) -> WebhookEvent:
    """Give the row its event's id, or count it on the row that has it, and return that one. Raises Refused."""
    body = bytes(row.body)
    _check_signature(body, row.signature, row.received_at)
    event = _event(body)
    known = WebhookEvent.objects.filter(event_id=event["id"]).first()
    if known is None:
        try:
            with transaction.atomic():
                row.event_id, row.kind = event["id"], event["type"][:80]
                row.save(update_fields=["event_id", "kind"])
        except IntegrityError:  # another delivery of it came first just now
            known = WebhookEvent.objects.get(event_id=event["id"])
        else:
            return row
    WebhookEvent.objects.filter(pk=row.pk).delete()
    WebhookEvent.objects.filter(pk=known.pk).update(deliveries=F("deliveries") + 1)
    return known


def _check_signature(body: bytes, header: str, at: datetime) -> None:
    """Raise Refused unless one of our secrets signed the body about now.

    Stripe's library would take any time in the future, and breaks on a body that is no UTF-8.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refused("The body is not UTF-8.") from error
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(text, header, secret)
        except stripe.SignatureVerificationError:
            continue
        break
    else:
        raise Refused("No signature of ours." if settings.STRIPE_WEBHOOK_SECRETS else "No webhook secret is set.")
    signed = _signed_at(header)
    if not at - TOLERANCE <= signed <= at + AHEAD:
        raise Refused(f"Signed {signed:%Y-%m-%d %H:%M:%S} UTC, which is not about when it came.")


def _storable(header: str) -> str:
    """A header of Stripe's is plain; what is not can be no signature, and may not even be text to a database."""
    return header if header.isascii() and header.isprintable() and len(header) <= LONGEST_SIGNATURE else ""


def _signed_at(header: str) -> datetime:
    """Return the moment that a verified header names: the first `t`, as Stripe's library reads it."""
    seconds = next(part[2:] for part in header.split(",") if part.startswith("t="))
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused("The signature's time is none.") from error


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
        is_event = isinstance(event["id"], str) and isinstance(event["type"], str) and event["data"]["object"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("Signed, but not an event.") from error
    if not is_event:
        raise Refused("Signed, but not an event.")
    return dict(event)


def _keep_refused(row: WebhookEvent, reason: str) -> None:
    if WebhookEvent.objects.filter(state=State.REFUSED).count() >= MOST_REFUSED:
        WebhookEvent.objects.filter(pk=row.pk).delete()
        return
    row.state, row.last_error = State.REFUSED, reason[:500]
    row.save(update_fields=["state", "last_error"])


@transaction.atomic
def _note_failure(event_id: int, error: Exception, at: datetime) -> WebhookEvent:
    row = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if row.state != State.RECEIVED:
        return row
    logger.warning("webhook event %s failed", row, exc_info=error)
    row.tries += 1
    row.last_error = f"{type(error).__name__}: {error}"[:500]
    row.next_try_at = at + min(FIRST_PAUSE * 2 ** (row.tries - 1), LONGEST_PAUSE)
    if row.tries >= MAX_TRIES:
        row.state = State.PARKED
    row.save()
    return row


def apply_later(event_id: int) -> None:
    task("shop.payments.tasks.apply_event", args=(event_id,)).delay()
