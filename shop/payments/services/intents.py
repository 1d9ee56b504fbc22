"""A payment's PaymentIntent at Stripe: what is asked of it over the network. Nothing here writes to the database."""

from datetime import timedelta
from typing import Any

from shop.payments import gateway
from shop.payments.amounts import to_stripe
from shop.payments.errors import NotPayable
from shop.payments.models import Payment, SavedMethod

PAYMENT_KEY = "accord_payment"  # in the intent's metadata
DEBITS = {"EUR": "sepa_debit", "USD": "us_bank_account", "GBP": "bacs_debit"}  # by the account's currency
CLOCK_SKEW = timedelta(minutes=5)


def kinds_for(currency: str) -> list[SavedMethod.Kind]:
    """Return the kinds of method that take the currency: cards take every one."""
    kinds = SavedMethod.Kind
    return [kinds.CARD, kinds.BANK_DEBIT] if currency in DEBITS else [kinds.CARD]


def method_type(kind: str, currency: str) -> str:
    """Return Stripe's word for the kind of method. Raises NotPayable where no bank debit takes the currency."""
    if kind == SavedMethod.Kind.CARD:
        return "card"
    if currency not in DEBITS:
        raise NotPayable("", currency)
    return DEBITS[currency]


def create(payment: Payment, *, customer_id: str, key: str) -> dict[str, Any]:
    params: dict[str, Any] = {
        "amount": to_stripe(payment.amount, payment.currency),
        "currency": payment.currency.lower(),
        "customer": customer_id,
        "allowed_payment_method_types": [method_type(payment.kind, payment.currency)],
        "description": payment.reference,
        "metadata": {PAYMENT_KEY: str(payment.key)},
    }
    if payment.saved_method:
        params |= {"payment_method": payment.saved_method.provider_id, "confirm": True}
    if payment.off_session:
        params["off_session"] = True
    elif payment.save_method:
        params["setup_future_usage"] = "off_session"
    return gateway.ask(lambda v1: v1.payment_intents.create(params=params, options={"idempotency_key": key}))


def find(payment: Payment, *, customer_id: str) -> dict[str, Any] | None:
    """Look for the intent of a payment that does not know its id."""
    since = int((payment.created_at - CLOCK_SKEW).timestamp())
    params = {"customer": customer_id, "created": {"gte": since}, "limit": 100}
    rows = gateway.each(lambda v1: v1.payment_intents.list(params=params))
    return next((row for row in rows if (row.get("metadata") or {}).get(PAYMENT_KEY) == str(payment.key)), None)


def retrieve(intent_id: str) -> dict[str, Any]:
    return gateway.ask(lambda v1: v1.payment_intents.retrieve(intent_id))


def cancel(intent_id: str) -> dict[str, Any]:
    return gateway.ask(lambda v1: v1.payment_intents.cancel(intent_id))
