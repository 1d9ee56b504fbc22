"""What Stripe sends to the webhook: signed bodies of events, to be delivered in any order, twice, late, or never."""

import json
from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from shop.payments.fake_stripe import store
from shop.payments.models import FakeObject
from shop.payments.services import inbox


def events(kind: str = "") -> list[dict[str, Any]]:
    """Return the events so far whose type starts with `kind`, the oldest first."""
    rows = FakeObject.objects.filter(kind="event", data__type__startswith=kind)
    return [dict(row.data) for row in rows.order_by("sequence")]


def signed(event: dict[str, Any], *, at: datetime, secret: str = "") -> tuple[bytes, str]:
    """Return the body and the `Stripe-Signature` with which an event is delivered at a moment."""
    body = json.dumps(event)
    secret = secret or settings.STRIPE_WEBHOOK_SECRETS[0]
    header = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(at.timestamp()))
    return body.encode(), header


def deliver(event: dict[str, Any], *, at: datetime) -> None:
    """Hand one over, as the webhook's page would."""
    body, signature = signed(event, at=at)
    inbox.receive(body=body, signature=signature, at=at)


def waiting() -> list[dict[str, Any]]:
    """Return the events that were not delivered yet, the oldest first."""
    return [event for event in events() if event["pending_webhooks"]]


def take_waiting() -> list[dict[str, Any]]:
    """Return them for the last time."""
    taken = waiting()
    for event in taken:
        store.save({**event, "pending_webhooks": 0})
    return taken


def deliver_waiting(*, at: datetime) -> int:
    """Deliver, once each, what was not delivered yet; return how many."""
    taken = take_waiting()
    for event in taken:
        deliver(event, at=at)
    return len(taken)
