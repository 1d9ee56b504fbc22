"""Setup intents: a method is made ready to be charged later, without its owner."""

from typing import Any

from shop.payments.fake_stripe import payment_methods, store
from shop.payments.fake_stripe.wire import ApiError, CardError, allowed_types, required

KIND = "setup_intent"


def create(params: dict[str, Any]) -> dict[str, Any]:
    if customer := params.get("customer"):
        store.get("customer", customer, param="customer")
    intent_id, types = store.new_id("seti"), allowed_types(params)
    intent = {
        "id": intent_id, "object": KIND, "allowed_payment_method_types": types, "application": None, "automatic_payment_methods": None,
        "cancellation_reason": None, "client_secret": f"{intent_id}_secret_{store.new_id('s')[2:]}",
        "created": store.seconds(), "customer": customer, "description": None, "flow_directions": None,
        "last_setup_error": None, "latest_attempt": None, "livemode": False, "mandate": None,
        "metadata": params.get("metadata", {}), "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_options": {}, "payment_method_types": types,
        "single_use_mandate": None, "status": "requires_payment_method", "usage": params.get("usage", "off_session"),
    }  # fmt: skip
    store.add(KIND, intent)
    store.note_event("setup_intent.created", intent)
    return intent


def retrieve(intent_id: str, _params: object = None) -> dict[str, Any]:
    return store.get(KIND, intent_id)


def confirm(intent_id: str, params: dict[str, Any]) -> dict[str, Any]:
    intent = retrieve(intent_id)
    if intent["status"] in ("succeeded", "canceled"):
        raise ApiError(
            400, f"You cannot confirm this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
        )  # fmt: skip
    method = store.get("payment_method", required(params, "payment_method"), param="payment_method")
    instrument, _is_set_up = payment_methods.instrument_of(method["id"])
    intent["payment_method"] = method["id"]
    if instrument.decline and not instrument.is_set_up_anyway:
        code, decline_code, message = instrument.decline
        return decline(intent, {"type": "card_error", "code": code, "decline_code": decline_code, "message": message})
    if instrument.asks_always or instrument.asks_once:
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        store.save(intent)
        store.note_event("setup_intent.requires_action", intent)
        return intent
    return succeed(intent)


def succeed(intent: dict[str, Any]) -> dict[str, Any]:
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    store.save(intent)
    payment_methods.note_set_up(intent["payment_method"])
    payment_methods.bind(intent["payment_method"], intent["customer"])
    store.note_event("setup_intent.succeeded", intent)
    return intent


def decline(intent: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    """Raise CardError with the intent as it is now: ready for another method."""
    intent |= {
        "status": "requires_payment_method", "payment_method": None, "next_action": None, "last_setup_error": error,
    }  # fmt: skip
    store.save(intent)
    store.note_event("setup_intent.setup_failed", intent)
    raise CardError(error, setup_intent=intent)
