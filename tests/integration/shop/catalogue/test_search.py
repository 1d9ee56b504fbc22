"""Search: what comes first, what is close enough, and queries that nobody types in good faith."""

import re
from typing import Any

import pytest
from django.test import Client
from oscar.apps.catalogue.models import Category, Product, ProductClass

from shop.catalogue.search import ranked_ids, suggestion, words_of
from shop.catalogue.selectors import snapshot
from shop.catalogue.services import index

pytestmark = pytest.mark.django_db


def skus(response: Any) -> list[str]:
    return re.findall(r'<p class="sku">([^<]+)</p>', response.content.decode())


@pytest.fixture
def range_of_four(make: Any, hardware: ProductClass, pressure: Category) -> None:
    make("NP-220", hardware, title="Pressure sensor with display", category=pressure, description="Shows a value.")
    make("NP-22", hardware, title="Adapter for NP-220", category=pressure, description="Fits the pressure sensor.")
    make("NT-1", hardware, title="Thermometer", description="For pressure vessels too.")
    make("NX-1", hardware, title="Hidden pressure sensor", is_public=False)
    index.rebuild()


def test_the_exact_article_number_comes_first(client: Client, range_of_four: None) -> None:
    assert skus(client.get("/search/?q=np-220"))[0] == "NP-220"
    assert skus(client.get("/search/?q=NP-22"))[0] == "NP-22"


def test_a_title_counts_more_than_a_text_and_hidden_products_are_not_found(client: Client, range_of_four: None) -> None:
    assert skus(client.get("/search/?q=pressure"))[0] == "NP-220"
    assert sorted(skus(client.get("/search/?q=pressure"))) == ["NP-22", "NP-220", "NT-1"]


def test_every_word_must_match(client: Client, range_of_four: None) -> None:
    assert sorted(skus(client.get("/search/?q=pressure+display"))) == ["NP-220"]


def test_the_beginning_of_a_word_is_enough(client: Client, range_of_four: None) -> None:
    assert skus(client.get("/search/?q=thermo")) == ["NT-1"]


def test_a_child_is_found_by_its_number(client: Client, make: Any, hardware: ProductClass) -> None:
    parent = make("NP-P", hardware, structure=Product.PARENT, price=None)
    make("NP-P-77", None, structure=Product.CHILD, parent=parent)
    index.rebuild()
    assert ranked_ids("np-p-77", snapshot()) == [parent.pk]


def test_filters_narrow_the_hits(client: Client, three: list[Product]) -> None:
    assert skus(client.get("/search/?q=transmitter&a.protocol=HART")) == ["NP-1"]
    assert skus(client.get("/search/?q=transmitter&sort=-price")) == ["NP-2", "NP-1"]


def test_a_category_narrows_the_hits(client: Client, range_of_four: None, pressure: Category) -> None:
    assert sorted(skus(client.get(f"/search/?q=pressure&category={pressure.pk}"))) == ["NP-22", "NP-220"]


def test_a_slip_of_the_finger_is_mended(client: Client, range_of_four: None) -> None:
    text = client.get("/search/?q=presure+dislay").content.decode()
    assert '<a class="textlink font-semibold" href="/search/?q=pressure+display">pressure display</a>' in text
    assert suggestion("pressure", snapshot()) == ""


def test_an_empty_query_leads_to_the_catalogue(client: Client, range_of_four: None) -> None:
    for query in ("", "?q=", "?q=%20%00%20"):
        response = client.get(f"/search/{query}")
        assert (response.status_code, response["Location"]) == (302, "/catalogue/")


@pytest.mark.parametrize(
    "query",
    ['"', "'", '"NP', "a\x00b", "NEAR(a b)", "title:x", "*", "a AND", "x OR", "%s %(x)s", "\\", "a" * 10_000,
     "<script>alert(1)</script>", "{{ 7*7 }}", "-", "& | !", "ø" * 500, "\u202e\u0000"],
)  # fmt: skip
def test_odd_queries_answer_a_page(client: Client, range_of_four: None, query: str) -> None:
    for address in ("/search/", "/search/suggest/"):
        response = client.get(address, {"q": query})
        assert response.status_code in {200, 302}
        assert "<script>alert" not in response.content.decode()


def test_words_are_few_and_plain() -> None:
    assert words_of('Say "NP-220" & more!') == ["say", "np", "220", "more"]
    assert len(words_of("w " * 100)) == 8


def suggested(response: Any) -> list[str]:
    return re.findall(r'<li role="option" id="([^"]+)">', response.content.decode())


def test_suggestions_are_options_and_lead_on(client: Client, range_of_four: None) -> None:
    found = client.get("/search/suggest/?q=thermo")
    assert suggested(found) == ["suggestion-1", "suggestion-all"]
    assert 'href="/search/?q=thermo"' in found.content.decode()
    assert suggested(client.get("/search/suggest/?q=pressu"))[0] == "suggestion-c1"
    assert client.get("/search/suggest/?q=p").content.decode().strip() == ""


def test_a_search_takes_two_queries_and_then_none(
    client: Client, range_of_four: None, django_assert_num_queries: Any
) -> None:
    client.get("/search/?q=thermometer")
    with django_assert_num_queries(2):  # the hits and the cards
        client.get("/search/?q=pressure")
    with django_assert_num_queries(0):
        client.get("/search/?q=pressure")
