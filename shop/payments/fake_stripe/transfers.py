"""Transfers to connected accounts, their reversals, and the balance that they come from.

The platform starts with a million of each currency; what was transferred and not reversed is gone from it. Amounts are
in Stripe's units: whole yen, thousandths of a dinar that end in a zero, and hundredths of a krona that end in two.
"""

from typing import Any

from shop.payments.fake_stripe import faults, store
from shop.payments.fake_stripe.wire import ApiError, required, whole_number
from shop.payments.models import FakeObject

OPENING = 1_000_000
# How many of the amount's units make one of the currency, and what an amount must be a multiple of.
UNITS = {
    **dict.fromkeys(("eur", "nok", "sek", "dkk", "usd", "gbp"), (100, 1)),
    "jpy": (1, 1), "krw": (1, 1), "kwd": (1000, 10), "bhd": (1000, 10), "isk": (100, 100),
}  # fmt: skip


def create(params: dict[str, Any]) -> dict[str, Any]:
    currency = known_currency(params)
    amount = whole_amount(params, currency)
    account = store.get("account", required(params, "destination"), param="destination", noun="destination")
    if account["capabilities"].get("transfers") != "active":
        raise faults.not_capable()
    if amount > available(currency):
        raise faults.insufficient()
    transfer_id, group = store.new_id("tr"), params.get("transfer_group", "")
    transfer = {
        "id": transfer_id, "object": "transfer", "amount": amount, "amount_reversed": 0,
        "balance_transaction": store.new_id("txn"), "created": store.seconds(), "currency": currency,
        "description": params.get("description") or None, "destination": account["id"],
        "destination_payment": store.new_id("py"), "livemode": False, "metadata": params.get("metadata", {}),
        "reversals": store.listing([], f"/v1/transfers/{transfer_id}/reversals"), "reversed": False,
        "source_transaction": None, "source_type": "card", "transfer_group": group or None,
    }  # fmt: skip
    store.add("transfer", transfer, group=group)
    store.note_event("transfer.created", transfer)
    return transfer


def known_currency(params: dict[str, Any]) -> str:
    currency = required(params, "currency")
    if currency not in UNITS:
        raise ApiError(400, f"Invalid currency: {currency}.", param="currency", is_kept=False)
    return currency


def whole_amount(params: dict[str, Any], currency: str) -> int:
    amount, step = whole_number(params, "amount"), UNITS[currency][1]
    if amount % step:
        raise ApiError(
            400, f"Invalid amount. Amounts in {currency} must be evenly divisible by {step}.", param="amount",
            is_kept=False,
        )  # fmt: skip
    return amount


def retrieve(transfer_id: str, _params: object = None) -> dict[str, Any]:
    return store.get("transfer", transfer_id)


def find(params: dict[str, Any]) -> dict[str, Any]:
    rows = FakeObject.objects.filter(kind="transfer")
    if group := params.get("transfer_group"):
        rows = rows.filter(group=group)
    if destination := params.get("destination"):
        rows = rows.filter(data__destination=destination)
    return store.page(rows, params, "/v1/transfers")


def reverse(transfer_id: str, params: dict[str, Any]) -> dict[str, Any]:
    transfer = retrieve(transfer_id)
    left = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise ApiError(400, f"Transfer '{transfer_id}' is already fully reversed.")
    amount = whole_amount(params, transfer["currency"]) if "amount" in params else left
    if amount > left:
        raise ApiError(400, f"You may reverse at most {left} of this transfer.", param="amount")
    reversal = {
        "id": store.new_id("trr"), "object": "transfer_reversal", "amount": amount,
        "balance_transaction": store.new_id("txn"), "created": store.seconds(), "currency": transfer["currency"],
        "destination_payment_refund": store.new_id("pyr"), "metadata": params.get("metadata", {}),
        "source_refund": None, "transfer": transfer_id,
    }  # fmt: skip
    store.add("transfer_reversal", reversal, group=transfer_id)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    store.save(transfer)
    store.note_event("transfer.reversed", transfer)
    return reversal


def reversals(transfer_id: str, params: dict[str, Any]) -> dict[str, Any]:
    rows = FakeObject.objects.filter(kind="transfer_reversal", group=retrieve(transfer_id)["id"])
    return store.page(rows, params, f"/v1/transfers/{transfer_id}/reversals")


def available(currency: str) -> int:
    gone = FakeObject.objects.filter(kind="transfer", data__currency=currency).values_list("data", flat=True)
    return OPENING * UNITS[currency][0] - sum(row["amount"] - row["amount_reversed"] for row in gone)


def balance(_params: object = None) -> dict[str, Any]:
    amounts = [
        {"amount": available(currency), "currency": currency, "source_types": {"card": available(currency)}}
        for currency in UNITS
    ]
    nothing = [{"amount": 0, "currency": currency, "source_types": {"card": 0}} for currency in UNITS]
    return {"object": "balance", "livemode": False, "available": amounts, "pending": nothing}
