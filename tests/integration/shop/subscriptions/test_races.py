"""One order for a subscription and a due date, however many come at once; each race has a twin without the guard."""

from unittest import mock

import pytest

from shop.forks.order.models import Order
from shop.payments.fake_stripe.instruments import OK
from shop.payments.models import Payment, Refund
from shop.subscriptions.models import Occurrence, Subscription
from shop.subscriptions.services import collecting, placing, renewals
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import subscriptions as make
from tests.harness.race import race, values

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CONTENDERS = 8
DUE = make.at("2027-01-31")


@pytest.fixture(autouse=True)
def stripe(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    settings.STRIPE_HTTP_CLIENT = "shop.payments.fake_stripe.FakeStripe"
    channel_factory.policy()
    commission_factory.programme()


def unlocked(subscription_id: int) -> Subscription:
    return Subscription.objects.select_related(
        "plan", "company", "product", "user", "first_line__product", "first_line__order__purchase__company"
    ).get(pk=subscription_id)


def renewal_orders() -> int:
    return Order.objects.filter(purchase__cycle=1).count()


def test_many_runs_at_once_place_one_order() -> None:
    make.subscribed()
    outcomes = race(CONTENDERS, lambda _: renewals.renew_due(now=DUE)["renewals placed"])
    assert sum(values(outcomes)) == 1
    assert (renewal_orders(), Occurrence.objects.filter(state="placed").count()) == (1, 1)


def test_without_the_lock_the_same_runs_place_several() -> None:
    subscription = make.subscribed()
    occurrence = Occurrence.objects.create(subscription=subscription, due_on=DUE.date(), cycle=1, state="due")

    def place(_: int) -> bool:
        contract = unlocked(subscription.pk)
        terms = renewals.terms_of_next(contract)
        placing.place(contract, Occurrence.objects.get(pk=occurrence.pk), terms, now=DUE)
        return True

    race(CONTENDERS, place)
    assert renewal_orders() > 1


def test_answer_webhook_and_reconciler_place_one_order_for_one_payment() -> None:
    subscription = make.pays_by(make.subscribed())
    make.save_method(subscription.company, OK)
    with mock.patch.object(collecting, "settle", return_value=None):
        renewals.renew_due(now=DUE)
    payment = Payment.objects.get()
    assert (payment.state, renewal_orders()) == ("succeeded", 0)
    outcomes = race(CONTENDERS, lambda _: collecting.settle(payment, DUE))
    assert [outcome.error for outcome in outcomes] == [None] * CONTENDERS
    assert renewal_orders() == 1
    assert Order.objects.get(purchase__cycle=1).invoice.payments.count() == 1
    assert Refund.objects.count() == 0


def test_many_runs_charge_a_card_once() -> None:
    subscription = make.pays_by(make.subscribed())
    make.save_method(subscription.company, OK)
    race(CONTENDERS, lambda _: renewals.renew_due(now=DUE))
    assert (Payment.objects.count(), renewal_orders()) == (1, 1)
    assert Subscription.objects.get(pk=subscription.pk).status == "active"
