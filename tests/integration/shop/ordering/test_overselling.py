"""Commerce defects 1 and 2: many buyers at the same moment never get more than there is."""

import contextlib

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Coalesce
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from channels.contracts import Channel
from channels.journeys.models import OrderRecord
from shop.buying.errors import OfferGone, SoldOut
from shop.buying.services import place_order, stock
from tests.factories import shop
from tests.harness.race import errors, race, values


def baskets(how_many, *lines):
    """Return (buyer, basket, address) for as many buyers of one company each holding the lines."""
    company = shop.company()
    buyers = [shop.buyer(company) for _ in range(how_many)]
    return [(buyer, shop.basket(buyer, *lines), shop.address(buyer)) for buyer in buyers]


def place(contender):
    buyer, basket, address = contender
    return place_order.place(
        company=buyer.company,
        user=buyer,
        channel=Channel.DIRECT,
        basket=basket,
        shipping_address=address,
        shipping_code="standard",
        now=shop.NOW,
        notify=False,
    ).pk


def patiently(contender, *, presses=5):
    """Press again when the database makes us wait for too long: the page says that nothing was ordered, and to try again."""
    for _press in range(presses - 1):
        with contextlib.suppress(OperationalError):
            return place(contender)
    return place(contender)


def run_for_stock(*, buyers, units):
    rare = shop.product("Rare", stock=units)
    contenders = baskets(buyers, (rare, 1))

    outcomes = race(buyers, lambda index: patiently(contenders[index]))

    assert len(values(outcomes)) == units
    assert {type(error) for error in errors(outcomes)} <= {SoldOut}
    assert len(errors(outcomes)) == buyers - units
    assert StockRecord.objects.get(product=rare).num_allocated == units
    assert Order.objects.count() == OrderRecord.objects.count() == units


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_buyers_for_three_units():
    run_for_stock(buyers=10, units=3)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_hundred_buyers_for_fifty_units():
    run_for_stock(buyers=200, units=50)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_guard_the_race_oversells(monkeypatch):
    """The twin: Oscar's unconditional UPDATE sells what is not there, so the race above is a real one."""

    def unguarded(lines, **_held):
        for pk, (quantity, _line) in stock.wanted(lines).items():
            StockRecord.objects.filter(pk=pk).update(num_allocated=Coalesce(F("num_allocated"), 0) + quantity)

    monkeypatch.setattr(stock, "allocate", unguarded)
    rare = shop.product("Rare", stock=3)
    contenders = baskets(20, (rare, 1))

    outcomes = race(20, lambda index: place(contenders[index]))

    assert len(values(outcomes)) > 3


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_products_in_opposite_order_do_not_deadlock():
    first, second = shop.product(stock=100), shop.product(stock=100)
    company = shop.company()
    buyers = [shop.buyer(company) for _ in range(20)]
    contenders = [
        (
            buyer,
            shop.basket(buyer, *([(first, 1), (second, 1)] if index % 2 else [(second, 1), (first, 1)])),
            shop.address(buyer),
        )
        for index, buyer in enumerate(buyers)
    ]

    outcomes = race(20, lambda index: place(contenders[index]))

    assert errors(outcomes) == []
    assert list(StockRecord.objects.values_list("num_allocated", flat=True)) == [20, 20]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_offer_with_a_cap_is_not_given_more_often():
    item = shop.product(stock=100)
    offer = shop.site_offer(10, max_global_applications=2)
    contenders = baskets(6, (item, 1))

    outcomes = race(6, lambda index: place(contenders[index]))

    offer.refresh_from_db()
    discounted = Order.objects.filter(discounts__offer_id=offer.pk).count()
    assert (offer.num_applications, discounted) == (2, 2)
    assert {type(error) for error in errors(outcomes)} <= {OfferGone}
    assert len(values(outcomes)) + len(errors(outcomes)) == 6
    assert connection.in_atomic_block is False
