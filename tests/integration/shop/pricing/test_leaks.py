"""No price of one company reaches another, or somebody unknown: in any order of requests, with every cache warm."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oscar.apps.catalogue.models import Category, Product

from shop.catalogue.services import index
from shop.catalogue.sitemaps import CatalogueSitemap, CategorySitemap
from shop.companies.models import Company
from shop.pricing.checks import check_settings
from tests.factories import prices, shop

pytestmark = pytest.mark.django_db

LISTED, FOR_A, FOR_B, IN_GROUP = "111.11", "77.31", "88.47", "93.59"


@dataclass
class World:
    product: Product
    other: Product
    category: Category
    clients: dict[str, Client]

    @property
    def pages(self) -> list[str]:
        return [
            "/catalogue/",
            "/catalogue/?sort=price",
            "/catalogue/?sort=-price&price_max=90",
            f"/catalogue/category/pumps_{self.category.pk}/",
            "/search/?q=pump",
            "/search/suggest/?q=pump",
            f"/catalogue/pump-one_{self.product.pk}/",
            f"/catalogue/pump-two_{self.other.pk}/",  # recommends the first
            f"/catalogue/nothing-like-pump_{self.other.pk + 999}/",
            "/basket/",
        ]


@pytest.fixture
def world(db: None) -> World:
    category = Category.add_root(name="Pumps", slug="pumps")
    product, other = shop.product("Pump one", price=LISTED), shop.product("Pump two", price="500")
    for made in (product, other):
        made.categories.add(category)
    other.recommended_products.add(product)
    a, b, c = (shop.buyer(shop.company(name=name)) for name in ("Anker", "Bakke", "Canto"))
    prices.contract(a.company, prices.row(product, FOR_A, reference="SECRET-A"), prices.row(product, "66.13", 10))
    prices.price_list(prices.row(product, FOR_B), company=b.company, name="SECRET-B")
    prices.price_list(prices.row(product, IN_GROUP), group=prices.group(c.company), name="SECRET-C")
    index.rebuild()
    clients = {"nobody": Client(), "a": Client(), "b": Client(), "c": Client()}
    for name, person in (("a", a), ("b", b), ("c", c)):
        clients[name].force_login(person)
    for client in clients.values():
        client.post(f"/basket/add/{product.pk}/", {"quantity": 1})
    return World(product, other, category, clients)


SECRETS = {
    "a": (FOR_A, "66.13", "SECRET-A"),
    "b": (FOR_B, "SECRET-B"),
    "c": (IN_GROUP, "SECRET-C"),
    "nobody": (),
}


def texts(world: World, who: str) -> Iterator[tuple[str, str, Any]]:
    for page in world.pages:
        response = world.clients[who].get(page)
        yield page, response.content.decode(), response


@pytest.mark.parametrize("order", [*itertools.permutations("ab"), ("c", "a"), ("b", "c")])
def test_nobody_sees_what_another_pays(world: World, order: tuple[str, str]) -> None:
    cache.clear()
    for who in (*order, "nobody", *order, "nobody"):
        foreign = [secret for other, secrets in SECRETS.items() if other != who for secret in secrets]
        for page, text, response in texts(world, who):
            leaked = [secret for secret in foreign if secret in text or secret.replace(".", ",") in text]
            assert not leaked, (who, page, leaked)
            if "basket" not in page:
                assert "private" in response["Cache-Control"], page


@pytest.mark.parametrize("room", ["listing", "detail"])
def test_a_key_without_the_prices_would_leak(world: World, monkeypatch: pytest.MonkeyPatch, room: str) -> None:
    monkeypatch.setattr(f"shop.catalogue.{room}.price_key", lambda context: "")
    list(texts(world, "a"))
    assert any(FOR_A in text for page, text, _response in texts(world, "b") if page != "/basket/")


def test_each_sees_its_own_price_everywhere(world: World) -> None:
    for who, price in (("nobody", LISTED), ("a", FOR_A), ("b", FOR_B), ("c", IN_GROUP)):
        found = {page for page, text, _response in texts(world, who) if price in text}
        bounded = {"/catalogue/?sort=-price&price_max=90"} if Decimal(price) > 90 else set()
        assert found == {*world.pages} - bounded, who


def test_structured_data_names_the_visitors_price(world: World) -> None:
    for who, price in (("a", FOR_A), ("nobody", LISTED)):
        text = world.clients[who].get(f"/catalogue/pump-one_{world.product.pk}/").content.decode()
        assert re.findall(r'"price": "([^"]+)"', text) == [price]


def test_order_and_bounds_are_the_visitors_own(world: World) -> None:
    prices.contract(Company.objects.get(name="Anker"), prices.row(world.other, "5"))
    titles = r"<h3><a href=\"[^\"]+\">([^<]+)</a></h3>"
    for who, order, within in (("a", ["Pump two", "Pump one"], ["Pump two"]), ("nobody", ["Pump one", "Pump two"], [])):
        assert re.findall(titles, world.clients[who].get("/catalogue/?sort=price").content.decode()) == order
        assert re.findall(titles, world.clients[who].get("/catalogue/?price_max=50").content.decode()) == within


@pytest.mark.parametrize("access", ["hidden", "login"])
def test_where_prices_are_for_customers_nobody_else_finds_any(world: World, settings: Any, access: str) -> None:
    settings.ACCORD_PRICE_ACCESS = access
    waiting = shop.buyer(shop.company(status="pending"))
    world.clients["waiting"] = Client()
    world.clients["waiting"].force_login(waiting)
    for who in ("a", "nobody", "waiting", "nobody", "a"):
        for page, text, response in texts(world, who):
            seen = [price for price in (LISTED, "500.00", FOR_A, FOR_B, IN_GROUP) if price in text]
            if who != "a":
                assert not seen, (who, page, seen)
                assert '"price":' not in text, page
            if access == "login" and ("catalogue" in page or "search" in page):
                assert response.status_code == {"a": response.status_code, "nobody": 302, "waiting": 403}[who]
    assert FOR_A in world.clients["a"].get(f"/catalogue/pump-one_{world.product.pk}/").content.decode()
    is_open = access == "hidden"
    assert bool(CatalogueSitemap().items()) is bool(CategorySitemap().items()) is is_open


def test_a_hidden_price_tells_nothing_through_order_or_bounds(world: World, settings: Any) -> None:
    settings.ACCORD_PRICE_ACCESS = "hidden"
    nobody = world.clients["nobody"]
    plain = nobody.get("/catalogue/").content.decode()
    titles = r"<h3><a href=\"[^\"]+\">([^<]+)</a></h3>"
    for query in ("sort=price", "sort=-price", "price_max=200", "price_min=200"):
        assert re.findall(titles, nobody.get(f"/catalogue/?{query}").content.decode()) == re.findall(titles, plain)
    assert 'name="price_min"' not in plain
    assert 'value="price"' not in plain
    assert "Sign in to see prices" in plain
    page = nobody.get(f"/catalogue/pump-one_{world.product.pk}/").content.decode()
    assert 'id="add-to-basket"' not in page
    assert "InStock" not in page


def test_a_hidden_price_keeps_a_product_out_of_the_basket(world: World, settings: Any) -> None:
    settings.ACCORD_PRICE_ACCESS = "hidden"
    client = Client()
    client.post(f"/basket/add/{world.product.pk}/", {"quantity": 1})
    assert "Your basket is empty" in client.get("/basket/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_as_many_queries_for_any_number_of_own_prices(number: int) -> None:
    buyer = shop.buyer()
    products = [shop.product(f"Pump {n}") for n in range(number)]
    prices.price_list(*(prices.row(product, "95") for product in products), to_channel="direct")
    prices.price_list(*(prices.row(product, "90") for product in products), company=buyer.company)
    prices.contract(buyer.company, *(prices.row(product, "80") for product in products))
    index.rebuild()
    nobody, signed_in = Client(), Client()
    signed_in.force_login(buyer)
    Client().get("/basket/")  # what every page's frame asks once
    # First page of all, another list, that list again. With each page of a buyer comes the user with its places.
    assert [queries(nobody, page) for page in ("", "?in_stock=1", "?in_stock=1")] == [6, 2, 0]
    assert [queries(signed_in, page) for page in ("", "?in_stock=1", "?in_stock=1")] == [5, 3, 1]
    cold = []
    for client in (nobody, signed_in):
        cache.clear()
        Client().get("/compare/")
        cold.append(queries(client, ""))
    assert cold == [3, 6]  # of a buyer the session, the user, and how much is in the basket


def queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(f"/catalogue/{page}").status_code == 200
    return len(found)


def test_settings_that_name_nothing_stop_the_start(settings: Any) -> None:
    settings.ACCORD_PRICE_ACCESS = "secret"
    settings.ACCORD_PRICE_RULES = {"direct": "dearest"}
    assert [error.msg for error in check_settings()] == [
        "PRICE_ACCESS is one of public, hidden, login.",
        "PRICE_RULES names one of first_hit, minimum for each of direct, reseller.",
    ]
