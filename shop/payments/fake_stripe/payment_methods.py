"""Payment methods: what a number becomes once Stripe has seen it. Nobody reads the number from one again."""

from typing import Any

from shop.payments.fake_stripe import store
from shop.payments.fake_stripe.instruments import INSTRUMENTS, Instrument
from shop.payments.fake_stripe.wire import ApiError, required
from shop.payments.models import FakeObject

NUMBER_FIELDS = {
    "card": "number", "sepa_debit": "iban", "us_bank_account": "account_number", "bacs_debit": "account_number",
}  # fmt: skip
EXPIRY = (12, 2034)


def create(params: dict[str, Any]) -> dict[str, Any]:
    kind = required(params, "type")
    number = params.get(kind, {}).get(NUMBER_FIELDS.get(kind, ""), "")
    instrument = INSTRUMENTS.get(number)
    if instrument is None or instrument.type != kind:
        raise ApiError(402, "Your card number is incorrect.", code="incorrect_number", kind="card_error")
    return make(instrument)


def make(instrument: Instrument) -> dict[str, Any]:
    method_id = store.new_id("pm")
    method = {
        "id": method_id, "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "created": store.seconds(), "customer": None, "livemode": False, "metadata": {}, "type": instrument.type,
        instrument.type: _details(instrument),
    }  # fmt: skip
    store.add("payment_method", method)
    store.add("instrument", {"id": f"number_of_{method_id}", "number": instrument.number, "is_set_up": False})
    return method


def _details(instrument: Instrument) -> dict[str, Any]:
    if instrument.type == "card":
        return {
            "brand": instrument.brand, "country": "NO", "display_brand": instrument.brand, "exp_month": EXPIRY[0],
            "exp_year": EXPIRY[1], "fingerprint": instrument.number[-8:], "funding": "credit",
            "last4": instrument.last4, "three_d_secure_usage": {"supported": True},
        }  # fmt: skip
    if instrument.type == "us_bank_account":
        return {
            "account_holder_type": "company", "account_type": "checking", "bank_name": instrument.brand,
            "last4": instrument.last4, "routing_number": "110000000",
        }  # fmt: skip
    return {"bank_code": "19043", "country": "AT", "fingerprint": instrument.number[-8:], "last4": instrument.last4}


def retrieve(method_id: str, _params: object = None) -> dict[str, Any]:
    return store.get("payment_method", method_id)


def attach(method_id: str, params: dict[str, Any]) -> dict[str, Any]:
    customer = store.get("customer", required(params, "customer"), param="customer")
    return bind(method_id, customer["id"])


def bind(method_id: str, customer_id: str | None) -> dict[str, Any]:
    """Attach a method to the customer: it may be charged again, off session too."""
    method = retrieve(method_id)
    if customer_id is None or method["customer"] == customer_id:
        return method
    method["customer"] = customer_id
    store.save(method)
    store.note_event("payment_method.attached", method)
    return method


def detach(method_id: str, _params: object = None) -> dict[str, Any]:
    method = retrieve(method_id)
    if method["customer"] is None:
        raise ApiError(
            400, "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    method["customer"] = None
    store.save(method)
    store.note_event("payment_method.detached", method)
    return method


def instrument_of(method_id: str) -> tuple[Instrument, bool]:
    """Return how the method behaves, and whether the person has confirmed that it may be charged without them."""
    kept = FakeObject.objects.get(pk=f"number_of_{method_id}").data
    return INSTRUMENTS[kept["number"]], kept["is_set_up"]


def note_set_up(method_id: str) -> None:
    row = FakeObject.objects.get(pk=f"number_of_{method_id}")
    store.save({**row.data, "is_set_up": True})
