"""Payments for tests: opened, sent, and paid as a payer would. Plain functions; each returns what it made."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from shop.companies.models import Company
from shop.payments.fake_stripe import payer
from shop.payments.fake_stripe.instruments import OK
from shop.payments.models import Payment, SavedMethod
from shop.payments.services import methods, payments
from tests.factories import shop

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_numbers = count(1)


def opened(company: Company | None = None, **values: Any) -> Payment:
    """Return a payment of EUR 100 by card that nobody has sent yet."""
    defaults = {
        "reference": f"test:{next(_numbers)}", "amount": Decimal("100.00"), "currency": "EUR", "kind": "card",
        "at": NOW,
    }  # fmt: skip
    return payments.open_payment(company=company or shop.company(), **{**defaults, **values})


def sent(company: Company | None = None, **values: Any) -> Payment:
    """Return one that waits at Stripe for its payer."""
    payment = opened(company, **values)
    return payments.send(payment_id=payment.pk, at=values.get("at", NOW))


def paid(company: Company | None = None, *, number: str = OK, **values: Any) -> Payment:
    """Return one that was paid, and refreshed from Stripe."""
    payment = sent(company, **values)
    payer.pay(payment.client_secret, number)
    return payments.refresh(payment_id=payment.pk, at=values.get("at", NOW))


def saved(company: Company, *, number: str = OK, kind: str = "card", currency: str = "EUR") -> SavedMethod:
    """Return a method that the company saved through Stripe's form."""
    person = shop.buyer(company)
    intent = methods.begin_setup(company=company, kind=kind, currency=currency, by=person, key=uuid4(), at=NOW)
    after = payer.pay(intent["client_secret"], number)
    if after["status"] == "requires_action":
        payer.answer_bank(intent["client_secret"], confirms=True)
    method = methods.finish_setup(setup_intent_id=intent["id"], company=company, at=NOW)
    assert method is not None
    methods.describe(method_id=method.pk)
    method.refresh_from_db()
    return method
