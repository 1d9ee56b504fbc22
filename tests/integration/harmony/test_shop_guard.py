"""The guard where prices are made: the product form, many prices at once, the offer wizard, and the basket."""

from decimal import Decimal

import pytest
from django.urls import reverse
from oscar.apps.offer.models import Benefit, ConditionalOffer
from oscar.apps.partner.models import Partner as Supplier
from oscar.apps.partner.models import StockRecord

from channels.harmony.models import GuardCheck, GuardFinding
from channels.journeys.models import OrderRecord
from shop.buying import totals
from shop.forks.basket.models import Basket
from shop.forks.dashboard.catalogue.bulk_actions import SetProductPriceAction
from shop.pricing.guard import PriceChange, guard_prices
from shop.pricing.promotion_guard import guard_offer
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.integration.harmony.requests import staff_request
from tests.integration.harmony.shelves import offer, save_product

pytestmark = pytest.mark.django_db
NOW = shop.NOW


# --- saving prices --------------------------------------------------------------------------------------------------


def price_of(product):
    return StockRecord.objects.get(product=product).price


def test_a_price_that_undercuts_is_refused_beside_the_price_and_kept_as_prevented(marketer, probe):
    page = save_product(marketer, probe, "76.99")

    assert page.status_code == 200
    assert "undercuts Fjordtek, whose price and margin come to €77.00" in page.content.decode()
    assert price_of(probe) == Decimal("100.00")
    assert (GuardCheck.objects.get().outcome, GuardFinding.objects.get().gap_minor) == ("blocked", 1)


def test_a_price_at_the_floor_is_saved(marketer, probe):
    page = save_product(marketer, probe, "77.00")

    assert page.status_code == 302, page.content.decode()[:2000]
    assert price_of(probe) == Decimal("77.00")
    assert GuardCheck.objects.count() == 0


def test_a_price_that_is_not_changed_is_not_asked_about(marketer, probe):
    harmony.buys(make.partner("dear"), sku=probe.stockrecords.get().partner_sku, price_minor=500_00)

    assert save_product(marketer, probe, "100.00").status_code == 302
    assert GuardCheck.objects.count() == 0


def test_one_of_many_prices_that_undercuts_keeps_all_as_they_were(marketer, probe):
    cable = shop.product("Cable", price="20.00")

    class Form:
        cleaned_data = {"partners": Supplier.objects.all(), "increase_by_percentage": Decimal(-30)}

        def get_specific_prices(self):
            return {}

    request = staff_request()
    SetProductPriceAction.execute(
        SetProductPriceAction.__new__(SetProductPriceAction), request, type(probe).objects.all(), Form()
    )

    assert (price_of(probe), price_of(cable)) == (Decimal("100.00"), Decimal("20.00"))
    texts = [str(message) for message in request._messages]
    assert texts[0] == "1 × Probe for €70.00 undercuts Fjordtek, whose price and margin come to €77.00."
    assert len(texts) == 2
    assert GuardCheck.objects.get().outcome == "blocked"


def test_bulk_saves_ask_once_for_all_products(probe, django_assert_num_queries):
    changes = [
        PriceChange(sku=f"S{number}", title="S", product_class="hardware", price=Decimal(90)) for number in range(30)
    ]
    harmony.buys(make.partner("dealer"), discount_bp=2_000, product_class="hardware")
    with django_assert_num_queries(3):
        guard_prices(changes[:1], label="import", at=NOW)
    with django_assert_num_queries(3):
        guard_prices(changes, label="import", at=NOW)


# --- the basket -----------------------------------------------------------------------------------------------------


def priced(basket, person):
    fresh = Basket.objects.get(pk=basket.pk)
    return totals.compute(fresh, company=person.company, user=person, now=NOW, shipping_code="standard")


def test_offers_that_undercut_only_together_are_refused_in_the_basket(probe):
    offer(Benefit.PERCENTAGE, 15, probe)
    offer(Benefit.FIXED_UNIT, 10, probe)
    ConditionalOffer.objects.update(exclusive=False)
    for made in ConditionalOffer.objects.all():
        guard_offer(made, at=NOW)
    person = shop.buyer()

    found = priced(shop.basket(person, (probe, 1)), person)

    # 100.00 less 15 % less 10.00 is 75.00, below the floor of 77.00: neither discount stays.
    assert (found.net, found.basket.till.refused_offers) == (Decimal("100.00"), ["Spring sale", "Spring sale 1"])
    assert GuardCheck.objects.count() == 0


def test_a_discount_that_undercuts_is_taken_off_the_order_is_placed_and_it_is_kept(probe):
    offer(Benefit.PERCENTAGE, 40, probe)  # saved before the partner's terms were agreed
    person = shop.buyer()

    basket = shop.basket(person, (probe, 2))
    found = priced(basket, person)
    order = shop.place(person, (probe, 2))

    assert (found.net, found.basket.till.refused_offers) == (Decimal("200.00"), ["Spring sale"])
    assert order.lines.get().line_price_excl_tax == Decimal("200.00")
    check = GuardCheck.objects.get()
    assert (check.source, check.reference, check.outcome) == ("basket", order.number, "blocked")
    finding = check.findings.get()
    assert (finding.company_key, finding.quantity, finding.gap_minor) == (str(person.company.key), 2, 34_00)


def test_a_discount_on_something_else_stays(probe):
    cable = shop.product("Cable", price="20.00")
    offer(Benefit.PERCENTAGE, 40, probe)
    offer(Benefit.PERCENTAGE, 50, cable)
    person = shop.buyer()

    found = priced(shop.basket(person, (probe, 1), (cable, 1)), person)

    assert found.net == Decimal("110.00")


def test_when_partners_are_topped_up_the_discount_stands_and_the_order_says_so(probe):
    harmony.mode(promotions="top_up")
    offer(Benefit.PERCENTAGE, 40, probe)
    person = shop.buyer()

    order = shop.place(person, (probe, 1))

    assert order.lines.get().line_price_excl_tax == Decimal("60.00")
    assert GuardCheck.objects.get().outcome == "topped_up"
    told = OrderRecord.objects.get().facts["lines"][0]
    assert (told["net_minor"], told["list_unit_minor"]) == (60_00, 100_00)


def test_a_basket_without_discounts_asks_nothing(probe, monkeypatch):
    person = shop.buyer()
    monkeypatch.delattr("channels.api.check_prices")

    found = priced(shop.basket(person, (probe, 1)), person)

    assert found.basket.till.passed is None


def test_the_basket_page_names_the_offer_it_does_not_get(client, probe):
    offer(Benefit.PERCENTAGE, 40, probe)
    person = shop.buyer()
    shop.basket(person, (probe, 1))
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")

    page = client.get(reverse("basket:summary")).content.decode()

    assert "The offer “Spring sale” does not apply here" in page
    assert GuardCheck.objects.count() == 0
