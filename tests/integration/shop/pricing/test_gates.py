"""Prices of some products for customers only: nobody else finds them in any page, order, bound, kept text or basket."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oscar.apps.catalogue.models import Category

from shop.catalogue.services import index
from shop.pricing.contexts import PriceContext
from shop.pricing.gates import closed_to
from shop.pricing.models import PriceGate, PriceRecord
from shop.pricing.services.gates import remove_gate, set_gate
from tests.factories import prices, shop

pytestmark = pytest.mark.django_db
HIDDEN, LISTED, OWN, SHOWN = "111.11", "222.22", "77.31", "333.33"
TITLES = re.compile(r"<h3><a href=\"[^\"]+\">([^<]+)</a></h3>")
ORDERS = ("?sort=price", "?sort=-price", "?price_max=150", "?price_min=100&price_max=230")


class World:
    """A pump whose prices are hidden, a valve in a hidden category with an exception beside it, and three visitors."""

    def __init__(self) -> None:
        self.valves = Category.add_root(name="Valves", slug="valves")
        self.pump = shop.product("Pump thing", price=HIDDEN)
        self.valve = shop.product("Valve thing", price=LISTED)
        self.open = shop.product("Gauge thing", price=SHOWN)
        for product in (self.valve, self.open):
            product.categories.add(self.valves)
        self.open.recommended_products.add(self.pump)
        customer, waiting = shop.buyer(), shop.buyer(shop.company(status="pending"))
        prices.price_list(prices.row(self.pump, "99.13"), to_channel="direct", name="EVERYBODYS")
        prices.contract(customer.company, prices.row(self.pump, OWN))
        index.rebuild()
        self.clients = {"nobody": Client(), "waiting": Client(), "customer": Client()}
        self.clients["waiting"].force_login(waiting)
        self.clients["customer"].force_login(customer)

    def hide(self) -> None:
        set_gate(product=self.pump, at=shop.NOW, by=None)
        set_gate(category=self.valves, at=shop.NOW, by=None)
        set_gate(product=self.open, is_open=True, at=shop.NOW, by=None)

    def pages(self) -> list[str]:
        products = (self.pump, self.valve, self.open)
        return [
            *(f"/catalogue/{query}" for query in ("", *ORDERS)),
            f"/catalogue/category/valves_{self.valves.pk}/",
            "/search/?q=thing",
            "/search/suggest/?q=thing",
            *(f"/catalogue/{product.slug}_{product.pk}/" for product in products),
            f"/catalogue/nothing-like-thing_{self.open.pk + 999}/",
        ]

    def text(self, who: str, page: str) -> str:
        return self.clients[who].get(page).content.decode()

    # A price below the list price is explained by it: customers see HIDDEN on the pump's page.
    def seen(self, who: str) -> set[str]:
        text = "".join(self.text(who, page) for page in self.pages())
        return {price for price in (HIDDEN, "99.13", LISTED, OWN, SHOWN) if price in text}


@pytest.fixture
def world(db: None) -> World:
    return World()


def test_only_customers_find_a_hidden_price_whoever_came_before(world: World) -> None:
    assert world.seen("nobody") == {HIDDEN, "99.13", LISTED, SHOWN}
    world.hide()
    for who in ("nobody", "customer", "waiting", "nobody", "customer", "waiting"):
        assert world.seen(who) == ({HIDDEN, OWN, LISTED, SHOWN} if who == "customer" else {SHOWN}), who
    cache.clear()
    assert world.seen("customer") == {HIDDEN, OWN, LISTED, SHOWN}
    assert world.seen("nobody") == {SHOWN}


@contextmanager
def forgotten(*rooms: str) -> Iterator[None]:
    """Without the gate in these modules."""
    with ExitStack() as stack:
        for room in rooms:
            stack.enter_context(mock.patch(f"{room}.closed_to", return_value=frozenset()))
        yield


def test_twin_without_the_gate_in_the_resolver_everybody_would(world: World) -> None:
    world.hide()
    with forgotten("shop.pricing.resolver"):
        assert world.seen("nobody") == {HIDDEN, "99.13", LISTED, SHOWN}


def test_twin_with_one_key_for_all_a_customers_page_would_reach_everybody(world: World) -> None:
    world.hide()
    with mock.patch("shop.pricing.selectors.version.gate_token", return_value=""):
        world.seen("customer")
        assert LISTED in world.text("nobody", f"/catalogue/{world.valve.slug}_{world.valve.pk}/")


def orders(world: World, who: str) -> list[list[str]]:
    return [TITLES.findall(world.text(who, f"/catalogue/{query}")) for query in ORDERS]


def test_a_hidden_price_tells_nothing_through_order_or_bounds(world: World) -> None:
    pump, valve, gauge = "Pump thing", "Valve thing", "Gauge thing"
    open_to_all = [[pump, valve, gauge], [gauge, valve, pump], [pump], [valve]]
    assert orders(world, "nobody") == open_to_all
    world.hide()
    nothing_learnt = [[gauge, pump, valve], [gauge, pump, valve], [], []]
    assert orders(world, "nobody") == orders(world, "waiting") == nothing_learnt
    assert orders(world, "customer") == open_to_all
    cache.clear()
    with forgotten("shop.catalogue.price_order", "shop.pricing.resolver"):
        assert orders(world, "nobody") == open_to_all


def test_a_product_page_asks_to_sign_in_and_names_no_price(world: World) -> None:
    world.hide()
    page = f"/catalogue/{world.pump.slug}_{world.pump.pk}/"
    text = world.text("nobody", page)
    assert "Sign in to see prices" in text
    assert "EVERYBODYS" not in text
    assert 'id="add-to-basket"' not in text
    assert '"price":' not in text
    assert re.findall(r'"price": "([^"]+)"', world.text("customer", page)) == [OWN]


def test_what_has_a_hidden_price_stays_out_of_the_basket(world: World) -> None:
    nobody = world.clients["nobody"]
    nobody.post(f"/basket/add/{world.pump.pk}/", {"quantity": 1})  # before: the line stays, and shows no price
    world.hide()
    nobody.post(f"/basket/add/{world.valve.pk}/", {"quantity": 1})
    basket = world.text("nobody", "/basket/")
    assert "Pump thing" in basket
    assert not {price for price in (HIDDEN, "99.13", LISTED) if price in basket}
    assert "Valve thing" not in basket
    customer = world.clients["customer"]
    customer.post(f"/basket/add/{world.pump.pk}/", {"quantity": 1})
    assert OWN in world.text("customer", "/basket/")


def test_a_gate_is_removed_and_everything_recorded(world: World) -> None:
    world.hide()
    for gate in PriceGate.objects.order_by("pk"):
        remove_gate(gate=gate, at=shop.NOW, by=None)
    assert world.seen("nobody") == {HIDDEN, "99.13", LISTED, SHOWN}
    notes = PriceRecord.objects.filter(note__contains=": ").order_by("pk").values_list("note", flat=True)
    assert list(notes) == [
        "Prices hidden: Pump thing", "Prices hidden: Valves", "Prices shown to everybody: Gauge thing",
        "Prices as elsewhere: Pump thing", "Prices as elsewhere: Valves", "Prices as elsewhere: Gauge thing",
    ]  # fmt: skip


@pytest.mark.parametrize("hidden", [1, 3])
def test_hidden_prices_are_read_once_in_a_process(hidden: int) -> None:
    products = [shop.product(f"Pump {n}") for n in range(3)]
    for product in products[:hidden]:
        set_gate(product=product, at=shop.NOW, by=None)
    index.rebuild()
    nobody, customer = PriceContext(at=shop.NOW), PriceContext(at=shop.NOW, company_key=str(shop.company().key))
    assert closed_to(customer) == frozenset()  # reads the version of the prices, and no gate
    for asked in (3, 0):  # the version of the catalogue, hidden categories, products
        with CaptureQueriesContext(connection) as queries:
            assert closed_to(nobody) == {product.pk for product in products[:hidden]}
        assert len(queries) == asked


def test_the_desk_hides_and_shows(world: World) -> None:
    client, reader = Client(), Client()
    for one, names in ((client, ("change_pricelist", "view_pricelist")), (reader, ("view_pricelist",))):
        person = shop.user(is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=("access_admin", *names)))
        one.force_login(person)
    add, sku = reverse("price_gate_add"), world.pump.stockrecords.get().partner_sku
    assert "Name either a product or a category." in client.post(add, {}).content.decode()
    both = {"category": world.valves.pk, "is_open": "on"}
    assert "Only a product can be excepted." in client.post(add, both).content.decode()
    assert reader.post(add, {"sku": sku}).status_code != 200
    assert not PriceGate.objects.exists()
    assert client.post(add, {"sku": sku}).status_code == 302
    gate = PriceGate.objects.get()
    assert (gate.product, gate.is_open) == (world.pump, False)
    text = reader.get(reverse("price_gates")).content.decode()
    assert "Pump thing" in text
    assert reverse("price_gate_remove", args=[gate.pk]) not in text
    client.post(reverse("price_gate_remove", args=[gate.pk]))
    assert not PriceGate.objects.exists()
    assert closed_to(PriceContext(at=shop.NOW)) == frozenset()
