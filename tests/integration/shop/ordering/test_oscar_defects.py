"""Commerce defects 5 and 7, and what the forks promise of baskets and prices."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from oscar.core.loading import get_class

from shop.forks.basket.models import Line
from shop.forks.order.models import OrderNote
from shop.forks.order.utils import OrderNumberGenerator
from shop.forks.partner.strategy import FixedRateTax, NetPrices, Selector
from tests.factories import shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["Frozen", "Submitted"])
def test_a_line_of_a_basket_that_is_being_ordered_cannot_be_deleted(status):
    basket = shop.basket(shop.buyer(), (shop.product(), 2))
    type(basket).objects.filter(pk=basket.pk).update(status=status)
    line = Line.objects.get()

    with pytest.raises(PermissionDenied):
        line.delete()

    assert Line.objects.get().quantity == 2


def test_nothing_slips_into_a_basket_that_was_ordered_meanwhile():
    basket = shop.basket(shop.buyer(), (shop.product(), 2))
    type(basket).objects.filter(pk=basket.pk).update(status="Submitted")

    with pytest.raises(PermissionDenied):
        basket.add_product(shop.product(), 1)

    assert Line.objects.count() == 1


@pytest.mark.parametrize(
    ("age", "is_editable"),
    [
        (timedelta(seconds=299), True),
        (timedelta(seconds=301), False),
        (timedelta(days=1, seconds=10), False),  # timedelta.seconds is 10 here
        (timedelta(days=400), False),
    ],
)
def test_a_note_is_editable_for_five_minutes_not_for_five_minutes_of_each_day(age, is_editable):
    order = shop.place(shop.buyer(), (shop.product(), 1))
    note = OrderNote.objects.create(order=order, message="Call first")
    OrderNote.objects.filter(pk=note.pk).update(date_updated=timezone.now() - age)
    note.refresh_from_db()

    assert note.is_editable() is is_editable


@pytest.mark.parametrize(("price", "tax"), [("0.33", "0.08"), ("9.99", "2.50"), ("0.02", "0.01"), ("100.00", "25.00")])
def test_a_fixed_rate_gives_cents(price, tax):
    class Norwegian(FixedRateTax, NetPrices):
        rate = Decimal("0.25")

    product = shop.product(price=price)

    info = Norwegian().fetch_for_product(product)

    assert str(info.price.tax) == tax
    assert str(info.price.incl_tax) == str(Decimal(price) + Decimal(tax))


def test_oscar_uses_our_fork_of_the_fixed_rate():
    assert get_class("partner.strategy", "FixedRateTax") is FixedRateTax


def test_order_numbers_do_not_come_from_the_basket():
    basket = shop.basket(shop.buyer(), (shop.product(), 1))

    first, second = (OrderNumberGenerator().order_number(basket) for _ in range(2))

    assert first != second
    assert str(100_000 + basket.pk) not in (first, second)


def test_prices_are_net_and_tax_is_zero_until_the_checkout():
    info = Selector().strategy().fetch_for_product(shop.product(price="12.50"))

    assert (info.price.excl_tax, info.price.tax, info.price.incl_tax) == (
        Decimal("12.50"),
        Decimal("0.00"),
        Decimal("12.50"),
    )
    assert (info.price.resolved.source, info.price.resolved.why) == ("stock_record", "List price.")


def test_a_price_in_another_currency_is_no_price():
    product = shop.product()
    product.stockrecords.update(price_currency="USD")

    assert Selector().strategy().fetch_for_product(product).price.exists is False
