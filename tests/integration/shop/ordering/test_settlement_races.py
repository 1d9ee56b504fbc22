"""Return page, webhook and reconciler at the same moment: one order, one charge, one mail, one credit."""

import contextlib
import threading
from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail
from django.db import connections, transaction
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from channels.journeys.models import OrderRecord
from shop.billing.models import InvoicePayment
from shop.buying.errors import SoldOut
from shop.buying.models import AttemptEvent, CheckoutAttempt, Reservation
from shop.buying.services import attempts, reservations, settlement, stock, sweeping
from shop.payments.errors import ProviderAway
from shop.payments.fake_stripe import payment_methods
from shop.payments.fake_stripe.instruments import INSTRUMENTS, OK
from shop.payments.models import FakeObject, Payment, Refund, SavedMethod
from shop.payments.services import customers
from tests.factories import paying, shop
from tests.harness.race import errors, race, values

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
on_postgres = pytest.mark.postgres
PATIENCE = 20  # seconds that anything here may take at most


def saved_card(company):
    """Return a card that the company saved earlier, known to Stripe too."""
    customer = customers.customer_id_of(company, at=shop.NOW)
    with transaction.atomic():
        method = payment_methods.make(INSTRUMENTS[OK])
        payment_methods.bind(method["id"], customer)
    return SavedMethod.objects.create(company=company, provider_id=method["id"], kind="card", added_at=shop.NOW)


def charges():
    return FakeObject.objects.filter(kind="charge", data__status="succeeded").count()


def is_settled_once(attempt):
    attempt.refresh_from_db()
    order = Order.objects.get()
    assert (attempt.state, attempt.order_id) == ("placed", order.pk)
    assert [event.after for event in AttemptEvent.objects.filter(attempt=attempt)].count("placed") == 1
    assert (OrderRecord.objects.count(), InvoicePayment.objects.count(), Refund.objects.count()) == (1, 1, 0)
    assert order.invoice.state == "paid"
    assert len([letter for letter in mail.outbox if order.number in letter.subject]) == 1


def thirty_presses(times):
    buyer = shop.buyer()
    how = paying.wanted(buyer, saved_method=saved_card(buyer.company))

    def press(_index):
        attempt = settlement.begin(**how)
        with contextlib.suppress(ProviderAway):  # another press is asking Stripe at this moment: the page looks again
            settlement.send(attempt_id=attempt.pk, at=shop.NOW)
        return attempt.pk

    outcomes = race(times, press, timeout=PATIENCE * 3)

    assert errors(outcomes) == []
    is_settled_once(CheckoutAttempt.objects.get())
    assert (charges(), Payment.objects.get().state) == (1, "succeeded")
    assert Reservation.objects.get().consumed_at == shop.NOW
    assert StockRecord.objects.get().num_allocated == 2


@on_postgres
def test_thirty_presses_of_one_button_order_and_charge_once():
    thirty_presses(30)


def test_four_presses_of_one_button_order_and_charge_once():
    thirty_presses(4)


def paid(buyer=None, *lines):
    """Return an attempt whose money has come, and of which nobody has heard yet."""
    attempt = paying.begun(buyer or shop.buyer(), *lines)
    with mock.patch("shop.payments.services.history.tell"):
        paying.stripe_says(attempt, "succeeded")
    return attempt


def settle(attempt):
    return settlement.settle(attempt_id=attempt.pk, at=shop.NOW)


def sweep(attempt):
    return sweeping.expire(now=shop.NOW + timedelta(seconds=1))


STEPS = [
    "shop.buying.services.attempts.locked",
    "shop.buying.services.settlement.follow",
    "shop.buying.services.settlement.conclude",
    "shop.buying.services.place_order.place_wish",
    "shop.buying.services.reservations.consume",
    "shop.buying.services.attempts.move",
    "shop.billing.services.invoices.record_payment",
]


@on_postgres
@pytest.mark.parametrize("competitor", [settle, sweep], ids=["settle", "sweep"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=[step.rpartition(".")[2] for step in STEPS])
def test_a_competitor_at_any_step_changes_nothing(step, when, competitor):
    attempt = paid()
    rival = Rival(step, when, lambda: competitor(attempt))

    with rival:
        settle(attempt)

    assert rival.error is None
    is_settled_once(attempt)


class Rival:
    """Starts an action in a thread of its own as the first one reaches a step; waits for it at the end."""

    def __init__(self, step, when, action):
        self.step, self.when, self.action, self.error = step, when, action, None
        self.thread = None

    def __enter__(self):
        from pkgutil import resolve_name

        original = resolve_name(self.step)

        def reached(*args, **kwargs):
            if self.when == "before":
                self.start()
            found = original(*args, **kwargs)
            if self.when == "after":
                self.start()
            return found

        self.patch = mock.patch(self.step, side_effect=reached)
        self.patch.start()
        return self

    def start(self):
        if self.thread is None:
            self.thread = threading.Thread(target=self.run, daemon=True)
            self.thread.start()
            self.thread.join(0.3)  # as far as it comes before it has to wait

    def run(self):
        try:
            self.action()
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()

    def __exit__(self, *_error):
        self.patch.stop()
        assert self.thread is not None, f"{self.step} was never reached"
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@on_postgres
def test_a_hundred_races_of_return_page_webhook_and_sweeper():
    buyer = shop.buyer()
    probe = shop.product("Probe", stock=1000)
    shop.address(buyer)
    pairs = [paid(shop.buyer(buyer.company), (probe, 1)) for _ in range(100)]

    for attempt in pairs:
        outcomes = race(3, lambda index, attempt=attempt: (settle, settle, sweep)[index](attempt), timeout=PATIENCE)
        assert errors(outcomes) == []

    assert Order.objects.count() == OrderRecord.objects.count() == InvoicePayment.objects.count() == 100
    assert (Refund.objects.count(), StockRecord.objects.get().num_allocated) == (0, 100)
    assert CheckoutAttempt.objects.filter(state="placed").count() == 100


@on_postgres
def test_without_the_lock_a_competitor_does_harm(monkeypatch):
    """The twin: two that both see a paid attempt place it and refund it, or stumble over each other."""
    monkeypatch.setattr(attempts, "locked", lambda pk: CheckoutAttempt.objects.select_related("company").get(pk=pk))
    harmed = 0
    for _ in range(5):
        attempt = paid()
        outcomes = race(4, lambda _index, attempt=attempt: settle(attempt), timeout=PATIENCE)
        harmed += bool(errors(outcomes)) or Refund.objects.filter(payment=attempt.payment_id).exists()

    assert harmed > 0


def contend_for(units, buyers, **monkeypatched):
    rare = shop.product("Rare", stock=units)
    company = shop.company()
    hows = [paying.wanted(shop.buyer(company), (rare, 1)) for _ in range(buyers)]
    return rare, race(buyers, lambda index: settlement.begin(**hows[index]).pk, timeout=PATIENCE * 2)


@on_postgres
def test_no_more_is_held_than_there_is():
    rare, outcomes = contend_for(3, 20)

    assert (len(values(outcomes)), {type(error) for error in errors(outcomes)}) == (3, {SoldOut})
    assert StockRecord.objects.get(product=rare).num_allocated == 3
    assert Reservation.objects.count() == Payment.objects.count() == CheckoutAttempt.objects.count() == 3


@on_postgres
def test_without_the_guard_more_is_held_than_there_is(monkeypatch):
    monkeypatch.setattr(stock, "_require", lambda needs, records: None)

    _rare, outcomes = contend_for(3, 20)

    assert len(values(outcomes)) > 3


@on_postgres
def test_baskets_with_the_same_products_the_other_way_round_do_not_wait_for_each_other():
    first, second = shop.product(stock=100), shop.product(stock=100)
    company = shop.company()
    orders = [[(first, 1), (second, 1)], [(second, 1), (first, 1)]]
    hows = [paying.wanted(shop.buyer(company), *orders[index % 2]) for index in range(20)]

    begun = race(20, lambda index: settlement.begin(**hows[index]), timeout=PATIENCE * 2)
    ended = race(20, lambda index: give_up(values(begun)[index]), timeout=PATIENCE * 2)

    assert errors(begun) == errors(ended) == []
    assert list(StockRecord.objects.values_list("num_allocated", flat=True)) == [0, 0]


def give_up(attempt):
    with transaction.atomic():
        reservations.release(attempts.locked(attempt.pk), at=shop.NOW)


@on_postgres
def test_paid_at_the_moment_the_hold_ends_is_either_ordered_or_never_charged():
    for _ in range(10):
        attempt = paying.begun(shop.buyer())
        settlement.send(attempt_id=attempt.pk, at=shop.NOW)
        secret = Payment.objects.get(pk=attempt.payment_id).client_secret

        def pay_or_expire(index, attempt=attempt, secret=secret):
            from shop.payments.fake_stripe import payer

            if index:
                return sweeping.expire(now=attempt.expires_at)
            return payer.pay(secret, OK)

        race(2, pay_or_expire, timeout=PATIENCE)
        settlement.check(attempt_id=attempt.pk, at=shop.NOW)
        attempt.refresh_from_db()

        assert (attempt.state, attempt.payment.state) in {("placed", "succeeded"), ("failed", "cancelled")}
    assert Order.objects.count() == charges()
    assert Refund.objects.count() == 0
