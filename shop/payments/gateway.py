"""Stripe's client and its errors. Each call answers with plain dictionaries, as the API does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import stripe
from django.conf import settings
from django.utils.module_loading import import_string

from shop.payments.errors import ProviderAway, ProviderRefused

MAX_NETWORK_RETRIES = 2  # Stripe's client has none unless told
FAKE = "shop.payments.fake_stripe.FakeStripe"
TIMEOUT = 20  # seconds; its default of 80 is longer than a buyer waits


class Broke(ProviderAway):
    """Stripe answered with an error of its own, and gives the same answer whenever the key is used again."""


class Declined(Exception):
    """The card was declined; `intent` tells how the payment stands now."""

    def __init__(self, intent: dict[str, Any]) -> None:
        self.intent = intent
        super().__init__(intent.get("id", ""))


def is_set_up() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def takes_payments() -> bool:
    """Tell whether buyers can enter a card: with Stripe's form, or on the fake's page."""
    return is_set_up() and bool(settings.STRIPE_PUBLISHABLE_KEY or is_fake())


def is_fake() -> bool:
    return settings.STRIPE_HTTP_CLIENT == FAKE


def client() -> stripe.StripeClient:
    """Return Stripe's client; STRIPE_HTTP_CLIENT names another transport than the network."""
    if not is_set_up():
        raise ProviderAway
    path = settings.STRIPE_HTTP_CLIENT
    transport = import_string(path)() if path else stripe.RequestsClient(timeout=TIMEOUT)
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, max_network_retries=MAX_NETWORK_RETRIES, http_client=transport
    )


def ask(call: Callable[[Any], Any]) -> dict[str, Any]:
    """Return what one call of the API answers. Raises Declined, ProviderRefused, Broke or ProviderAway."""
    with _plain_errors():
        answer: dict[str, Any] = call(client().v1).to_dict()
    return answer


def each(call: Callable[[Any], Any]) -> Iterator[dict[str, Any]]:
    """Return the rows of a list, newest first, asking for page after page."""
    with _plain_errors():
        for row in call(client().v1).auto_paging_iter():
            yield row.to_dict()


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except stripe.CardError as error:
        body: Any = error.json_body
        if intent := (body or {}).get("error", {}).get("payment_intent"):
            raise Declined(intent) from error
        raise ProviderRefused(_text(error)) from error
    except stripe.IdempotencyError as error:
        # Our keys always come with the same parameters; another request under the key may be running.
        raise ProviderAway from error
    except (stripe.InvalidRequestError, stripe.PermissionError) as error:
        raise ProviderRefused(_text(error)) from error
    except stripe.APIConnectionError as error:
        raise ProviderAway from error
    except stripe.StripeError as error:
        raise (Broke if (error.http_status or 0) >= 500 else ProviderAway) from error


def _text(error: stripe.StripeError) -> str:
    """Return what staff and Stripe's support need: the message, the code, and the request's id."""
    words = [str(error.user_message or error), f"[{error.code}]" if error.code else "", error.request_id or ""]
    return " ".join(word for word in words if word)[:255]
