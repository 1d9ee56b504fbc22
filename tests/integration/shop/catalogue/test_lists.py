"""Catalogue and category pages: filters, counts, order, pages, and how many queries they take."""

import re
from typing import Any

import pytest
from django.test import Client
from oscar.apps.catalogue.models import Category, Product, ProductClass

from shop.catalogue.selectors import snapshot
from shop.catalogue.services import index

pytestmark = pytest.mark.django_db


def titles(response: Any) -> list[str]:
    return re.findall(r"<h3><a href=\"[^\"]+\">([^<]+)</a></h3>", response.content.decode())


def counts(response: Any) -> dict[str, int]:
    """Facet counts by label."""
    found = re.findall(
        r'name="[^"]+" value="[^"]+"[^>]*><span>([^<]+)</span><span class="facet-count">(\d+)',
        response.content.decode(),
    )
    return {label: int(count) for label, count in found}


def test_all_products_with_counts(client: Client, three: list[Product]) -> None:
    response = client.get("/catalogue/")
    assert titles(response) == ["Compact transmitter", "Display transmitter", "Flush diaphragm"]
    assert counts(response) == {"Available now": 2, "HART": 2, "IO-Link": 2, "IP65": 1, "IP67": 2}
    assert "3 products" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("a.protocol=HART", ["Compact transmitter", "Flush diaphragm"]),
        ("a.protocol=HART&a.protocol=IO-Link", ["Compact transmitter", "Display transmitter", "Flush diaphragm"]),
        ("a.protocol=HART&a.ip_rating=IP67", ["Flush diaphragm"]),
        ("in_stock=1", ["Compact transmitter", "Display transmitter"]),
        ("price_min=100.01&price_max=899.99", ["Display transmitter"]),
        ("price_min=250.50&price_max=250,50", ["Display transmitter"]),
        ("class=hardware", ["Compact transmitter", "Display transmitter", "Flush diaphragm"]),
        ("sort=-price", ["Flush diaphragm", "Display transmitter", "Compact transmitter"]),
        ("sort=price", ["Compact transmitter", "Display transmitter", "Flush diaphragm"]),
        ("sort=newest", ["Flush diaphragm", "Display transmitter", "Compact transmitter"]),
        ("a.protocol=Nonsense&a.nothing=1&class=gone&sort=oddly&page=x&price_min=NaN&price_max=-3",
         ["Compact transmitter", "Display transmitter", "Flush diaphragm"]),
    ],
)  # fmt: skip
def test_filters_and_orders(client: Client, three: list[Product], query: str, found: list[str]) -> None:
    assert titles(client.get(f"/catalogue/?{query}")) == found


def test_a_count_ignores_the_choice_in_its_own_group(client: Client, three: list[Product]) -> None:
    found = counts(client.get("/catalogue/?a.ip_rating=IP67"))
    assert found == {"Available now": 1, "IP65": 1, "IP67": 2, "HART": 1, "IO-Link": 2}


def test_chips_remove_one_filter_each(client: Client, three: list[Product]) -> None:
    text = client.get("/catalogue/?a.protocol=HART&in_stock=1&page=1").content.decode()
    chips = re.findall(r'<li><a class="tag[^"]*" href="([^"]+)"><span class="sr-only">[^<]+</span>([^<]+)<', text)
    assert chips == [("/catalogue/?in_stock=1", "Protocol: HART"), ("/catalogue/?a.protocol=HART", "In stock")]


def test_nothing_matches(client: Client, three: list[Product]) -> None:
    response = client.get("/catalogue/?price_min=5000")
    text = response.content.decode()
    assert response.status_code == 200
    assert titles(response) == []
    assert "No product matches all of these" in text
    assert 'href="/catalogue/">Remove all filters' in text


def test_a_category_holds_what_is_below_it(client: Client, three: list[Product], sensors: Category) -> None:
    response = client.get(f"/catalogue/category/sensors_{sensors.pk}/")
    assert len(titles(response)) == 3
    assert "Instruments that measure." in response.content.decode()


def test_the_way_back_up_counts_all_it_leads_to(
    client: Client, make: Any, hardware: ProductClass, sensors: Category, pressure: Category
) -> None:
    make("N-1", hardware, category=sensors)
    make("N-2", hardware, category=pressure)
    make("N-3", hardware, category=pressure, stock=0)
    index.rebuild()
    address = f"/catalogue/category/sensors/pressure_{pressure.pk}/"
    link = re.compile(r"<span>([^<]+)</span><span class=\"facet-count text-muted[^>]*>(\d+)")
    assert link.findall(client.get(address).content.decode()) == [("Sensors", "3"), ("Pressure", "2")]
    narrowed = client.get(f"{address}?in_stock=1").content.decode()
    assert link.findall(narrowed) == [("Sensors", "2"), ("Pressure", "1")]


def test_a_category_keeps_its_address(client: Client, three: list[Product], pressure: Category) -> None:
    response = client.get(f"/catalogue/category/old-name_{pressure.pk}/?in_stock=1")
    assert response.status_code == 301
    assert response["Location"] == f"/catalogue/category/sensors/pressure_{pressure.pk}/?in_stock=1"


def test_a_hidden_category_is_not_found(client: Client, three: list[Product], pressure: Category) -> None:
    Category.objects.filter(pk=pressure.pk).update(is_public=False)
    index.rebuild()
    assert client.get(f"/catalogue/category/sensors/pressure_{pressure.pk}/").status_code == 404


def test_pages_and_their_links(client: Client, make: Any, hardware: ProductClass) -> None:
    for number in range(50):
        make(f"N-{number:02}", hardware, price=None)
    index.rebuild()
    first, last = client.get("/catalogue/"), client.get("/catalogue/?page=3")
    assert (len(titles(first)), len(titles(last))) == (24, 2)
    assert '<link rel="next" href="http://127.0.0.1:8000/catalogue/?page=2">' in first.content.decode()
    assert 'rel="prev"' not in first.content.decode()
    text = last.content.decode()
    assert '<link rel="prev" href="http://127.0.0.1:8000/catalogue/?page=2">' in text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/catalogue/?page=3">' in text
    assert titles(client.get("/catalogue/?page=99")) == titles(last)


def test_a_narrowed_list_is_not_for_search_engines(client: Client, three: list[Product]) -> None:
    text = client.get("/catalogue/?a.protocol=HART").content.decode()
    assert '<meta name="robots" content="noindex, follow">' in text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/catalogue/">' in text
    assert "noindex" not in client.get("/catalogue/").content.decode()


def test_htmx_gets_the_changed_parts_and_the_tidy_address(client: Client, three: list[Product]) -> None:
    response = client.get("/catalogue/?price_min=&price_max=&a.protocol=HART&sort=", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert response["HX-Push-Url"] == "/catalogue/?a.protocol=HART"
    assert "HX-Request" in response["Vary"]
    assert '<div id="facets" hx-swap-oob="true">' in text
    assert "<html" not in text
    assert titles(response) == ["Compact transmitter", "Flush diaphragm"]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_one_query_and_then_none(
    client: Client, make: Any, hardware: ProductClass, pressure: Category, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make(f"NP-{number}", hardware, category=pressure)
    client.get("/catalogue/")  # fills the menus of the frame
    index.rebuild()
    snapshot()
    with django_assert_num_queries(1):  # the cards; nothing for their prices, categories, counts or pictures
        assert len(titles(client.get("/catalogue/"))) == rows
    with django_assert_num_queries(0):
        assert len(titles(client.get("/catalogue/"))) == rows
    with django_assert_num_queries(1):
        client.get("/catalogue/?sort=name")


def test_after_a_change_the_first_list_loads_the_snapshot_anew(
    client: Client, three: list[Product], django_assert_num_queries: Any
) -> None:
    client.get("/catalogue/")
    index.rebuild()
    with django_assert_num_queries(4):  # the version, the entries, the categories, and the cards
        client.get("/catalogue/")
