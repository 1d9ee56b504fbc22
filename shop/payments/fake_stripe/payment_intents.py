"""Payment intents: created, confirmed with a method, and where that leads."""

from typing import Any

from shop.payments.fake_stripe import charges, payment_methods, store
from shop.payments.fake_stripe.transfers import known_currency, whole_amount
from shop.payments.fake_stripe.wire import ApiError, CardError, allowed_types, truth
from shop.payments.models import FakeObject

KIND = "payment_intent"
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLABLE = CONFIRMABLE
AUTHENTICATION = {
    "type": "card_error", "code": "authentication_required", "decline_code": "authentication_required",
    "message": "Your card was declined. This transaction requires authentication.",
}  # fmt: skip


def create(params: dict[str, Any]) -> dict[str, Any]:
    currency = known_currency(params)
    amount = whole_amount(params, currency)
    if customer := params.get("customer"):
        store.get("customer", customer, param="customer")
    intent_id, types = store.new_id("pi"), allowed_types(params)
    intent = {
        "id": intent_id, "object": KIND, "allowed_payment_method_types": types, "amount": amount,
        "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": 0, "application": None, "application_fee_amount": None, "automatic_payment_methods": None,
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{store.new_id('s')[2:]}", "confirmation_method": "automatic",
        "created": store.seconds(), "currency": currency, "customer": customer,
        "description": params.get("description"), "last_payment_error": None, "latest_charge": None,
        "livemode": False, "metadata": params.get("metadata", {}), "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_options": {}, "payment_method_types": types,
        "processing": None, "receipt_email": None, "review": None,
        "setup_future_usage": params.get("setup_future_usage"), "shipping": None, "source": None,
        "statement_descriptor": None, "statement_descriptor_suffix": None, "status": "requires_payment_method",
        "transfer_data": None, "transfer_group": None,
    }  # fmt: skip
    store.add(KIND, intent, group=customer or "")
    store.note_event("payment_intent.created", intent)
    if truth(params, "confirm"):
        return confirm(intent_id, params)
    return intent


def retrieve(intent_id: str, _params: object = None) -> dict[str, Any]:
    return store.get(KIND, intent_id)


def find(params: dict[str, Any]) -> dict[str, Any]:
    rows = FakeObject.objects.filter(kind=KIND)
    if customer := params.get("customer"):
        rows = rows.filter(group=customer)
    return store.page(rows, params, "/v1/payment_intents")


def confirm(intent_id: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = retrieve(intent_id)
    if intent["status"] not in CONFIRMABLE:
        raise _unexpected(intent, "confirm")
    method_id = params.get("payment_method") or intent["payment_method"]
    if not method_id:
        raise ApiError(400, "You cannot confirm this PaymentIntent because it's missing a payment method.")
    method = store.get("payment_method", method_id, param="payment_method", noun="PaymentMethod")
    if method["type"] not in intent["payment_method_types"]:
        raise ApiError(400, f"The payment method type {method['type']} is not allowed here.", param="payment_method")
    if method["customer"] and method["customer"] != intent["customer"]:
        raise ApiError(400, "The payment method does not belong to this customer.", param="payment_method")
    if truth(params, "off_session") and not method["customer"]:
        raise ApiError(400, "The payment method must be attached to a customer.", param="payment_method")
    intent |= {"payment_method": method_id, "last_payment_error": None, "next_action": None}
    return _outcome(intent, off_session=truth(params, "off_session"))


def _outcome(intent: dict[str, Any], *, off_session: bool) -> dict[str, Any]:
    instrument, is_set_up = payment_methods.instrument_of(intent["payment_method"])
    if instrument.type != "card":
        return _process(intent)
    if instrument.decline:
        code, decline_code, message = instrument.decline
        return decline(intent, {"type": "card_error", "code": code, "decline_code": decline_code, "message": message})
    if instrument.asks_always or (instrument.asks_once and not is_set_up):
        if off_session:
            return decline(intent, AUTHENTICATION)
        intent |= {"status": "requires_action", "next_action": _three_d_secure()}
        store.save(intent)
        store.note_event("payment_intent.requires_action", intent)
        return intent
    return succeed(intent)


def succeed(intent: dict[str, Any]) -> dict[str, Any]:
    """The money is there."""
    charge = charges.settle(intent)
    intent |= {
        "status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"], "next_action": None,
        "last_payment_error": None, "processing": None,
    }  # fmt: skip
    store.save(intent)
    if intent["setup_future_usage"]:
        payment_methods.note_set_up(intent["payment_method"])
        payment_methods.bind(intent["payment_method"], intent["customer"])
    store.note_event("payment_intent.succeeded", intent)
    return intent


def decline(intent: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    """Raise CardError with the intent as it is now: ready for another method."""
    fail(intent, error)
    raise CardError(error, payment_intent=intent)


def fail(intent: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    charge = charges.fail(intent, error)
    method = payment_methods.retrieve(intent["payment_method"])
    intent |= {
        "status": "requires_payment_method", "next_action": None, "payment_method": None, "processing": None,
        "latest_charge": charge["id"], "last_payment_error": {**error, "charge": charge["id"], "payment_method": method},
    }  # fmt: skip
    store.save(intent)
    store.note_event("payment_intent.payment_failed", intent)
    return intent


def _process(intent: dict[str, Any]) -> dict[str, Any]:
    charge = charges.start(intent)
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    store.save(intent)
    store.note_event("payment_intent.processing", intent)
    return intent


def cancel(intent_id: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = retrieve(intent_id)
    if intent["status"] not in CANCELLABLE:
        raise _unexpected(intent, "cancel")
    reason = params.get("cancellation_reason")
    intent |= {"status": "canceled", "canceled_at": store.seconds(), "cancellation_reason": reason, "next_action": None}
    store.save(intent)
    store.note_event("payment_intent.canceled", intent)
    return intent


def _unexpected(intent: dict[str, Any], act: str) -> ApiError:
    return ApiError(
        400, f"You cannot {act} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state", payment_intent=intent,
    )  # fmt: skip


def _three_d_secure() -> dict[str, Any]:
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": None}}
