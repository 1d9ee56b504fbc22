"""A payment's life: opened in the caller's transaction, sent over the network, and changed by `apply` alone.

open_payment -> send -> (the buyer pays) -> apply, from the answer, a webhook, the return page or the reconciler.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from shop.companies.models import Company
from shop.payments.amounts import to_stripe
from shop.payments.errors import MethodNotUsable, Mismatch, ProviderRefused
from shop.payments.gateway import Declined
from shop.payments.models import Payment, PaymentEvent, SavedMethod
from shop.payments.services import customers, intents, methods
from shop.payments.services.history import changed, listen, tell
from shop.payments.services.once import ask_once

__all__ = ["apply", "cancel", "listen", "open_payment", "refresh", "send", "tell"]

State = Payment.State
ORDER = list(State.values)  # a state only moves to one further down
FIRST_CHECK = timedelta(minutes=2)
STATES = {
    "requires_payment_method": State.CREATED, "requires_confirmation": State.CREATED,
    "requires_action": State.REQUIRES_ACTION, "processing": State.PROCESSING, "requires_capture": State.PROCESSING,
    "succeeded": State.SUCCEEDED, "canceled": State.CANCELLED,
}  # fmt: skip


@transaction.atomic
def open_payment(
    *,
    reference: str,
    company: Company,
    amount: Decimal,
    currency: str,
    kind: str,
    saved_method: SavedMethod | None = None,
    off_session: bool = False,
    save_method: bool = False,
    at: datetime,
) -> Payment:
    """Write down what is to be paid; nothing is asked of Stripe. The same reference returns the same payment.

    Raises NotPayable for an amount that Stripe cannot carry, MethodNotUsable for a saved method that is removed, of
    another company or of another kind, and Mismatch where the reference was used for something else.
    """
    to_stripe(amount, currency)
    intents.method_type(kind, currency)
    usable = saved_method is None or (
        saved_method.is_active and saved_method.company_id == company.pk and saved_method.kind == kind
    )
    if not usable or (off_session and saved_method is None):
        raise MethodNotUsable
    payment, is_new = Payment.objects.get_or_create(
        reference=reference,
        defaults={
            "company": company, "kind": kind, "amount": amount, "currency": currency, "saved_method": saved_method,
            "off_session": off_session, "save_method": save_method, "created_at": at, "updated_at": at,
            "next_check_at": at + FIRST_CHECK,
        },
    )  # fmt: skip
    if is_new:
        PaymentEvent.objects.create(payment=payment, at=at, what="opened", data={"amount": f"{amount} {currency}"})
    elif (payment.company_id, payment.kind, payment.amount, payment.currency) != (company.pk, kind, amount, currency):
        raise Mismatch(f"{reference} is a payment of {payment.amount} {payment.currency} already")
    return payment


def send(*, payment_id: int, at: datetime) -> Payment:
    """Have the payment's intent at Stripe; with a saved method it is confirmed, and may be paid when this returns.

    Safe to repeat. Raises ProviderAway when nobody knows whether it is there: repeat, or leave it to the reconciler.
    A card that is declined raises nothing: the payment says so.
    """
    payment = Payment.objects.select_related("company", "saved_method").get(pk=payment_id)
    if payment.intent_id or not payment.is_open:
        return payment
    try:
        customer_id = customers.customer_id_of(payment.company, at=at)
        intent = ask_once(
            payment,
            create=lambda key: intents.create(payment, customer_id=customer_id, key=key),
            find=lambda: intents.find(payment, customer_id=customer_id),
            at=at,
        )
    except Declined as declined:
        intent = declined.intent
    except ProviderRefused as refused:
        return _fail(payment_id, refused.reason, at)
    payment = _applied(intent, at)
    if payment.state == State.CANCELLED and intent["status"] != "canceled":  # given up while the request was on its way
        return cancel(payment_id=payment_id, at=at)
    return payment


def refresh(*, payment_id: int, at: datetime) -> Payment:
    """Ask Stripe how the payment stands. Raises ProviderAway."""
    payment = Payment.objects.select_related("company").get(pk=payment_id)
    intent_id = payment.intent_id or _lost_intent_id(payment, at)
    return _applied(intents.retrieve(intent_id), at) if intent_id else payment


def cancel(*, payment_id: int, at: datetime) -> Payment:
    """Give the payment up, so that nobody can pay it any more. One that was paid meanwhile stays paid; see its state.

    A bank debit that is on its way cannot be called back and stays so. Raises ProviderAway.
    """
    payment = Payment.objects.select_related("company").get(pk=payment_id)
    if payment.state == State.SUCCEEDED:
        return payment
    intent_id = payment.intent_id or _lost_intent_id(payment, at)
    if intent_id is None:
        return _close(payment_id, at)
    try:
        intent = intents.cancel(intent_id)
    except ProviderRefused:  # paid, cancelled or on its way: it says which
        intent = intents.retrieve(intent_id)
    return _applied(intent, at)


@transaction.atomic
def apply(*, intent: Mapping[str, Any], at: datetime, as_of: datetime | None = None) -> Payment | None:
    """Take in how Stripe says that an intent stood at `as_of`; None for an intent that is not ours.

    Any number of times, in any order: the state never goes back, and what the last decline said is the latest's.
    Raises Mismatch for another amount, currency or id than the payment's.
    """
    key = (intent.get("metadata") or {}).get(intents.PAYMENT_KEY)
    if not key:
        return None
    payment = Payment.objects.select_for_update().filter(key=key).first()
    if payment is None:
        raise Mismatch(f"Stripe tells of our payment {key}, and there is none")
    _check(payment, intent)
    before = (payment.state, payment.intent_id, payment.client_secret, payment.failure_as_of, payment.failure_code)
    payment.intent_id = intent["id"]
    payment.client_secret = payment.client_secret or intent.get("client_secret") or ""
    _note_failure(payment, intent, as_of or at)
    payment.state = max(payment.state, _state_of(payment, intent), key=ORDER.index)
    if payment.state == State.SUCCEEDED:
        payment.failure_code = payment.failure_message = ""
        if payment.save_method and not payment.saved_method and intent.get("payment_method"):
            payment.saved_method = methods.remember(
                company=payment.company, provider_id=intent["payment_method"], kind=payment.kind, at=at
            )
    if not payment.is_open:
        payment.next_check_at = None
    after = (payment.state, payment.intent_id, payment.client_secret, payment.failure_as_of, payment.failure_code)
    if after[:3] != before[:3] or after[4] != before[4]:
        changed(payment, what=payment.state, at=at, data={"intent": intent["status"], "failure": payment.failure_code})
    elif after != before:
        payment.save(update_fields=["failure_as_of"])
    return payment


def _check(payment: Payment, intent: Mapping[str, Any]) -> None:
    theirs = (intent["amount"], intent["currency"].upper(), intent["id"])
    ours = (to_stripe(payment.amount, payment.currency), payment.currency, payment.intent_id or intent["id"])
    if theirs != ours:
        raise Mismatch(f"payment {payment.reference}: Stripe says {theirs}, and it is {ours}")


def _state_of(payment: Payment, intent: Mapping[str, Any]) -> State:
    """A decline ends what nobody can try again there and then."""
    state = STATES[intent["status"]]
    is_over = payment.off_session or payment.kind == SavedMethod.Kind.BANK_DEBIT
    return State.FAILED if state == State.CREATED and is_over and intent.get("last_payment_error") else state


def _note_failure(payment: Payment, intent: Mapping[str, Any], as_of: datetime) -> None:
    """Keep what the latest news says of the last try; of two in the same second, the one with a failure."""
    error = intent.get("last_payment_error") or {}
    code = (error.get("decline_code") or error.get("code") or "") if error else ""
    if payment.state == State.SUCCEEDED:
        return
    if payment.failure_as_of is None or (as_of, code) > (payment.failure_as_of, payment.failure_code):
        payment.failure_as_of, payment.failure_code = as_of, code[:60]
        payment.failure_message = (error.get("message") or "")[:255]


def _applied(intent: Mapping[str, Any], at: datetime) -> Payment:
    payment = apply(intent=intent, at=at)
    if payment is None:
        raise Mismatch(f"Stripe's answer {intent.get('id')} does not name our payment")
    return payment


def _lost_intent_id(payment: Payment, at: datetime) -> str | None:
    """Return the intent that a lost answer told of, when there is one."""
    if payment.sent_at is None:
        return None
    found = intents.find(payment, customer_id=customers.customer_id_of(payment.company, at=at))
    return found["id"] if found else None


@transaction.atomic
def _close(payment_id: int, at: datetime) -> Payment:
    """Give up a payment of which Stripe never heard."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.is_open and payment.intent_id is None:
        payment.state, payment.next_check_at = State.CANCELLED, None
        changed(payment, what=payment.state, at=at)
    return payment


@transaction.atomic
def _fail(payment_id: int, reason: str, at: datetime) -> Payment:
    """Stripe will not make the intent, now or later."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.is_open and payment.intent_id is None:
        payment.state, payment.next_check_at = State.FAILED, None
        payment.failure_code, payment.failure_message, payment.failure_as_of = "refused", reason, at
        changed(payment, what=payment.state, at=at, data={"reason": reason})
    return payment
