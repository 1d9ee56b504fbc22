"""The product page: what it sells and says, where old addresses lead, and how many queries it takes."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from oscar.apps.catalogue.models import Product, ProductClass, ProductRecommendation

from shop.catalogue.models import ProductDocument
from shop.catalogue.selectors import snapshot
from shop.catalogue.services import index

pytestmark = pytest.mark.django_db


def page(client: Client, product: Product) -> str:
    response = client.get(product.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_it_says_what_is_sold(client: Client, three: list[Product], hardware: ProductClass) -> None:
    hardware.attributes.get(code="accuracy").save_value(three[0], "0.5 % of span")
    hardware.attributes.get(code="lead_days").save_value(three[0], 3)
    ProductDocument.objects.create(product=three[0], title="Datasheet NP-1", file="documents/np-1.pdf")
    index.refresh(product_ids=[three[0].pk])
    text = page(client, three[0])
    assert "<h1" in text
    assert "Compact transmitter</h1>" in text
    assert "€100.00" in text
    assert "excl. VAT" in text
    assert "<dt>Accuracy</dt><dd>0.5 % of span</dd>" in text
    assert "<dt>Lead time</dt>" not in text
    assert "Lead time 3 working days" in text
    assert 'href="/media/documents/np-1.pdf"' in text
    assert f'<form class="hidden" id="add-to-basket" method="post" action="/basket/add/{three[0].pk}/">' in text
    assert 'name="quantity" value="1" min="1" step="1" form="add-to-basket"' in text
    assert "Direct, or through a partner" in text


def test_what_is_sold_out_cannot_be_added(client: Client, three: list[Product]) -> None:
    text = page(client, three[2])
    assert "Out of stock" in text
    assert "add-to-basket" not in text


@pytest.fixture
def terms(make: Any, software: ProductClass) -> Product:
    parent = make("NW-PRO", software, title="Nordlys Watch Pro", structure=Product.PARENT, price=None)
    for upc, months, price in (("NW-PRO-M", 0, "290.00"), ("NW-PRO-12", 12, "2988.00"), ("NW-PRO-60", 60, "11040.00")):
        make(upc, None, structure=Product.CHILD, parent=parent, price=price, values={"term_months": months})
    index.rebuild()
    return parent


def test_terms_are_compared(client: Client, terms: Product) -> None:
    text = page(client, terms)
    children = list(terms.children.order_by("pk"))
    radios = re.findall(r'name="child_id" value="(\d+)" form="add-to-basket"( checked)?', text)
    assert radios == [(str(children[0].pk), ""), (str(children[1].pk), " checked"), (str(children[2].pk), "")]
    assert "save 14 %" in text
    assert "save 36 %" in text
    for amount in ("€290.00", "€249.00", "€184.00", "€2,988.00", "€11,040.00", "€492.00 saved", "€6,360.00 saved"):
        assert amount in text


def test_a_child_leads_to_its_parent_with_the_term_chosen(client: Client, terms: Product) -> None:
    child = terms.children.get(upc="NW-PRO-60")
    response = client.get(child.get_absolute_url(), follow=True)
    assert response.redirect_chain == [(f"{terms.get_absolute_url()}?variant={child.pk}", 302)]
    assert f'value="{child.pk}" form="add-to-basket" checked' in response.content.decode()


def test_stand_alone_products_of_one_edition_are_terms_too(client: Client, make: Any, software: ProductClass) -> None:
    from tests.integration.shop.catalogue.conftest import option

    made = [
        make(upc, software, title=f"Watch Pro {upc}", price=price,
             values={"edition": option("edition", "pro"), "term_months": months})
        for upc, months, price in (("NW-M", 0, "290.00"), ("NW-12", 12, "2988.00"))
    ]  # fmt: skip
    index.rebuild()
    text = page(client, made[1])
    assert f'href="{made[0].get_absolute_url()}"' in text
    assert "€492.00 saved" in text
    assert f'action="/basket/add/{made[1].pk}/"' in text
    assert "child_id" not in text


def test_structured_data_cannot_end_its_script(client: Client, make: Any, hardware: ProductClass) -> None:
    product = make("NP-1", hardware, title="Bad </script><script>alert(1)</script>", price="9.50", slug="bad")
    index.rebuild()
    response = client.get(product.get_absolute_url())
    text = response.content.decode()
    assert "<script>alert" not in text
    nonce, facts = re.findall(r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', text)[0]
    assert f"'nonce-{nonce}'" in response["Content-Security-Policy"]
    data = json.loads(facts)
    assert (data["@type"], data["sku"], data["name"]) == ("Product", "NP-1", "Bad </script><script>alert(1)</script>")
    assert [(offer["price"], offer["priceCurrency"], offer["availability"]) for offer in data["offers"]] == [
        ("9.50", "EUR", "https://schema.org/InStock")
    ]


def test_an_old_slug_leads_to_the_new(client: Client, three: list[Product]) -> None:
    response = client.get(f"/catalogue/former-name_{three[0].pk}/")
    assert (response.status_code, response["Location"]) == (301, three[0].get_absolute_url())


def test_a_withdrawn_product_says_so_and_offers_what_is_like_it(client: Client, three: list[Product]) -> None:
    Product.objects.filter(pk=three[0].pk).update(is_public=False)
    index.rebuild()
    response = client.get(three[0].get_absolute_url())
    assert response.status_code == 410
    text = response.content.decode()
    assert "We no longer sell this" in text
    assert "Display transmitter" in text
    assert "€100.00" not in text


def test_an_unknown_product_is_not_found(client: Client, three: list[Product]) -> None:
    response = client.get("/catalogue/display-thing_99999/")
    assert response.status_code == 404
    assert "Display transmitter" in response.content.decode()


def test_staff_may_look_at_what_is_not_public(client: Client, three: list[Product]) -> None:
    Product.objects.filter(pk=three[0].pk).update(is_public=False)
    index.rebuild()
    client.force_login(get_user_model().objects.create_user("staff", "staff@example.com", is_staff=True))
    response = client.get(three[0].get_absolute_url())
    assert response.status_code == 200
    assert "Only staff can see this page" in response.content.decode()


def test_recommended_products_follow(client: Client, three: list[Product]) -> None:
    ProductRecommendation.objects.create(primary=three[0], recommendation=three[1], ranking=2)
    ProductRecommendation.objects.create(primary=three[0], recommendation=three[2], ranking=1)
    index.refresh(product_ids=[three[0].pk])
    text = page(client, three[0])
    assert re.findall(r'<p class="sku">([^<]+)</p>', text) == ["NP-2", "NP-3"]


@pytest.mark.parametrize("recommended", [1, 3])
def test_a_page_takes_two_queries_and_then_none(
    client: Client, make: Any, hardware: ProductClass, recommended: int, django_assert_num_queries: Any
) -> None:
    product = make("NP-0", hardware)
    for number in range(recommended):
        other = make(f"NX-{number}", hardware)
        ProductRecommendation.objects.create(primary=product, recommendation=other)
    client.get("/catalogue/")  # fills the menus of the frame
    index.rebuild()
    snapshot()
    with django_assert_num_queries(2):  # the entry, and the cards of what goes with it
        page(client, product)
    with django_assert_num_queries(0):
        page(client, product)
