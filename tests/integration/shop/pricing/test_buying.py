"""From the product page to the order: tiers, nudges, reasons, and a basket that meets other prices."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from oscar.apps.catalogue.models import Product

from shop.catalogue.services import index
from shop.forks.basket.models import Line
from shop.forks.order.models import Order
from shop.subscriptions.services import renewals
from tests.factories import prices, shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def pump(db: None) -> Product:
    made = shop.product("Pump", price="100.00", stock=40)
    index.rebuild()
    return made


def text_of(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def page_of(product: Product) -> str:
    return f"/catalogue/pump_{product.pk}/"


def test_the_product_page_shows_the_ladder_and_why(client: Client, pump: Product) -> None:
    buyer = shop.buyer()
    prices.price_list(prices.row(pump, "90"), prices.row(pump, "80", 10), company=buyer.company, name="Fjell 2026")
    before = text_of(client, page_of(pump))
    assert "Why this price?" not in before
    assert "Price of Pump by quantity" not in before
    client.force_login(buyer)
    text = text_of(client, page_of(pump))
    assert "Price of Pump by quantity" in text
    assert "from 10</th>" in text
    assert "€80.00" in text
    assert "Price list “Fjell 2026” of your company." in text


def test_the_basket_tells_of_a_lower_price_within_reach(client: Client, pump: Product) -> None:
    prices.price_list(
        prices.row(pump, "90"), prices.row(pump, "80", 10), prices.row(pump, "70", 50), to_channel="direct"
    )
    client.post(f"/basket/add/{pump.pk}/", {"quantity": 7})
    assert "Add 3 more and pay €80.00 each." in text_of(client, "/basket/")
    line = Line.objects.get()
    client.post(f"/basket/lines/{line.pk}/", {"quantity": 30})
    text = text_of(client, "/basket/")
    assert "€80.00 each" in text
    assert "more and pay" not in text  # there are not 50


def test_an_order_is_placed_at_the_tier_of_its_quantity(pump: Product) -> None:
    buyer = shop.buyer()
    prices.contract(buyer.company, prices.row(pump, "60", 5))
    assert shop.place(buyer, (pump, 5)).lines.get().line_price_excl_tax == Decimal("300.00")
    assert shop.place(buyer, (pump, 4)).lines.get().line_price_excl_tax == Decimal("400.00")


def test_signing_in_reprices_the_basket_and_names_what_changed(client: Client, pump: Product) -> None:
    same = shop.product("Valve", price="50.00")
    buyer = shop.buyer(shop.company(name="Fjell Foods"))
    prices.contract(buyer.company, prices.row(pump, "60"))
    for product in (pump, same):
        client.post(f"/basket/add/{product.pk}/", {"quantity": 1})
    assert "€100.00" in text_of(client, "/basket/")
    client.force_login(buyer)
    text = text_of(client, "/basket/")
    assert "Prices of Fjell Foods now apply to your basket. Pump: €100.00 → €60.00." in text
    assert "since you added this" not in text
    assert set(Line.objects.values_list("product", "price_excl_tax")) == {
        (pump.pk, Decimal(60)),
        (same.pk, Decimal(50)),
    }
    assert "now apply to your basket" not in text_of(client, "/basket/")


def test_switching_company_reprices_the_basket(client: Client, pump: Product) -> None:
    buyer = shop.buyer(shop.company(name="Fjell Foods"))
    other = shop.company(name="Vik Foods")
    prices.contract(buyer.company, prices.row(pump, "60"))
    prices.contract(other, prices.row(pump, "70"))
    client.force_login(buyer)
    client.post(f"/basket/add/{pump.pk}/", {"quantity": 1})
    buyer.memberships.create(company=other, is_default=False)
    _act_for(client, buyer, other)
    text = text_of(client, "/basket/")
    assert "Prices of Vik Foods now apply to your basket. Pump: €60.00 → €70.00." in text


def _act_for(client: Client, user: Any, company: Any) -> None:
    session = client.session
    session["company"] = {"user": str(user.pk), "key": str(company.key)}
    session.save()


def test_a_basket_of_unchanged_prices_says_nothing(client: Client, pump: Product) -> None:
    client.post(f"/basket/add/{pump.pk}/", {"quantity": 1})
    client.force_login(shop.buyer())
    assert "now apply" not in text_of(client, "/basket/")


def test_a_renewal_pays_the_contract_price_of_its_due_date() -> None:
    buyer = shop.buyer()
    plan = shop.product("Plan", price="1200.00", class_slug="software", stock=None, term_months=12)
    prices.contract(
        buyer.company,
        prices.row(plan, "900", valid_to=prices.day("2027-03-02")),
        prices.row(plan, "950", valid_from=prices.day("2027-03-02")),
    )
    first = shop.place(buyer, (plan, 1))
    assert renewals.renew_due(now=datetime(2027, 5, 1, tzinfo=UTC))["renewals placed"] == 1
    renewal = Order.objects.exclude(pk=first.pk).get()
    assert (first.total_excl_tax, renewal.total_excl_tax) == (Decimal(900), Decimal(950))
    assert renewal.date_placed == datetime(2027, 3, 2, tzinfo=UTC)
