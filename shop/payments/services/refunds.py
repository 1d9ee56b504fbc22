"""Money back: asked for under the payment's lock, sent over the network, followed until the bank has it.

Oscar's own `Source.refund` has no cap and loses updates between two requests; nothing here uses it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from celery import signature
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum

from shop.payments import gateway
from shop.payments.amounts import from_stripe, to_stripe
from shop.payments.errors import Mismatch, OverRefund, ProviderAway, ProviderRefused
from shop.payments.models import Payment, Refund
from shop.payments.services.history import changed
from shop.payments.services.once import ask_once

State = Refund.State
ORDER = list(State.values)  # a state only moves to one further down
REFUND_KEY = "accord_refund"  # in the refund's metadata: our row
STATES = {
    "pending": State.PENDING, "requires_action": State.PENDING, "succeeded": State.SUCCEEDED, "failed": State.FAILED,
    "canceled": State.FAILED,
}  # fmt: skip


Listener = Callable[[int, datetime], None]
_listeners: dict[str, Listener] = {}


def listen(prefix: str, listener: Listener) -> None:
    """Have `listener(refund_id, at)` called after the commit of each change of a refund whose key starts with `prefix`.

    It is called once; a listener that must not miss a change also looks by itself.
    """
    _listeners[prefix] = listener


@transaction.atomic
def request_refund(
    *,
    payment_id: int,
    amount: Decimal,
    key: str,
    reason: str,
    by: User | None = None,
    at: datetime,
    is_held: bool = False,
) -> Refund:
    """Write down that an amount goes back; it is sent after the commit. The same key returns the same refund.

    `is_held`: it counts against what was paid, and waits for `release` before it is sent.

    Raises OverRefund when that is more than was paid and is not on its way back, NotPayable for an amount that Stripe
    cannot carry, and Mismatch where the key was used for something else.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if known := Refund.objects.filter(key=key).first():
        if (known.payment_id, known.amount) != (payment_id, amount):
            raise Mismatch(f"{key} is a refund of {known.amount} of payment {known.payment_id} already")
        return known
    to_stripe(amount, payment.currency)
    if amount > payment.refundable:
        raise OverRefund(left=str(payment.refundable), currency=payment.currency)
    refund = Refund.objects.create(
        payment=payment, key=key, amount=amount, reason=reason[:255], requested_by=by, requested_at=at, updated_at=at,
        state=State.HELD if is_held else State.REQUESTED,
    )  # fmt: skip
    _settle(payment, refund, at)
    if not is_held:
        transaction.on_commit(lambda: _send_later(refund.pk), robust=True)
    return refund


@transaction.atomic
def release(*, refund_id: int, at: datetime) -> Refund:
    """Let a held refund go; it is sent after the commit. One that went before stays as it is."""
    payment = Payment.objects.select_for_update().get(refunds=refund_id)
    refund = payment.refunds.get(pk=refund_id)
    if refund.state == State.HELD:
        refund.state, refund.updated_at = State.REQUESTED, at
        refund.save()
        _settle(payment, refund, at)
        transaction.on_commit(lambda: _send_later(refund_id), robust=True)
    return refund


def send_refund(*, refund_id: int, at: datetime) -> Refund:
    """Ask Stripe for a refund that waits; safe to repeat. Raises ProviderAway when nobody knows whether it did."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state != State.REQUESTED:
        return refund
    try:
        theirs = ask_once(refund, create=lambda key: _create(refund, key), find=lambda: _find(refund), at=at)
    except ProviderRefused as refused:
        return _refuse(refund_id, refused.reason, at)
    return apply_refund(refund=theirs, at=at) or refund


def refresh_refund(*, refund_id: int, at: datetime) -> Refund:
    """Ask Stripe how a refund stands. Raises ProviderAway."""
    refund = Refund.objects.get(pk=refund_id)
    theirs = gateway.ask(lambda v1: v1.refunds.retrieve(refund.refund_id))
    return apply_refund(refund=theirs, at=at) or refund


def send_waiting(*, now: datetime) -> int:
    """Send the refunds whose task was lost or found Stripe away."""
    waiting = Refund.objects.filter(state=State.REQUESTED).order_by("sent_at", "pk").values_list("pk", flat=True)
    sent = 0
    for pk in list(waiting[:200]):
        try:
            sent += send_refund(refund_id=pk, at=now).state != State.REQUESTED
        except ProviderAway:
            break  # for all of them
    return sent


@transaction.atomic
def apply_refund(*, refund: Mapping[str, Any], at: datetime) -> Refund | None:
    """Take in how Stripe says that a refund stands; None for one of a payment that is not ours.

    One that was made in Stripe's own pages gets a row here. Raises Mismatch for another amount than ours.
    """
    payment = Payment.objects.select_for_update().filter(intent_id=refund.get("payment_intent") or "").first()
    if payment is None:
        return None
    row = _row_of(refund, payment, at)
    if (refund["amount"], refund["currency"].upper()) != (to_stripe(row.amount, payment.currency), payment.currency):
        raise Mismatch(f"refund {row.key}: Stripe says {refund['amount']} {refund['currency']}")
    state = max(row.state, STATES[refund["status"]], key=ORDER.index)
    if (state, refund["id"]) == (row.state, row.refund_id):
        return row
    row.refund_id, row.updated_at = refund["id"], at
    row.state, row.failure = state, refund.get("failure_reason") or ""
    row.save()
    _settle(payment, row, at)
    return row


def _row_of(refund: Mapping[str, Any], payment: Payment, at: datetime) -> Refund:
    ours = (refund.get("metadata") or {}).get(REFUND_KEY)
    rows = payment.refunds.filter(refund_id=refund["id"]) | payment.refunds.filter(key=ours or refund["id"])
    return rows.first() or Refund(
        payment=payment, key=refund["id"], amount=from_stripe(refund["amount"], refund["currency"]),
        reason=refund.get("reason") or "", requested_at=at,
    )  # fmt: skip


def _create(refund: Refund, key: str) -> dict[str, Any]:
    params = {
        "payment_intent": refund.payment.intent_id,
        "amount": to_stripe(refund.amount, refund.payment.currency),
        "metadata": {REFUND_KEY: refund.key},
    }
    return gateway.ask(lambda v1: v1.refunds.create(params=params, options={"idempotency_key": key}))


def _find(refund: Refund) -> dict[str, Any] | None:
    rows = gateway.each(lambda v1: v1.refunds.list(params={"payment_intent": refund.payment.intent_id, "limit": 100}))
    return next((row for row in rows if (row.get("metadata") or {}).get(REFUND_KEY) == refund.key), None)


@transaction.atomic
def _refuse(refund_id: int, reason: str, at: datetime) -> Refund:
    refund = Refund.objects.get(pk=refund_id)
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    refund.refresh_from_db()
    if refund.state == State.REQUESTED:
        refund.state, refund.failure, refund.updated_at = State.FAILED, reason, at
        refund.save()
        _settle(payment, refund, at)
    return refund


def _settle(payment: Payment, refund: Refund, at: datetime) -> None:
    """Count what is on its way back anew, and tell whom it concerns."""
    going = payment.refunds.exclude(state=State.FAILED).aggregate(total=Sum("amount"))["total"]
    payment.amount_refunded = going or Decimal(0)
    changed(payment, what=f"refund:{refund.state}", at=at, data={"refund": refund.key, "amount": str(refund.amount)})
    for prefix, listener in _listeners.items():
        if refund.key.startswith(prefix):
            transaction.on_commit(partial(listener, refund.pk, at), robust=True)


def _send_later(refund_id: int) -> None:
    signature("shop.payments.tasks.send_refund", args=(refund_id,)).delay()
