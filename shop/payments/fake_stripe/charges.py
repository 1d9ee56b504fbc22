"""Charges: each try to take the money of an intent."""

from typing import Any

from shop.payments.fake_stripe import payment_methods, store

KIND = "charge"


def start(intent: dict[str, Any]) -> dict[str, Any]:
    """A debit on its way."""
    return _add(intent, "pending", "charge.pending")


def settle(intent: dict[str, Any]) -> dict[str, Any]:
    """The money of a card, or of a debit that was on its way."""
    if intent["status"] != "processing":
        return _add(intent, "succeeded", "charge.succeeded")
    return _turn(intent, {"status": "succeeded", "paid": True}, "charge.succeeded")


def fail(intent: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    failure = {"status": "failed", "paid": False, "failure_code": error["code"], "failure_message": error["message"]}
    if intent["status"] != "processing":
        return _add(intent, "failed", "charge.failed", failure)
    return _turn(intent, failure, "charge.failed")


def of(intent: dict[str, Any]) -> dict[str, Any]:
    return store.get(KIND, intent["latest_charge"])


def _add(intent: dict[str, Any], status: str, event: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    method = payment_methods.retrieve(intent["payment_method"])
    charge = {
        "id": store.new_id("ch" if method["type"] == "card" else "py"), "object": KIND, "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0, "amount_refunded": 0,
        "balance_transaction": store.new_id("txn"), "billing_details": method["billing_details"], "captured": status == "succeeded", "created": store.seconds(),
        "currency": intent["currency"], "customer": intent["customer"], "description": intent["description"],
        "disputed": False, "failure_code": None, "failure_message": None, "livemode": False,
        "metadata": intent["metadata"], "paid": status == "succeeded", "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], method["type"]: _details(method[method["type"]])},
        "refunded": False, "status": status, **(more or {}),
    }  # fmt: skip
    store.add(KIND, charge)
    store.note_event(event, charge)
    return charge


def _details(method: dict[str, Any]) -> dict[str, Any]:
    """What a charge says of its method: what the method says, but for what is about later charges."""
    return {name: value for name, value in method.items() if name not in ("display_brand", "three_d_secure_usage")}


def _turn(intent: dict[str, Any], change: dict[str, Any], event: str) -> dict[str, Any]:
    charge = of(intent) | change
    if charge["paid"]:
        charge |= {"captured": True, "amount_captured": charge["amount"]}
    store.save(charge)
    store.note_event(event, charge)
    return charge
