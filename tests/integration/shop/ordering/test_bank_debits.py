"""Orders by bank debit: placed while the money is on its way, sent when it has come, due at once when it has not."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from oscar.apps.order.models import Order

from shop.billing.models import Invoice
from shop.billing.services import invoices
from shop.buying.models import AttemptEvent
from shop.buying.selectors import waits_for_money
from shop.buying.services import settlement
from shop.companies.models import Company
from shop.credit.models import CreditEntry
from shop.forks.basket.models import Basket
from shop.payments.models import Refund
from tests.factories import paying, shop

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def buyer():
    return shop.buyer()


def debited(buyer):
    """Return an attempt whose debit is on its way."""
    attempt = paying.begun(buyer, payment_method="bank_debit")
    paying.stripe_says(attempt, "processing")
    return settle(attempt)


def settle(attempt, at=shop.NOW):
    return settlement.settle(attempt_id=attempt.pk, at=at)


def steps(attempt):
    return [event.after for event in AttemptEvent.objects.filter(attempt=attempt)]


def test_it_is_placed_while_the_money_is_on_its_way(buyer):
    attempt = debited(buyer)

    order = Order.objects.select_related("purchase", "invoice").get()
    assert (attempt.state, steps(attempt)) == ("placed", ["created", "processing", "placed"])
    assert (order.purchase.payment_method, order.invoice.state) == ("bank_debit", "open")
    assert order.invoice.due_on == date(2026, 3, 16)
    assert waits_for_money(order) is True
    assert CreditEntry.objects.count() == 0


def test_the_money_that_came_pays_the_invoice_and_lets_the_goods_go(buyer):
    attempt = debited(buyer)

    for _ in range(2):
        paying.stripe_says(attempt, "succeeded", at=shop.NOW + 4 * DAY)
        settle(attempt, shop.NOW + 4 * DAY)

    order = Order.objects.select_related("purchase", "invoice").get()
    assert (order.invoice.state, order.invoice.paid_at) == ("paid", shop.NOW + 4 * DAY)
    assert order.invoice.payments.get().amount == Decimal("273.75")
    assert waits_for_money(order) is False
    assert Refund.objects.count() == 0


def test_a_returned_debit_makes_the_invoice_due_and_tells_buyer_and_payer_once(
    buyer, django_capture_on_commit_callbacks
):
    payer = shop.buyer(buyer.company, role="accounts_payable", email="payables@example.com")
    attempt = debited(buyer)
    mail.outbox.clear()

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            paying.stripe_says(attempt, "requires_payment_method", decline="insufficient_funds", at=shop.NOW + 4 * DAY)
            settle(attempt, shop.NOW + 4 * DAY)

    order = Order.objects.select_related("purchase", "invoice").get()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.reason) == ("placed", "Your card was declined.")
    assert (order.invoice.state, order.invoice.due_on) == ("open", date(2026, 3, 6))
    assert waits_for_money(order) is True
    assert [letter.to for letter in mail.outbox] == [[buyer.email], [payer.email]]
    assert {letter.subject for letter in mail.outbox} == {f"The debit for order {order.number} was returned"}
    assert steps(attempt) == ["created", "processing", "placed", "placed"]


def test_a_returned_debit_is_paid_in_another_way(buyer):
    attempt = debited(buyer)
    paying.stripe_says(attempt, "requires_payment_method", decline="insufficient_funds")
    settle(attempt)

    invoices.mark_paid(invoice_id=Invoice.objects.get().pk, at=shop.NOW + 5 * DAY, reference="bank transfer")

    assert waits_for_money(Order.objects.select_related("purchase", "invoice").get()) is False


def test_money_for_an_invoice_that_was_paid_meanwhile_goes_back(buyer):
    attempt = debited(buyer)
    invoices.record_payment(
        invoice_id=Invoice.objects.get().pk, amount=Decimal("200.00"), key="transfer-1", at=shop.NOW + DAY
    )

    for _ in range(2):
        paying.stripe_says(attempt, "succeeded", at=shop.NOW + 4 * DAY)
        settle(attempt, shop.NOW + 4 * DAY)

    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.paid_incl_tax) == ("paid", Decimal("273.75"))
    assert Refund.objects.get().amount == Decimal("200.00")


def test_what_cannot_be_placed_gives_the_basket_back_and_the_debit_when_it_arrives(buyer):
    attempt = paying.begun(buyer, payment_method="bank_debit")
    Company.objects.update(status=Company.Status.BLOCKED)
    paying.stripe_says(attempt, "processing")
    given_up = settle(attempt)
    paying.stripe_says(attempt, "succeeded", at=shop.NOW + 4 * DAY)
    refunded = settle(attempt, shop.NOW + 4 * DAY)

    assert (given_up.state, refunded.state) == ("failed", "refunded")
    assert Basket.open.get(owner=buyer).pk == attempt.basket_id
    assert (Order.objects.count(), Refund.objects.get().amount) == (0, Decimal("273.75"))
