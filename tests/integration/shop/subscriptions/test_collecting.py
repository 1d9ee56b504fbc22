"""Renewals by card and bank debit: paid first, ordered once, tried again, confirmed on a page, given up after the grace."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from shop.companies.services import set_status
from shop.forks.order.models import Order
from shop.payments.fake_stripe import payer
from shop.payments.fake_stripe.instruments import DEBIT_OK, DECLINE_LATER, OK, THREE_D_SECURE_ALWAYS
from shop.payments.models import Payment, Refund
from shop.payments.services import payments
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Subscription
from shop.subscriptions.services import cancelling, changes, collecting, renewals
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import subscriptions as make

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2027, 1, 31)


@pytest.fixture(autouse=True)
def stripe(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    settings.STRIPE_HTTP_CLIENT = "shop.payments.fake_stripe.FakeStripe"
    channel_factory.policy()
    commission_factory.programme()


def by_card(number: str | None = OK, **how) -> Subscription:
    subscription = make.pays_by(make.subscribed(**how))
    if number:
        make.save_method(subscription.company, number)
    mail.outbox.clear()
    return subscription


def renew(day: str) -> dict[str, int]:
    return renewals.renew_due(now=make.at(day))


def pay_page(subscription: Subscription, day: str) -> Payment:
    """What the buyer's press of the button does: a payment that waits for the bank's question."""
    payment = collecting.pay_now(subscription_id=subscription.pk, at=make.at(day))
    return payments.send(payment_id=payment.pk, at=make.at(day))


def renewal_order() -> Order:
    return Order.objects.get(purchase__cycle=1)


def letters() -> list[str]:
    return [message.subject for message in mail.outbox if "order" not in message.subject.lower()]


def test_a_card_is_charged_and_then_the_order_placed() -> None:
    subscription = by_card()
    assert renew("2027-01-30") == {"renewals placed": 0, "renewals failed": 0}
    assert renew("2027-01-31") == {"renewals placed": 1, "renewals failed": 0}
    assert renew("2027-01-31") == {"renewals placed": 0, "renewals failed": 0}

    payment, order = Payment.objects.get(), renewal_order()
    assert (payment.state, payment.amount, payment.off_session) == ("succeeded", Decimal("1500.00"), True)
    assert (order.date_placed, order.total_incl_tax) == (datetime(2027, 1, 31, tzinfo=UTC), Decimal("1500.00"))
    assert (order.invoice.state, order.purchase.payment_method) == ("paid", "card")
    assert order.invoice.payments.get().payment == payment
    assert make.fresh(subscription).status == "active"
    assert Refund.objects.count() == 0


def test_three_tries_at_set_distances_then_grace_then_suspended() -> None:
    subscription = by_card(DECLINE_LATER)
    for day in range(31, 32):
        renew(f"2027-01-{day}")
    assert make.fresh(subscription).status == "past_due"
    for day in range(1, 22):
        renew(f"2027-02-{day:02}")
        paid_on = list(Payment.objects.order_by("pk").values_list("created_at__date", flat=True))
        expected = [DUE, date(2027, 2, 3), date(2027, 2, 7)]
        assert paid_on == [on for on in expected if on <= date(2027, 2, day)]
        status = make.fresh(subscription).status
        assert status == ("suspended" if day == 21 else "past_due"), day
    assert make.fresh(subscription).status_reason == "The renewal of 2027-01-31 was not paid."
    assert letters() == 3 * [f"The payment for {subscription.product.title} did not go through"] + [
        f"{subscription.product.title} is suspended"
    ]
    assert Order.objects.count() == 1
    renew("2027-03-31")
    assert (Order.objects.count(), Payment.objects.count()) == (1, 3)


def test_a_late_success_places_the_order_of_its_period() -> None:
    """Suspended in February, paid in June: January's order has January's date, and what was not served is left out."""
    subscription = by_card(DECLINE_LATER, term_months=0)
    for day in ("2026-02-28", "2026-03-03", "2026-03-07", "2026-03-14"):
        renew(day)
    assert make.fresh(subscription).status == "suspended"

    payment = collecting.pay_now(subscription_id=subscription.pk, at=make.at("2026-06-15"))
    assert collecting.pay_now(subscription_id=subscription.pk, at=make.at("2026-06-15")) == payment
    payment = payments.send(payment_id=payment.pk, at=make.at("2026-06-15"))
    payer.pay(payment.client_secret, OK)
    payments.refresh(payment_id=payment.pk, at=make.at("2026-06-15"))

    renewed = make.fresh(subscription)
    assert renewal_order().date_placed == datetime(2026, 2, 28, tzinfo=UTC)
    assert (renewed.status, renewed.next_due_on) == ("active", date(2026, 5, 31))
    states = list(renewed.occurrences.values_list("due_on", "state"))
    assert states == [
        (date(2026, 2, 28), "placed"),
        (date(2026, 3, 31), "skipped"),
        (date(2026, 4, 30), "skipped"),
    ]
    assert Payment.objects.filter(state="succeeded").count() == 1


def test_a_confirmation_that_the_bank_wants_leads_the_buyer_to_a_page() -> None:
    subscription = by_card(THREE_D_SECURE_ALWAYS)
    renew("2027-01-31")
    assert (Payment.objects.get().state, Payment.objects.get().failure_code) == ("failed", "authentication_required")
    assert make.fresh(subscription).status == "past_due"
    assert letters() == [f"Please confirm the payment for {subscription.product.title}"]
    assert reverse("customer:subscription", kwargs={"pk": subscription.pk}) in mail.outbox[0].body

    client = Client()
    client.force_login(subscription.user)
    page = client.get(reverse("customer:subscription", kwargs={"pk": subscription.pk})).content.decode()
    assert "Confirm the payment" in page
    answer = client.post(reverse("customer:subscription-pay", kwargs={"pk": subscription.pk}))
    payment = Payment.objects.get(off_session=False)
    assert payment.state == "requires_action"
    assert answer.url.startswith(f"/fake-stripe/pay/{payment.client_secret}/")
    payer.answer_bank(payment.client_secret, confirms=True)
    back = client.post(reverse("customer:subscription-paid", kwargs={"pk": subscription.pk}))
    assert back.status_code == 302
    assert renewal_order().date_placed == datetime(2027, 1, 31, tzinfo=UTC)
    assert make.fresh(subscription).status == "active"


def test_nobody_completes_the_payment_so_it_is_reminded_of_and_given_up() -> None:
    subscription = by_card(THREE_D_SECURE_ALWAYS)
    renew("2027-01-31")
    payment = pay_page(subscription, "2027-02-01")
    for day in ("2027-02-03", "2027-02-03", "2027-02-07", "2027-02-20", "2027-02-21", "2027-02-22"):
        renew(day)
    title = subscription.product.title
    assert letters() == 3 * [f"Please confirm the payment for {title}"] + [
        f"The payment for {title} did not go through",
        f"{title} is suspended",
    ]
    assert make.fresh(subscription).status == "suspended"
    payment.refresh_from_db()
    assert (payment.state, Payment.objects.count(), Order.objects.count()) == ("cancelled", 2, 1)


def test_without_a_saved_method_nothing_is_charged_and_the_buyer_is_told() -> None:
    subscription = by_card(None)
    renew("2027-01-31")
    assert (make.fresh(subscription).status, Payment.objects.count()) == ("past_due", 0)
    assert "No payment method is saved for it." in mail.outbox[0].body
    make.save_method(subscription.company, OK)
    renew("2027-02-03")
    assert make.fresh(subscription).status == "active"


def test_who_may_not_order_is_not_charged() -> None:
    subscription = by_card()
    set_status(company=subscription.company, status="blocked", reason="x")
    assert renew("2027-01-31") == {"renewals placed": 0, "renewals failed": 1}
    assert Payment.objects.count() == 0


def test_money_without_an_order_goes_back() -> None:
    """The bank says yes a week later, and meanwhile the company may not order any more."""
    subscription = by_card(THREE_D_SECURE_ALWAYS)
    renew("2027-01-31")
    payment = pay_page(subscription, "2027-02-01")
    set_status(company=subscription.company, status="blocked", reason="x")
    payer.answer_bank(payment.client_secret, confirms=True)
    payments.refresh(payment_id=payment.pk, at=make.at("2027-02-01"))
    refund = Refund.objects.get()
    assert (refund.payment, refund.amount) == (payment, Decimal("1500.00"))
    assert Order.objects.count() == 1
    assert make.fresh(subscription).status == "past_due"


def test_a_second_payment_of_one_renewal_goes_back() -> None:
    subscription = by_card(THREE_D_SECURE_ALWAYS)
    renew("2027-01-31")
    first = pay_page(subscription, "2027-02-01")
    occurrence = subscription.occurrences.get()
    second = payments.open_payment(
        reference=f"renewal:{occurrence.pk}:9", company=subscription.company, amount=first.amount, currency="EUR",
        kind="card", at=make.at("2027-02-01"),
    )  # fmt: skip
    second = payments.send(payment_id=second.pk, at=make.at("2027-02-01"))
    payer.pay(second.client_secret, OK)
    payments.refresh(payment_id=second.pk, at=make.at("2027-02-01"))
    payer.answer_bank(first.client_secret, confirms=True)
    for _ in range(2):
        payments.refresh(payment_id=first.pk, at=make.at("2027-02-02"))
    assert Order.objects.filter(purchase__cycle=1).count() == 1
    assert list(Refund.objects.values_list("payment__reference", flat=True)) == [first.reference]
    with pytest.raises(SubscriptionRefused):
        collecting.pay_now(subscription_id=subscription.pk, at=make.at("2027-02-02"))


def test_a_bank_debit_is_ordered_when_it_has_arrived() -> None:
    subscription = make.pays_by(make.subscribed(), "bank_debit")
    make.save_method(subscription.company, DEBIT_OK, kind="bank_debit")
    renew("2027-01-31")
    payment = Payment.objects.get()
    assert (payment.state, Order.objects.count()) == ("processing", 1)
    assert make.fresh(subscription).status == "active"
    renew("2027-02-20")
    assert Payment.objects.count() == 1


def test_a_renewal_beyond_the_credit_is_past_due_and_goes_on_by_itself() -> None:
    from shop.credit.models import CreditAccount

    subscription = make.subscribed()
    CreditAccount.objects.update(limit=Decimal(100))
    for day in ("2027-01-31", "2027-02-01", "2027-02-03", "2027-02-07"):
        renew(day)
    assert subscription.notices.filter(kind="failed").count() == 3
    assert make.fresh(subscription).status == "past_due"
    renew("2027-02-21")
    assert make.fresh(subscription).status == "suspended"
    CreditAccount.objects.update(limit=None)
    assert renew("2027-03-01")["renewals placed"] == 1
    assert (make.fresh(subscription).status, Order.objects.count()) == ("active", 2)


def test_what_is_paid_after_it_was_cancelled_goes_back() -> None:
    subscription = by_card(THREE_D_SECURE_ALWAYS)
    renew("2027-01-31")
    payment = pay_page(subscription, "2027-02-01")
    cancelling.cancel(subscription_id=subscription.pk, at=make.at("2027-02-02"), on=DUE)
    assert make.fresh(subscription).status == "cancelled"
    payer.answer_bank(payment.client_secret, confirms=True)
    payments.refresh(payment_id=payment.pk, at=make.at("2027-02-03"))
    assert (Refund.objects.get().payment, Order.objects.count()) == (payment, 1)


def test_more_of_it_by_card_takes_effect_when_it_is_paid() -> None:
    subscription = by_card()
    seen = changes.preview(subscription, product_id=subscription.product_id, quantity=3, on=date(2026, 7, 2))
    values = {"product_id": subscription.product_id, "quantity": 3, "expected": seen.amount, "by": subscription.user}
    made = changes.change(subscription_id=subscription.pk, key=uuid4(), at=make.at("2026-07-02"), **values)
    assert (made.state, make.fresh(subscription).quantity) == ("done", 3)
    payment = Payment.objects.get()
    assert (payment.amount, payment.off_session) == (made.charged, False)
    assert made.order.invoice.state == "paid"

    make.save_method(subscription.company, DECLINE_LATER)
    seen = changes.preview(
        make.fresh(subscription), product_id=subscription.product_id, quantity=4, on=date(2026, 7, 3)
    )
    values |= {"quantity": 4, "expected": seen.amount}
    made = changes.change(subscription_id=subscription.pk, key=uuid4(), at=make.at("2026-07-03"), **values)
    assert (made.state, make.fresh(subscription).quantity) == ("paying", 3)
    payer.pay(changes.payment_of(made).client_secret, OK)
    payments.refresh(payment_id=changes.payment_of(made).pk, at=make.at("2026-07-03"))
    assert make.fresh(subscription).quantity == 4
    assert Order.objects.count() == 3
