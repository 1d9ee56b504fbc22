"""Commerce defect 4: one attempt, one order; and nothing untrue is said when something breaks."""

from uuid import uuid4

import pytest
from django.core import mail
from django.db import OperationalError
from oscar.apps.order.models import Order

from channels.contracts import Channel
from channels.journeys.models import OrderRecord
from shop.buying import totals
from shop.buying.errors import BasketChanged, CannotPlace, SoldOut
from shop.buying.models import CheckoutAttempt
from shop.buying.services import attempts, place_order
from shop.credit.models import CreditEntry
from shop.forks.basket.models import Basket
from tests.factories import shop
from tests.harness.race import errors, race, values


def prepared(*lines):
    buyer = shop.buyer()
    basket = shop.basket(buyer, *(lines or ((shop.product("Probe", stock=10), 2),)))
    address = shop.address(buyer)
    priced = totals.compute(
        Basket.objects.get(pk=basket.pk),
        company=buyer.company,
        user=buyer,
        now=shop.NOW,
        shipping_address=address,
        shipping_code="standard",
    )
    return {
        "key": uuid4(),
        "user": buyer,
        "basket": basket,
        "expected": priced.seen(),
        "now": shop.NOW,
        "company": buyer.company,
        "channel": Channel.DIRECT,
        "shipping_address": address,
        "shipping_code": "standard",
    }


@pytest.mark.django_db
def test_an_attempt_places_one_order_however_often_it_is_sent():
    how = prepared()

    first = attempts.order_once(**how)
    second = attempts.order_once(**how)

    assert first == second
    assert Order.objects.count() == 1
    attempt = CheckoutAttempt.objects.get()
    assert (attempt.state, attempt.order, attempt.totals_hash) == ("placed", first, how["expected"].digest())


@pytest.mark.django_db
def test_two_windows_with_an_attempt_each_place_one_order():
    how = prepared()

    first = attempts.order_once(**how)
    second = attempts.order_once(**{**how, "key": uuid4()})

    assert first == second
    assert Order.objects.count() == 1
    assert sorted(CheckoutAttempt.objects.values_list("state", flat=True)) == ["created", "placed"]


@pytest.mark.django_db
def test_anothers_attempt_is_refused():
    how = prepared()
    attempts.order_once(**how)

    with pytest.raises(CannotPlace, match="another user"):
        attempts.order_once(**{**how, "user": shop.buyer()})

    assert Order.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda line: line.product.stockrecords.update(price=120),
            "“Probe”: the price changed from 200.00 EUR to 240.00 EUR.",
        ),
        (
            lambda line: type(line).objects.filter(pk=line.pk).update(quantity=3),
            "“Probe”: the quantity changed from 2 to 3.",
        ),
        (lambda line: shop.site_offer(10), "“Probe”: the price changed from 200.00 EUR to 180.00 EUR."),
    ],
)
def test_what_the_buyer_did_not_see_is_not_ordered(change, message):
    how = prepared()
    change(how["basket"].lines.get())

    with pytest.raises(BasketChanged) as caught:
        attempts.order_once(**how)

    assert caught.value.messages == [message]
    assert Order.objects.count() == 0
    assert Basket.objects.get(pk=how["basket"].pk).status == Basket.OPEN
    assert CheckoutAttempt.objects.get().state == "failed"


@pytest.mark.django_db
def test_a_line_removed_or_added_elsewhere_is_named():
    how = prepared()
    how["basket"].add_product(shop.product("Cable"), 1)
    with pytest.raises(BasketChanged) as added:
        attempts.order_once(**how)
    how["basket"].lines.filter(product__title="Probe").delete()
    with pytest.raises(BasketChanged) as removed:
        attempts.order_once(**{**how, "key": uuid4()})

    assert added.value.messages == ["“Cable” was added to the basket."]
    assert removed.value.messages[:2] == ["“Probe” is no longer in the basket.", "“Cable” was added to the basket."]
    assert Order.objects.count() == 0


@pytest.mark.django_db
def test_sold_out_meanwhile_leaves_the_basket_open():
    how = prepared()
    how["basket"].lines.get().product.stockrecords.update(num_in_stock=1)

    with pytest.raises(SoldOut):
        attempts.order_once(**how)

    assert Basket.objects.get(pk=how["basket"].pk).status == Basket.OPEN
    assert CheckoutAttempt.objects.get().reason == "“Probe”: only 1 left in stock. Please lower the quantity."


@pytest.mark.django_db(transaction=True)
def test_an_error_after_the_commit_still_tells_of_the_order(monkeypatch):
    """Oscar would thaw the basket here and say that no order was placed."""
    how = prepared()
    place = attempts._place

    def commits_then_fails(*args, **kwargs):
        place(*args, **kwargs)
        raise RuntimeError("the connection went away after the commit")

    monkeypatch.setattr(attempts, "_place", commits_then_fails)

    order = attempts.order_once(**how)

    assert Order.objects.get() == order
    assert Basket.objects.get(pk=how["basket"].pk).status == Basket.SUBMITTED
    assert CheckoutAttempt.objects.get().state == "placed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [RuntimeError("broken"), OperationalError("lock timeout")])
def test_an_error_before_the_commit_leaves_everything_as_it_was(monkeypatch, error):
    def fails(order, **kwargs):
        raise error

    how = prepared()
    monkeypatch.setattr(place_order.follow_ups, "start", fails)

    with pytest.raises(CannotPlace, match="Nothing was ordered"):
        attempts.order_once(**how)

    assert (Order.objects.count(), OrderRecord.objects.count()) == (0, 0)
    assert Basket.objects.get(pk=how["basket"].pk).status == Basket.OPEN
    assert CheckoutAttempt.objects.get().state == "failed"
    monkeypatch.undo()
    assert attempts.order_once(**how) == Order.objects.get()


def press_at_once(times):
    how = prepared()

    outcomes = race(times, lambda _index: attempts.order_once(**how).pk)

    assert errors(outcomes) == []
    assert set(values(outcomes)) == {Order.objects.get().pk}
    assert OrderRecord.objects.count() == 1
    assert CheckoutAttempt.objects.get().state == "placed"
    assert CreditEntry.objects.get().amount == Order.objects.get().total_incl_tax
    assert len(mail.outbox) == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_five_clicks_at_once_place_one_order():
    press_at_once(5)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_thirty_clicks_at_once_place_one_order():
    press_at_once(30)
