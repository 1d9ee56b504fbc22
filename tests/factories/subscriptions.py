"""Subscriptions for tests, bought the way a customer buys them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from oscar.apps.partner.models import StockRecord

from shop.billing.services import invoices
from shop.companies.models import Company
from shop.operations import schedule
from shop.payments.fake_stripe import payer
from shop.payments.models import SavedMethod
from shop.payments.services import methods
from shop.subscriptions.models import Plan, Subscription
from tests.factories import shop

START = datetime(2026, 1, 31, 9, tzinfo=UTC)


def at(text: str) -> datetime:
    """Return nine o'clock of a day written as ISO has it."""
    return datetime.combine(date.fromisoformat(text), START.timetz())


def subscribed(
    term_months: int = 12,
    *,
    price: str = "1200.00",
    quantity: int = 1,
    person: Any = None,
    now: datetime = START,
    **how: Any,
) -> Subscription:
    """A subscription to a new product, whose first invoice is paid."""
    person = person or shop.buyer()
    product = shop.product(price=price, class_slug="software", stock=None, term_months=term_months)
    order = shop.place(person, (product, quantity), now=now, **how)
    invoices.mark_paid(invoice_id=order.invoice.pk, at=now)
    return Subscription.objects.get(first_line__order=order)


def planned(subscription: Subscription, **values: Any) -> Subscription:
    """The same subscription with other values in its plan."""
    Plan.objects.filter(pk=subscription.plan_id).update(**values)
    return fresh(subscription)


def fresh(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("plan", "company", "product", "first_line").get(pk=subscription.pk)


def costs(product: Any, price: str) -> None:
    """Give a product another list price."""
    StockRecord.objects.filter(product=product).update(price=Decimal(price))


def pays_by(subscription: Subscription, kind: str = Company.PaymentMethod.CARD) -> Subscription:
    Subscription.objects.filter(pk=subscription.pk).update(payment_kind=kind)
    return fresh(subscription)


def run(now: datetime) -> dict[str, int]:
    """What the store does every hour."""
    return schedule.run_due(now=now)


def save_method(company: Company, number: str, *, kind: str = "card") -> SavedMethod:
    """Let somebody of the company enter a test card or account on Stripe's form, and keep it as the standard one."""
    person = company.memberships.select_related("user").first().user
    intent = methods.begin_setup(company=company, kind=kind, currency="EUR", by=person, key=uuid4(), at=START)
    payer.pay(intent["client_secret"], number)
    if intent["status"] == "requires_action" or number in ("4000002500003155", "4000002760003184"):
        payer.answer_bank(intent["client_secret"], confirms=True)
    found = methods.finish_setup(setup_intent_id=intent["id"], company=company, at=START)
    assert found is not None
    methods.choose(method=found)
    return found
