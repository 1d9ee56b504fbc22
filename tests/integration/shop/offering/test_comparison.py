"""Products beside each other: at most four, at the viewer's price, in the session alone, and never what is hidden."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from oscar.apps.catalogue.models import Product, ProductAttribute

from shop.catalogue.services import index
from tests.factories import shop

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


def probes(number):
    made = [shop.product(f"Probe {n}", price=f"{n}00.00") for n in range(1, number + 1)]
    kind = made[0].get_product_class()
    for code, name in (("range", "Range"), ("output", "Output")):
        ProductAttribute.objects.get_or_create(product_class=kind, code=code, defaults={"name": name, "type": "text"})
    for n, product in enumerate(made):
        kind.attributes.get(code="range").save_value(product, f"0-{n} bar")
        kind.attributes.get(code="output").save_value(product, "4-20 mA")
    index.rebuild()
    return made


def change(client, **fields):
    return client.post(reverse("offering:compare-change"), fields, headers=HTMX)


def said(answer):
    """Return the toast of a refusal, else what the bar tells who cannot see it."""
    return json.loads(answer["HX-Trigger"])["toast"]["message"] if "HX-Trigger" in answer else answer.context["said"]


def compared(client, query=""):
    return client.get(reverse("offering:compare") + query)


def test_a_fifth_product_is_refused_with_a_way_out():
    client, products = Client(), probes(5)
    answers = [said(change(client, add=product.pk)) for product in products]

    assert answers == ["Added to the comparison."] * 4 + ["You can compare up to 4 products. Take one out first."]
    assert client.session["compare"] == [product.pk for product in products[:4]]
    assert said(change(client, add=products[0].pk)) == "Added to the comparison."
    assert client.session["compare"] == [product.pk for product in products[:4]]


def test_differences_only_unless_all_are_wanted():
    client, products = Client(), probes(2)
    for product in products:
        change(client, add=product.pk)

    page = compared(client).content.decode()
    whole = compared(client, "?all=1").content.decode()

    assert '<th scope="row">Range</th>' in page
    assert '<th scope="row">Output</th>' not in page
    assert "€100.00" in page
    assert "€200.00" in page
    assert "4 facts that are the same for all are left out." in page
    assert '<th scope="row">Output</th>' in whole
    assert 'role="region" aria-labelledby="compare-caption"' in page
    assert '<caption class="sr-only" id="compare-caption">Products compared</caption>' in page


def test_taking_out_and_emptying_with_and_without_script():
    client, products = Client(), probes(3)
    for product in products:
        change(client, add=product.pk)

    bar = change(client, remove=products[1].pk).content.decode()
    assert "Probe 1" in bar
    assert "Probe 2" not in bar
    answer = client.post(reverse("offering:compare-change"), {"clear": "1", "next": "/catalogue/"})
    assert answer.url == "/catalogue/"
    assert "compare" not in client.session
    assert "Nothing to compare yet" in compared(client).content.decode()


@pytest.mark.parametrize("wanted", ["", "0", "x", "999999", "²", "99999999999999999999"])
def test_what_is_not_in_the_catalogue_is_not_compared(wanted):
    client = Client()
    probes(1)

    assert "no longer in the catalogue" in said(change(client, add=wanted))
    assert "compare" not in client.session


def test_what_is_withdrawn_leaves_the_comparison():
    client, products = Client(), probes(2)
    for product in products:
        change(client, add=product.pk)
    Product.objects.filter(pk=products[0].pk).update(is_public=False)
    index.refresh(product_ids=[products[0].pk])

    page = compared(client).content.decode()

    assert "Probe 1" not in page
    assert "Probe 2" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_the_same_queries_for_one_and_three(number, django_assert_num_queries):
    client = Client()
    for product in probes(number):
        change(client, add=product.pk)
    compared(client)

    with django_assert_num_queries(QUERIES):
        assert compared(client).status_code == 200


QUERIES = 2  # the cards, and the facts below them


def test_cards_and_product_pages_lead_into_the_comparison():
    client, (product,) = Client(), probes(1)
    button = f'form="compare" name="add" value="{product.pk}"'

    for address in (reverse("catalogue:index"), product.get_absolute_url()):
        page = client.get(address).content.decode()
        assert button in page
        assert 'id="compare" method="post"' in page
        assert "compare-bar-empty" in page
    change(client, add=product.pk)
    assert "Compare 1 product" in client.get(reverse("catalogue:index")).content.decode()
