"""Customers: a name to which payment methods are attached."""

from typing import Any

from shop.payments.fake_stripe import store


def create(params: dict[str, Any]) -> dict[str, Any]:
    customer = {
        "id": store.new_id("cus"), "object": "customer", "address": None, "balance": 0, "created": store.seconds(),
        "currency": None, "default_source": None, "delinquent": False, "description": params.get("description"),
        "email": params.get("email"), "invoice_prefix": None, "livemode": False,
        "metadata": params.get("metadata", {}), "name": params.get("name"), "phone": None, "preferred_locales": [],
        "shipping": None, "tax_exempt": "none", "test_clock": None,
    }  # fmt: skip
    store.add("customer", customer)
    store.note_event("customer.created", customer)
    return customer


def retrieve(customer_id: str, _params: object = None) -> dict[str, Any]:
    return store.get("customer", customer_id)
