"""What the store does for whom: pages, checkout and the order itself follow one mode."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from oscar.apps.order.models import Order

from channels.contracts import Channel, Medium
from channels.journeys.models import AttributionRun, OrderRecord
from channels.journeys.services.attribution import attribute
from shop.buying.errors import MayNotOrder
from shop.buying.services.place_order import OrderedLine
from shop.catalogue.cards import cards_for
from shop.catalogue.engine.filters import parse
from shop.catalogue.listing import list_page
from shop.catalogue.selectors import snapshot
from shop.catalogue.services import index
from shop.forks.basket.models import Line
from shop.offering.models import Offering
from shop.pricing.contexts import of_request
from shop.segments.models import SiteProfile
from shop.segments.selectors import standing_of
from shop.segments.services import groups, profiles, visibility
from tests.factories import channels as channel
from tests.factories import shop as make
from tests.integration.shop.segments.test_groups import group

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def mode(name: str, **values: Any) -> SiteProfile:
    return profiles.save(**{"group": None, "segment": "", "country": "", **values}, mode=name)


@pytest.mark.parametrize(
    ("name", "way", "placed"),
    [
        ("inform", Channel.DIRECT, False),
        ("inform", Channel.RESELLER, False),
        ("influence", Channel.DIRECT, False),
        ("influence", Channel.RESELLER, True),
        ("facilitate", Channel.DIRECT, True),
        ("facilitate", Channel.RESELLER, True),
        ("sell", Channel.DIRECT, True),
        ("sell", Channel.RESELLER, True),
    ],
)
def test_an_order_is_placed_only_the_way_the_mode_opens(name: str, way: Channel, placed: bool) -> None:
    channel.partner("north", territories=["NO"])
    buyer = make.buyer()
    mode(name, country="NO")
    sensor = make.product()
    chosen = {"chosen_partner": "north"} if way == Channel.RESELLER else {}
    if placed:
        order = make.place(buyer, (sensor, 1), channel=way, **chosen)
        assert OrderRecord.objects.get(number=order.number).facts["site_mode"] == name
        return
    with pytest.raises(MayNotOrder):
        make.place(buyer, (sensor, 1), channel=way, **chosen)
    assert (Order.objects.count(), OrderRecord.objects.count()) == (0, 0)
    assert sensor.stockrecords.get().num_allocated is None


def test_a_running_contract_renews_whatever_the_mode() -> None:
    buyer = make.buyer()
    plan = make.product(class_slug="support", price="50.00")
    mode("inform")
    order = make.place(
        buyer, basket=None, lines=[OrderedLine(product=plan, quantity=1)], cycle=1, medium=Medium.RENEWAL
    )
    assert order.purchase.cycle == 1


def test_a_basket_that_holds_what_was_hidden_meanwhile_is_not_ordered() -> None:
    buyer, sensor = make.buyer(), make.product(title="Probe")
    index.rebuild()
    filled = make.basket(buyer, (sensor, 1))
    visibility.add_rule(effect="hide", level="company", company=buyer.company, product=sensor, now=NOW, actor=None)
    visibility.rebuild()
    with pytest.raises(Exception, match="“Probe” is no longer available"):
        make.place(buyer, basket=filled)
    assert Order.objects.count() == 0


def test_the_most_particular_profile_counts() -> None:
    company = make.company(country="NO", segment="food")
    first, second = group(priority=1), group(priority=5)
    for made in (first, second):
        groups.add_member(group_id=made.pk, company=company, actor=None, now=NOW)
    found = []
    for values in (
        {}, {"country": "NO"}, {"segment": "food"}, {"segment": "food", "country": "NO"}, {"group": first},
        {"group": second}, {"group": second, "country": "DE"},
    ):  # fmt: skip
        name = ("inform", "facilitate", "sell", "inform", "sell", "facilitate", "inform")[len(found)]
        mode(name, **values)
        found.append(standing_of(str(company.key), at=NOW).mode)
    assert found == ["inform", "facilitate", "sell", "inform", "sell", "facilitate", "facilitate"]


def test_the_product_page_and_list_say_how_to_get_it(client: Client) -> None:
    sensor = make.product(title="Probe")
    index.rebuild()
    page, add = f"/catalogue/{sensor.slug}_{sensor.pk}/", f'action="/basket/add/{sensor.pk}/"'
    said = {
        "sell": ("Direct, or through a partner", ""),
        "facilitate": ("Buy from a reseller near you", "Order from a reseller near you, or directly from us."),
        "influence": ("Sold by our resellers", "In your market you order these products through a reseller."),
        "inform": ("Not sold in this store", "For your market this catalogue informs: nothing can be ordered here."),
    }
    for name, (call, note) in said.items():
        mode(name)
        shown, listed = client.get(page).content.decode(), client.get("/catalogue/").content.decode()
        assert call in shown, name
        assert (add in shown) is (name != "inform")
        assert note in listed, name
        assert ('id="mode-note"' in listed) is bool(note)


def test_cards_call_to_what_the_mode_and_the_product_allow(client: Client) -> None:
    plain, offered, out = make.product(), make.product(), make.product(stock=0)
    term = make.product(class_slug="support", price="50.00", term_months=12)
    Offering.objects.create(product=offered, kind="dedicated", currency="EUR")
    index.rebuild()
    calls = {}
    for name in ("sell", "facilitate", "influence", "inform"):
        mode(name)
        page = client.get("/catalogue/").content.decode()
        cards = cards_for([row.pk for row in (plain, offered, out, term)], context=of_request(None), mode=name)
        calls[name] = [card.call.value for card in cards]
        assert (f'form="buy" formaction="/basket/add/{plain.pk}/"' in page) is (name != "inform"), name
        assert page.count("Find a partner<span") == (4 if name == "inform" else 0), name
    open_to_orders = ["buy", "choose", "", "choose"]
    assert calls == {
        "sell": open_to_orders, "facilitate": open_to_orders, "influence": open_to_orders, "inform": ["ask"] * 4,
    }  # fmt: skip


def test_cards_of_two_modes_are_kept_apart_and_cost_the_same(client: Client, django_assert_num_queries: Any) -> None:
    sensor, buyer = make.product(), make.buyer(make.company(country="NO"))
    index.rebuild()
    mode("inform", country="NO")
    call = f'formaction="/basket/add/{sensor.pk}/"'
    catalogue, prices = snapshot(""), of_request(None)
    list_page(catalogue, parse({}), path="/warm/", category=None, context=prices, mode="sell")
    kept = {}
    for name in ("sell", "inform"):
        with django_assert_num_queries(1):
            kept[name] = list_page(catalogue, parse({}), path="/", category=None, context=prices, mode=name).results
    with django_assert_num_queries(0):
        again = list_page(catalogue, parse({}), path="/", category=None, context=prices, mode="sell").results
    assert (call in kept["sell"], call in kept["inform"], again == kept["sell"]) == (True, False, True)
    assert call in client.get("/catalogue/").content.decode()
    client.force_login(buyer)
    assert call not in client.get("/catalogue/").content.decode()
    assert call in Client().get("/catalogue/").content.decode()


def test_a_card_puts_one_into_the_basket_and_leads_back_to_the_list(client: Client) -> None:
    sensor = make.product(title="Probe")
    index.rebuild()
    listed = client.get("/catalogue/?sort=name").content.decode()
    assert 'id="buy"' in listed
    assert '<input type="hidden" name="next" value="/catalogue/?sort=name">' in listed
    added = client.post(f"/basket/add/{sensor.pk}/", {"quantity": "1", "next": "/catalogue/?sort=name"})
    assert (added.status_code, added.url) == (302, "/catalogue/?sort=name")
    assert Line.objects.get().quantity == 1


def test_nothing_goes_into_a_basket_or_through_the_checkout_where_the_store_informs(client: Client) -> None:
    sensor, buyer = make.product(), make.buyer()
    filled = make.basket(buyer, (sensor, 1))
    client.force_login(buyer)
    mode("inform")
    refused = client.post(f"/basket/add/{sensor.pk}/", {"quantity": 1}, follow=True)
    assert "Nothing can be ordered in this store for your market." in refused.content.decode()
    assert filled.lines.get().quantity == 1
    assert client.get("/checkout/how-to-buy/").url == "/basket/"
    assert "Nothing can be ordered here" in client.get("/basket/").content.decode()


def test_where_the_store_sends_to_resellers_the_checkout_offers_them_alone(client: Client) -> None:
    channel.partner("north", territories=["NO"])
    sensor, buyer = make.product(), make.buyer()
    make.basket(buyer, (sensor, 1))
    client.force_login(buyer)
    mode("influence")
    page = client.get("/checkout/how-to-buy/").content.decode()
    assert 'value="direct"' not in page
    assert 'value="partner:north"' in page
    refused = client.post("/checkout/how-to-buy/", {"seller": "direct"})
    assert refused.status_code == 422
    assert "In your market we sell through resellers." in refused.content.decode()
    assert client.post("/checkout/how-to-buy/", {"seller": "partner:north"}).status_code == 302


def test_the_policy_may_credit_a_mode_by_another_model() -> None:
    buyer = make.buyer()
    first, last = channel.partner("first"), channel.partner("last")
    channel.policy(model="first", mode_models={"facilitate": "last"})
    mode("facilitate")
    for of, days in ((first, 9), (last, 8)):
        company = channel.company(str(buyer.company.key))
        channel.touch(of, NOW - channel.days(days), company_key=company.key)
    found = {}
    for name in ("facilitate", "sell"):
        mode(name)
        order = make.place(buyer, (make.product(), 1))
        waiting = AttributionRun.objects.get(order__number=order.number)
        run = attribute(run_id=waiting.pk, now=NOW)
        found[name] = (run.explanation["policy"]["model"], [credit.partner.code for credit in run.credits.all()])
    assert found == {"facilitate": ("last", ["last"]), "sell": ("first", ["first"])}
