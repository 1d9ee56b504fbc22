"""A payment becomes an order or a refund, whoever tells of it and whatever changed meanwhile."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from oscar.apps.catalogue.models import Product
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from channels.contracts import Channel
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner
from shop.billing.models import Invoice
from shop.buying.errors import MethodUnavailable, PaymentUnderway, SoldOut
from shop.buying.models import AttemptEvent, CheckoutAttempt, Reservation
from shop.buying.services import attempts, place_order, refusals, reservations, settlement, sweeping
from shop.companies.models import Company
from shop.forks.basket.models import Basket
from shop.payments.models import Payment, Refund
from tests.factories import channels, paying, shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return shop.buyer()


def steps(attempt):
    return [event.after for event in AttemptEvent.objects.filter(attempt=attempt)]


def allocated(product):
    return StockRecord.objects.get(product=product).num_allocated or 0


def settle(attempt, at=shop.NOW):
    return settlement.settle(attempt_id=attempt.pk, at=at)


def test_beginning_holds_the_stock_and_the_basket_and_orders_nothing(buyer):
    probe = shop.product("Probe", stock=10)

    attempt = paying.begun(buyer, (probe, 2))

    held = Reservation.objects.get()
    assert (held.attempt, held.quantity, held.expires_at) == (attempt, 2, shop.NOW + settlement.HOLD)
    assert allocated(probe) == 2
    assert Basket.objects.get(pk=attempt.basket_id).status == Basket.FROZEN
    payment = attempt.payment
    assert (payment.reference, payment.amount, payment.currency) == (f"attempt:{attempt.key}", Decimal("273.75"), "EUR")
    assert (steps(attempt), Order.objects.count()) == (["created"], 0)


def test_what_is_paid_is_ordered_at_the_agreed_prices(buyer):
    probe = shop.product("Probe", stock=10)
    attempt = paying.begun(buyer, (probe, 2), purchase_order_number="PO-7")
    StockRecord.objects.update(price=Decimal("140.00"))

    paying.stripe_says(attempt, "succeeded")
    attempt = settle(attempt)

    order = Order.objects.get()
    assert (attempt.state, attempt.order, steps(attempt)) == ("placed", order, ["created", "paid", "placed"])
    assert (order.total_incl_tax, order.purchase.payment_method) == (Decimal("273.75"), "card")
    assert (order.purchase.purchase_order_number, order.shipping_address.line4) == ("PO-7", "Bergen")
    assert (order.invoice.state, order.invoice.paid_incl_tax) == (Invoice.State.PAID, Decimal("273.75"))
    assert allocated(probe) == 2
    assert Reservation.objects.get().consumed_at == shop.NOW
    assert Basket.objects.get(pk=attempt.basket_id).status == Basket.SUBMITTED
    assert OrderRecord.objects.count() == 1


def test_settling_again_changes_nothing(buyer):
    attempt = paying.begun(buyer)
    paying.stripe_says(attempt, "succeeded")
    settle(attempt)
    paying.stripe_says(attempt, "succeeded")

    settle(attempt)

    assert (Order.objects.count(), steps(attempt)) == (1, ["created", "paid", "placed"])
    assert Invoice.objects.get().payments.count() == 1
    assert Refund.objects.count() == 0


def test_a_declined_card_may_be_tried_again(buyer):
    attempt = paying.begun(buyer)

    paying.stripe_says(attempt, "requires_payment_method", decline="insufficient_funds")
    declined = settle(attempt)
    paying.stripe_says(attempt, "succeeded", at=shop.NOW + timedelta(minutes=2))
    placed = settle(attempt)

    assert (declined.state, placed.state) == ("requires_action", "placed")
    assert Order.objects.count() == 1


def test_what_was_cancelled_gives_stock_and_basket_back(buyer):
    probe = shop.product("Probe", stock=10)
    attempt = paying.begun(buyer, (probe, 2))

    paying.stripe_says(attempt, "canceled")
    attempt = settle(attempt)

    assert (attempt.state, attempt.reason) == ("failed", "The payment was cancelled.")
    assert allocated(probe) == 0
    assert Basket.open.get(owner=buyer).pk == attempt.basket_id
    assert Order.objects.count() == 0


def block(buyer):
    Company.objects.update(status=Company.Status.BLOCKED)


def withdraw(buyer):
    Product.objects.update(is_public=False)


def leave(buyer):
    buyer.memberships.update(is_active=False)


def spend(buyer):
    buyer.memberships.update(spend_limit=Decimal("1.00"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (block, "Your company's account is closed for new orders."),
        (withdraw, "“Probe” is no longer available."),
        (leave, "Your user does not belong to a company"),
        (spend, "You may still order for 1.00 EUR net"),
    ],
)
def test_what_is_paid_and_cannot_be_placed_is_refunded(
    buyer, change, says, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr("shop.payments.services.refunds._send_later", lambda refund_id: None)
    probe = shop.product("Probe", stock=10)
    attempt = paying.begun(buyer, (probe, 2))
    change(buyer)

    with django_capture_on_commit_callbacks(execute=True):
        paying.stripe_says(attempt, "succeeded")  # its listener settles

    attempt.refresh_from_db()
    assert (attempt.state, steps(attempt)) == ("refunded", ["created", "paid", "refunded"])
    assert says in attempt.reason
    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount, refund.reason) == (attempt.payment_id, Decimal("273.75"), attempt.reason)
    assert (Order.objects.count(), allocated(probe)) == (0, 0)
    assert Basket.objects.get(pk=attempt.basket_id).status == Basket.FROZEN  # what was paid is never thawed
    (letter,) = mail.outbox
    assert (letter.to, says in letter.body) == ([buyer.email], True)
    assert letter.subject == "Nothing was ordered, and your money goes back"


def test_an_offer_used_up_meanwhile_ends_in_a_refund(buyer):
    offer = shop.site_offer(10, max_global_applications=1)
    attempt = paying.begun(buyer)
    offer.num_applications = 1
    offer.save()
    paying.stripe_says(attempt, "succeeded")

    attempt = settle(attempt)

    assert attempt.state == "refunded"
    assert attempt.reason == "“Probe”: the price changed from 180.00 EUR to 200.00 EUR."
    assert (Order.objects.count(), Refund.objects.get().amount) == (0, attempt.payment.amount)


def test_a_voucher_that_ended_meanwhile_ends_in_a_refund(buyer):
    voucher = shop.voucher("TEN")
    basket = shop.basket(buyer, (shop.product("Probe"), 2))
    basket.vouchers.add(voucher)
    attempt = paying.begun(buyer, basket=basket)
    voucher.end_datetime = voucher.start_datetime
    voucher.save()
    paying.stripe_says(attempt, "succeeded")

    attempt = settle(attempt)

    assert (attempt.state, Order.objects.count()) == ("refunded", 0)
    assert (Refund.objects.get().amount, attempt.payment.amount) == (Decimal("248.75"), Decimal("248.75"))


def test_a_reseller_suspended_meanwhile_ends_in_a_refund(buyer):
    channels.partner("fjordtek", name="Fjordtek", territories=["NO"])
    attempt = paying.begun(buyer, channel=Channel.RESELLER, chosen_partner="fjordtek")
    ChannelPartner.objects.update(status=ChannelPartner.Status.SUSPENDED)
    paying.stripe_says(attempt, "succeeded")

    attempt = settle(attempt)

    assert (attempt.state, Order.objects.count()) == ("refunded", 0)
    assert "cannot take this order at the moment" in attempt.reason


def test_nothing_that_is_impossible_begins(buyer):
    rare = shop.product("Rare", stock=1)
    with pytest.raises(SoldOut):
        paying.begun(buyer, (rare, 2))
    buyer.company.payment_methods = ["invoice"]
    buyer.company.save()
    with pytest.raises(MethodUnavailable):
        paying.begun(buyer)
    with pytest.raises(MethodUnavailable, match="Only people of"):
        paying.begun(shop.buyer(), placed_by=buyer, basket=shop.basket(buyer, (shop.product(), 1)))

    assert (CheckoutAttempt.objects.count(), Payment.objects.count(), Reservation.objects.count()) == (0, 0, 0)
    assert Basket.objects.exclude(status=Basket.OPEN).count() == 0
    assert allocated(rare) == 0


def test_the_same_button_twice_begins_once(buyer):
    how = paying.wanted(buyer)

    first, second = settlement.begin(**how), settlement.begin(**how)

    assert first == second
    assert (CheckoutAttempt.objects.count(), Payment.objects.count()) == (1, 1)
    assert Reservation.objects.get().quantity == 2


def test_another_window_is_led_to_the_payment(buyer):
    how = paying.wanted(buyer)
    first = settlement.begin(**how)

    with pytest.raises(PaymentUnderway) as paid:
        settlement.begin(**{**how, "key": uuid4()})
    with pytest.raises(PaymentUnderway) as invoiced:
        attempts.order_once(**{**how, "key": uuid4(), "payment_method": "invoice"})

    assert paid.value.attempt == invoiced.value.attempt == first
    assert (Payment.objects.count(), Order.objects.count()) == (1, 0)


def test_a_hold_that_nobody_paid_in_time_ends_with_its_payment(buyer):
    probe = shop.product("Probe", stock=10)
    attempt = paying.begun(buyer, (probe, 2))

    early = sweeping.expire(now=attempt.expires_at - timedelta(seconds=1))
    due = sweeping.expire(now=attempt.expires_at)

    attempt.refresh_from_db()
    assert (early["attempts expired"], due["attempts expired"]) == (0, 1)
    assert (attempt.state, attempt.payment.state) == ("failed", Payment.State.CANCELLED)
    assert (allocated(probe), Basket.open.get(owner=buyer).pk) == (0, attempt.basket_id)
    assert sweeping.expire(now=attempt.expires_at)["attempts expired"] == 0


def test_money_for_what_was_given_up_only_goes_back(buyer):
    """A payment that nobody could cancel, as while Stripe was away: the basket is the buyer's again by then."""
    attempt = paying.begun(buyer)
    with transaction.atomic():
        refusals.give_up(attempts.locked(attempt.pk), reason="Given up.", at=shop.NOW)
    paying.stripe_says(attempt, "succeeded")

    attempt = settle(attempt)

    assert (attempt.state, steps(attempt)) == ("refunded", ["created", "failed", "paid", "refunded"])
    assert (Order.objects.count(), Refund.objects.get().amount) == (0, Decimal("273.75"))


def test_held_stock_that_was_given_back_is_taken_anew_or_refunded(buyer):
    """The hold ran out while Stripe was away, and the payment succeeded after all."""
    probe, rare = shop.product("Probe", stock=10), shop.product("Rare", stock=2)
    lucky, unlucky = paying.begun(buyer, (probe, 2)), paying.begun(shop.buyer(), (rare, 2))
    for attempt in (lucky, unlucky):
        with transaction.atomic():
            reservations.release(attempts.locked(attempt.pk), at=shop.NOW)
    shop.place(shop.buyer(), (rare, 1))
    for attempt in (lucky, unlucky):
        paying.stripe_says(attempt, "succeeded")

    placed, refunded = settle(lucky), settle(unlucky)

    assert (placed.state, allocated(probe)) == ("placed", 2)
    assert (refunded.state, allocated(rare)) == ("refunded", 1)
    assert refunded.reason == "“Rare”: only 1 left in stock. Please lower the quantity."


def test_what_nobody_foresaw_is_tried_again_and_refunded_after_some_minutes(buyer, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("broken")

    attempt = paying.begun(buyer)
    monkeypatch.setattr(place_order.follow_ups, "start", fails)
    paying.stripe_says(attempt, "succeeded")
    with pytest.raises(RuntimeError):
        settle(attempt)
    attempt.refresh_from_db()
    assert attempt.state == "paid"

    soon = sweeping.expire(now=shop.NOW + settlement.PATIENCE - timedelta(seconds=1))
    late = sweeping.expire(now=shop.NOW + settlement.PATIENCE)

    attempt.refresh_from_db()
    assert (soon["attempts settled"], late["attempts settled"], attempt.state) == (0, 1, "refunded")
    assert (Order.objects.count(), Refund.objects.get().amount) == (0, Decimal("273.75"))


def test_what_nobody_foresaw_once_is_placed_by_the_next_run(buyer, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("broken")

    attempt = paying.begun(buyer)
    paying.stripe_says(attempt, "succeeded")
    with monkeypatch.context() as broken:
        broken.setattr(place_order.follow_ups, "start", fails)
        with pytest.raises(RuntimeError):
            settle(attempt)

    assert sweeping.expire(now=shop.NOW + timedelta(minutes=1))["attempts settled"] == 1
    assert (Order.objects.count(), Refund.objects.count()) == (1, 0)


def test_a_state_is_never_skipped_and_its_history_never_changed(buyer):
    attempt = paying.begun(buyer)
    with pytest.raises(attempts.WrongStep):
        attempts.move(attempt, to="refunded", at=shop.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        AttemptEvent.objects.update(after="placed")

    attempt.refresh_from_db()
    assert (attempt.state, steps(attempt)) == ("created", ["created"])
