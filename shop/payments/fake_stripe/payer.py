"""What a payer does in the browser: enters a number, and confirms at the bank. Each act is a request of its own."""

import contextlib
from collections.abc import Callable
from typing import Any

from django.db import transaction

from shop.payments.fake_stripe import payment_intents, payment_methods, setup_intents, store
from shop.payments.fake_stripe.instruments import INSTRUMENTS
from shop.payments.fake_stripe.wire import ApiError, CardError
from shop.payments.models import FakeObject

FAILED_CHECK = {
    "type": "card_error", "code": "payment_intent_authentication_failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
}  # fmt: skip
ENDPOINTS = {payment_intents.KIND: payment_intents, setup_intents.KIND: setup_intents}


def intent_of(client_secret: str) -> dict[str, Any] | None:
    """Return the payment or setup intent that the secret opens."""
    row = FakeObject.objects.filter(pk=client_secret.partition("_secret_")[0], kind__in=ENDPOINTS).first()
    return dict(row.data) if row and row.data["client_secret"] == client_secret else None


def pay(client_secret: str, number: str) -> dict[str, Any]:
    """Enter a card or an account, and return the intent afterwards, declined or not. Raises ApiError when it is over."""
    intent = _known(client_secret)

    def act() -> None:
        method = payment_methods.make(INSTRUMENTS[number])
        ENDPOINTS[intent["object"]].confirm(intent["id"], {"payment_method": method["id"]})

    return _after(intent, act)


def answer_bank(client_secret: str, *, confirms: bool) -> dict[str, Any]:
    """Say yes or no to the bank's question (3-D Secure), and return the intent afterwards."""
    intent = _known(client_secret)

    def act() -> None:
        fresh = store.get(intent["object"], intent["id"])
        if fresh["status"] != "requires_action":
            return
        endpoint = ENDPOINTS[fresh["object"]]
        if confirms:
            endpoint.succeed(fresh)
        else:
            endpoint.decline(fresh, FAILED_CHECK)

    return _after(intent, act)


def _known(client_secret: str) -> dict[str, Any]:
    intent = intent_of(client_secret)
    if intent is None:
        raise ApiError(404, "No such intent.", code="resource_missing")
    return intent


def _after(intent: dict[str, Any], act: Callable[[], object]) -> dict[str, Any]:
    with transaction.atomic():
        with contextlib.suppress(CardError):
            act()
        return store.get(intent["object"], intent["id"])
