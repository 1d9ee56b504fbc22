"""Minimum, multiples and packs: snapped wherever a quantity enters, with the reason, and looked at again when ordering."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from shop.buying import totals
from shop.buying.errors import BasketChanged
from shop.buying.services import place_order
from shop.catalogue.services import index
from shop.forks.basket.models import Basket, Line
from shop.forks.order.models import Order
from shop.offering.configuration import options_of
from shop.offering.errors import QuantityRefused
from shop.offering.models import QuantityRule
from tests.factories import offering as make
from tests.factories import shop
from tests.integration.harmony.shelves import save_product

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person, backend="shop.forks.customer.auth_backends.EmailBackend")
    return client


def boxed(**values):
    product = shop.product("Cable")
    make.rule(product, **{"pack_size": 10, "unit_name": "box", **values})
    return product


def quantities_of(person):
    return list(Line.objects.filter(basket__owner=person).order_by("pk").values_list("quantity", flat=True))


def test_the_product_page_shows_the_rule_and_adds_whole_boxes():
    person, product = shop.buyer(), boxed(minimum=20, maximum=95)
    index.rebuild()
    client = signed_in(person)
    page = client.get(product.get_absolute_url()).content.decode()

    assert 'name="quantity" value="20" min="20" max="90" step="10" form="add-to-basket"' in page
    assert "Sold by the box of 10. The smallest quantity is 20. The largest quantity in one order is 90." in page
    answer = client.post(reverse("basket:add", kwargs={"pk": product.pk}), {"quantity": "23"}, headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["toast"]["message"] == (
        "30 × Cable is in your basket. “Cable”: 23 became 30. Sold by the box of 10."
    )
    client.post(reverse("basket:add", kwargs={"pk": product.pk}), {"quantity": "68"}, headers=HTMX)
    assert quantities_of(person) == [90]
    refused = client.post(reverse("basket:add", kwargs={"pk": product.pk}), {"quantity": "5"}, headers=HTMX)
    assert "The largest quantity in one order is 90." in refused["HX-Trigger"]
    assert quantities_of(person) == [90]


@pytest.mark.parametrize(
    ("asked", "kept", "says"),
    [
        ("20", 20, ""),
        ("21", 30, "“Cable”: 21 became 30. Sold by the box of 10."),
        ("5", 20, "“Cable”: 5 became 20. The smallest quantity is 20."),
        ("96", 90, "“Cable”: 96 became 90. The largest quantity in one order is 90."),
    ],
)
def test_a_quantity_in_the_basket_is_snapped_with_the_reason(asked, kept, says):
    person, product = shop.buyer(), boxed(minimum=20, maximum=95)
    line = shop.basket(person, (product, 40)).lines.get()

    answer = signed_in(person).post(reverse("basket:line", kwargs={"pk": line.pk}), {"quantity": asked}, headers=HTMX)

    assert quantities_of(person) == [kept]
    assert (json.loads(answer["HX-Trigger"])["toast"]["message"] if says else answer.get("HX-Trigger", "")) == says
    assert 'min="20" step="10"' in answer.content.decode()


def test_lines_of_one_product_share_its_maximum():
    product = boxed(maximum=30)
    make.customised(product)
    basket = shop.basket(None, (product, 20))
    custom = options_of({"offered-as": "customised", "cable-length": "2m"})

    line, _ = basket.add_product(product, 20, custom)
    assert line.quantity == 10
    with pytest.raises(QuantityRefused, match="The largest quantity in one order is 30"):
        basket.add_product(product, 10, custom)
    assert sorted(basket.lines.values_list("quantity", flat=True)) == [10, 20]


def test_a_stored_quantity_is_corrected_at_view_and_nothing_is_written():
    person, product = shop.buyer(), shop.product("Cable", price="2.00")
    shop.basket(person, (product, 13))
    make.rule(product, pack_size=10, unit_name="box")

    page = signed_in(person).get(reverse("basket:summary")).content.decode()

    assert "“Cable”: 13 became 20. Sold by the box of 10." in page
    assert 'value="20" min="10" step="10"' in page
    assert "€40.00" in page
    assert quantities_of(person) == [13]


def test_an_order_takes_the_corrected_quantity_once_the_buyer_has_seen_it():
    person, product = shop.buyer(), shop.product("Cable", price="2.00")
    basket = shop.basket(person, (product, 13))
    address = shop.address(person)
    seen = totals.compute(
        Basket.objects.get(pk=basket.pk), company=person.company, user=person, now=shop.NOW,
        shipping_address=address, shipping_code="standard",
    ).seen()  # fmt: skip
    make.rule(product, pack_size=10, unit_name="box")

    with pytest.raises(BasketChanged, match="the quantity changed from 13 to 20"):
        shop.place(person, basket=basket, shipping_address=address, expected=seen)
    assert not Order.objects.exists()
    assert shop.place(person, basket=basket, shipping_address=address).lines.get().quantity == 20


def test_what_can_have_no_quantity_is_not_ordered():
    person, product = shop.buyer(), shop.product("Cable")
    make.customised(product)
    basket = shop.basket(person, (product, 20))
    basket.add_product(product, 10, options_of({"offered-as": "customised", "cable-length": "2m"}))
    make.rule(product, maximum=20)

    assert "The largest quantity in one order is 20." in (
        signed_in(person).get(reverse("basket:summary")).content.decode()
    )
    with pytest.raises(BasketChanged, match="The largest quantity in one order is 20"):
        shop.place(person, basket=basket)
    assert not Order.objects.exists()


def test_ordering_again_takes_the_quantity_of_today_and_what_was_agreed_stays():
    person, product = shop.buyer(), shop.product("Cable")
    order = shop.place(person, (product, 3))
    make.rule(product, minimum=5)
    client = signed_in(person)

    client.post(
        reverse(
            "customer:order-line", kwargs={"order_number": order.purchase.public_ref, "line_id": order.lines.get().pk}
        ),
        {"action": "reorder"},
    )
    again = shop.place(person, basket=None, lines=[place_order.OrderedLine(product=product, quantity=3)])

    assert quantities_of(person)[-1] == 5
    assert again.lines.get().quantity == 3


def test_a_child_takes_its_parent_s_rule():
    parent = shop.product("Cables")
    parent.structure = "parent"
    parent.save()
    child = shop.product("5 m")
    child.parent, child.structure, child.product_class = parent, "child", None
    child.save()
    make.rule(parent, multiple=4)

    line, _ = shop.basket(None).add_product(type(child).objects.get(pk=child.pk), 5)

    assert line.quantity == 8


def test_the_rule_is_edited_with_the_product_in_the_dashboard():
    product = shop.product("Cable")
    staff = shop.user(is_staff=True, is_superuser=True)
    client = signed_in(staff)
    values = {
        "rule-minimum": "20",
        "rule-maximum": "",
        "rule-multiple": "1",
        "rule-pack_size": "10",
        "rule-unit_name": "box",
    }

    assert save_product(client, product, 100, fields=values).status_code == 302
    rule = QuantityRule.objects.get(product=product)
    assert (rule.minimum, rule.maximum, rule.multiple, rule.pack_size, rule.unit_name) == (20, None, 1, 10, "box")
    refused = save_product(client, product, 100, fields={**values, "rule-maximum": "15"})
    assert "No quantity fits: the smallest is 20." in refused.content.decode()
    free = {**values, "rule-minimum": "1", "rule-pack_size": "1", "rule-unit_name": ""}
    assert save_product(client, product, 100, fields=free).status_code == 302
    assert not QuantityRule.objects.exists()
