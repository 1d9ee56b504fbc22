"""Refunds: all of a charge or parts of it, at once for cards, and after days for debits."""

from typing import Any

from shop.payments.fake_stripe import charges, payment_intents, payment_methods, store
from shop.payments.fake_stripe.transfers import whole_amount
from shop.payments.fake_stripe.wire import ApiError, required
from shop.payments.models import FakeObject

KIND = "refund"


def create(params: dict[str, Any]) -> dict[str, Any]:
    intent = store.get(
        payment_intents.KIND, required(params, "payment_intent"), param="payment_intent", noun="payment_intent"
    )
    if intent["status"] != "succeeded":
        raise ApiError(400, f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    charge = charges.of(intent)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise ApiError(
            400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if left == 0:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = whole_amount(params, charge["currency"]) if "amount" in params else left
    if amount > left:
        raise ApiError(
            400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    method = payment_methods.retrieve(intent["payment_method"])
    refund = {
        "id": store.new_id("re" if method["type"] == "card" else "pyr"), "object": KIND, "amount": amount,
        "balance_transaction": store.new_id("txn"), "charge": charge["id"], "created": store.seconds(),
        "currency": charge["currency"], "destination_details": {"type": method["type"]}, "failure_reason": None,
        "metadata": params.get("metadata", {}), "payment_intent": intent["id"], "reason": params.get("reason"),
        "receipt_number": None, "source_transfer_reversal": None,
        "status": "succeeded" if method["type"] == "card" else "pending", "transfer_reversal": None,
    }  # fmt: skip
    store.add(KIND, refund, group=intent["id"])
    store.note_event("refund.created", refund)
    _count(charge, amount)
    store.note_event("charge.refunded", charge)
    return refund


def retrieve(refund_id: str, _params: object = None) -> dict[str, Any]:
    return store.get(KIND, refund_id)


def find(params: dict[str, Any]) -> dict[str, Any]:
    rows = FakeObject.objects.filter(kind=KIND)
    if intent := params.get("payment_intent"):
        rows = rows.filter(group=intent)
    return store.page(rows, params, "/v1/refunds")


def turn(refund_id: str, status: str) -> dict[str, Any]:
    """The bank took it in (`succeeded`), or sends it back (`failed`), also after it succeeded."""
    refund = retrieve(refund_id)
    refund |= {"status": status, "failure_reason": "lost_or_stolen_card" if status == "failed" else None}
    store.save(refund)
    if status == "failed":
        _count(store.get(charges.KIND, refund["charge"]), -refund["amount"])
    store.note_event("refund.failed" if status == "failed" else "refund.updated", refund)
    store.note_event("charge.refund.updated", refund)
    return refund


def _count(charge: dict[str, Any], amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.save(charge)
