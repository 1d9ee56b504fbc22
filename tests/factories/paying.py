"""Checkout attempts that pay online, and what Stripe says of their payments."""

from typing import Any
from uuid import uuid4

from channels.contracts import Channel
from shop.buying import totals
from shop.buying.models import CheckoutAttempt
from shop.buying.services import settlement
from shop.forks.basket.models import Basket
from shop.payments.amounts import to_stripe
from shop.payments.models import Payment
from shop.payments.services import intents, payments
from tests.factories import shop


def wanted(buyer: Any, *lines: Any, **how: Any) -> dict[str, Any]:
    """Return what `settlement.begin` takes for a basket of these lines, by card unless told otherwise."""
    basket = how.pop("basket", None) or shop.basket(buyer, *(lines or ((shop.product("Probe", stock=10), 2),)))
    address = how.pop("shipping_address", None) or shop.address(buyer)
    now = how.pop("now", shop.NOW)
    priced = totals.compute(
        Basket.objects.get(pk=basket.pk),
        company=buyer.company,
        user=buyer,
        now=now,
        shipping_address=address,
        shipping_code="standard",
    )
    return {
        "key": uuid4(),
        "user": buyer,
        "basket": basket,
        "expected": priced.seen(),
        "now": now,
        "company": buyer.company,
        "channel": Channel.DIRECT,
        "shipping_address": address,
        "shipping_code": "standard",
        "payment_method": "card",
        **how,
    }


def begun(buyer: Any, *lines: Any, **how: Any) -> CheckoutAttempt:
    """Return an attempt that waits for its payment."""
    return settlement.begin(**wanted(buyer, *lines, **how))


def stripe_says(attempt: CheckoutAttempt, status: str, *, decline: str = "", at: Any = shop.NOW) -> Payment:
    """Apply what Stripe would tell of the attempt's intent, as a webhook does."""
    payment = Payment.objects.get(pk=attempt.payment_id)
    error = (
        {"code": "card_declined", "decline_code": decline, "message": "Your card was declined."} if decline else None
    )
    told = payments.apply(
        intent={
            "id": f"pi_{payment.key.hex}",
            "client_secret": f"pi_{payment.key.hex}_secret",
            "amount": to_stripe(payment.amount, payment.currency),
            "currency": payment.currency.lower(),
            "status": status,
            "metadata": {intents.PAYMENT_KEY: str(payment.key)},
            "last_payment_error": error,
        },
        at=at,
    )
    assert told is not None
    return told
