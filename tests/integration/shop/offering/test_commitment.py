"""The commitment calculator: every term against month by month for a quantity, with and without script."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from oscar.apps.catalogue.models import Product

from shop.catalogue.services import index
from tests.factories import offering as make
from tests.factories import shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    with time_machine.travel(shop.NOW, tick=False):  # 2 March 2026
        yield
    cache.clear()


@pytest.fixture
def software():
    """A parent with a child for each term."""
    parent = shop.product("Watch Pro", class_slug="software", stock=None)
    Product.objects.filter(pk=parent.pk).update(structure="parent")
    parent.stockrecords.all().delete()
    for months, price in ((1, "290.00"), (12, "2988.00"), (60, "11040.00")):
        child = shop.product(f"Watch Pro {months}", price=price, class_slug="software", stock=None, term_months=months)
        Product.objects.filter(pk=child.pk).update(structure="child", parent=parent, product_class=None)
    index.rebuild()
    return parent


def calculated(product, **query):
    return Client().get(
        reverse("offering:commitment", kwargs={"pk": product.pk}), query, headers={"HX-Request": "true"}
    )


def test_a_quantity_is_calculated_for_the_chosen_term(software):
    years = software.children.get(title="Watch Pro 60")

    text = " ".join(calculated(software, quantity="3", term=str(years.pk)).content.decode().split())

    assert "3 × for the whole term: €33,120.00. The price is locked until 2 March 2031;" in text
    assert "give notice by 31 January 2031 if it should not renew." in text
    assert "You save €19,080.00 (36 %) against month by month." in text
    assert "€8,964.00" in text  # a year, three times
    assert "€870.00" in text  # a month, three times
    assert "<html" not in text


def test_it_stands_on_the_product_page_and_as_a_page_of_its_own(software):
    address = reverse("offering:commitment", kwargs={"pk": software.pk})
    page = Client().get(software.get_absolute_url()).content.decode()
    alone = Client().get(address, {"quantity": "2"}).content.decode()

    assert f'method="get" action="{address}" hx-get="{address}"' in page
    assert "1 × for the whole term: €2,988.00." in page
    assert "<h1>Watch Pro</h1>" in alone
    assert "2 × for the whole term: €5,976.00." in alone


def test_the_quantity_follows_the_product_s_rule(software):
    make.rule(software, multiple=5)

    text = calculated(software, quantity="7").content.decode()

    assert "Sold in multiples of 5." in text
    assert 'value="10" min="5" step="5"' in text


@pytest.mark.parametrize("quantity", ["", "0", "x", "-3", "99999999999"])
def test_a_strange_quantity_is_one(software, quantity):
    assert "1 × for the whole term: €2,988.00." in calculated(software, quantity=quantity).content.decode()


def test_what_has_no_terms_or_is_not_there_has_no_calculator():
    product = shop.product()
    index.rebuild()

    assert calculated(product).status_code == 404
    assert Client().get(reverse("offering:commitment", kwargs={"pk": 999_999})).status_code == 404
