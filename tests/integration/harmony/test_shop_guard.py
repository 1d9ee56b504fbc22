"""The guard where prices are made: the product form, many prices at once, the offer wizard, and the basket."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer
from oscar.apps.partner.models import Partner as Supplier
from oscar.apps.partner.models import StockRecord

from channels.harmony.models import BuyTerm, GuardCheck, GuardFinding
from channels.journeys.models import OrderRecord
from shop.buying import totals
from shop.forks.basket.models import Basket
from shop.forks.dashboard.catalogue.bulk_actions import SetProductPriceAction
from shop.forks.offer.models import Range
from shop.pricing.guard import PriceChange, Undercut, guard_offer, guard_prices, guarded
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.integration.harmony.requests import staff_request

pytestmark = pytest.mark.django_db
NOW = shop.NOW


@pytest.fixture
def probe():
    """Listed at 100.00; a partner buys it for 70.00 and is promised 10 %: below 77.00 it is undercut."""
    product = shop.product("Probe", price="100.00")
    partner = make.partner("fjordtek")
    harmony.buys(partner, sku=product.stockrecords.get().partner_sku)
    harmony.promise(partner, min_margin_bp=1_000)
    return product


@pytest.fixture
def marketer(client):
    user = shop.user(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=["offer", "catalogue", "partner", "voucher"])
    )
    client.force_login(user)
    return client


def range_of(*products):
    made = Range.objects.create(name=f"Range {Range.objects.count()}")
    for product in products:
        made.add_product(product)
    return made


def offer(kind, value, *products, count=1, of=None, condition=Condition.COUNT, **values):
    cheaper = range_of(*products)
    number = ConditionalOffer.objects.count()
    return ConditionalOffer.objects.create(
        name=f"Spring sale {number}" if number else "Spring sale",
        condition=Condition.objects.create(range=of or cheaper, type=condition, value=count),
        benefit=Benefit.objects.create(
            range=None if kind == Benefit.FIXED_PRICE else cheaper, type=kind, value=value, **values
        ),
        offer_type=ConditionalOffer.SITE,
    )


# --- saving prices --------------------------------------------------------------------------------------------------


def save_product(client, product, price, **stock_values):
    record = product.stockrecords.get()
    form = {"title": product.title, "upc": product.upc, "slug": product.slug, "structure": "standalone"}
    for prefix, initial in (
        ("productcategory_set", 0),
        ("images", 0),
        ("primary_recommendations", 0),
        ("primaryrecommendations", 0),
        ("stockrecords", 1),
    ):
        form |= {f"{prefix}-TOTAL_FORMS": initial, f"{prefix}-INITIAL_FORMS": initial}
    category = shop_category()
    form |= {"productcategory_set-TOTAL_FORMS": 1, "productcategory_set-0-category": category.pk}
    if known := product.productcategory_set.first():
        form |= {"productcategory_set-INITIAL_FORMS": 1, "productcategory_set-0-id": known.pk}
    form |= {
        "stockrecords-0-id": record.pk,
        "stockrecords-0-product": product.pk,
        "stockrecords-0-partner": record.partner_id,
        "stockrecords-0-partner_sku": record.partner_sku,
        "stockrecords-0-price_currency": "EUR",
        "stockrecords-0-price": price,
        "stockrecords-0-num_in_stock": 5,
        **{f"stockrecords-0-{name}": value for name, value in stock_values.items()},
    }
    return client.post(reverse("dashboard:catalogue-product", kwargs={"pk": product.pk}), form)


def shop_category():
    from oscar.apps.catalogue.models import Category

    return Category.objects.filter(name="Sensors").first() or Category.add_root(name="Sensors")


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


# --- saving offers --------------------------------------------------------------------------------------------------


def worst(made):
    from shop.pricing.worst_prices import worst_of_offer

    return {row.sold.title: (row.quantity, row.net) for row in worst_of_offer(made)}


def test_the_worst_price_of_each_kind_of_offer():
    a = shop.product("A", price="100.00")
    b = shop.product("B", price="40.00")
    D = Decimal
    assert worst(offer(Benefit.PERCENTAGE, 15, a, b)) == {"A": (1, D("85.00")), "B": (1, D("34.00"))}
    assert worst(offer(Benefit.FIXED_UNIT, 60, a, b)) == {"A": (1, D("40.00")), "B": (1, D("0.00"))}
    # 30.00 off, shared by price: alone when one item is enough, beside the cheapest when three are asked for.
    assert worst(offer(Benefit.FIXED, 30, a, b)) == {"A": (1, D("70.00")), "B": (1, D("10.00"))}
    assert worst(offer(Benefit.FIXED, 30, a, b, count=3)) == {"A": (1, D("83.33")), "B": (3, D("90.00"))}
    assert worst(offer(Benefit.FIXED, 30, a, count=200, condition=Condition.VALUE)) == {"A": (1, D("85.00"))}
    # The cheapest of three is free: the dearest only among its like.
    assert worst(offer(Benefit.MULTIBUY, None, a, b, count=3)) == {"A": (3, D("200.00")), "B": (1, D("0"))}
    # Two for 120.00: B falls most beside A, A beside another A.
    made = offer(Benefit.FIXED_PRICE, 120, of=range_of(a, b), count=2)
    assert worst(made) == {"A": (2, D("120.00")), "B": (1, D("34.29"))}
    assert worst(offer(Benefit.SHIPPING_PERCENTAGE, 50, a)) == {}


@pytest.mark.parametrize(
    ("kind", "value", "count", "gap"),
    [
        (Benefit.PERCENTAGE, 24, 1, 1_00),
        (Benefit.FIXED, 30, 1, 7_00),
        (Benefit.FIXED_UNIT, 24, 1, 1_00),
        (Benefit.MULTIBUY, None, 4, 8_00),
        (Benefit.FIXED_PRICE, 150, 2, 4_00),
    ],
)
def test_each_kind_of_offer_is_refused_by_what_it_would_hurt(probe, kind, value, count, gap):
    made = offer(kind, value, probe, count=count, of=range_of(probe) if kind == Benefit.FIXED_PRICE else None)
    if kind == Benefit.MULTIBUY:
        made.condition.range = made.benefit.range

    with pytest.raises(Undercut), guarded():
        guard_offer(made, at=NOW)

    finding = GuardFinding.objects.get()
    assert (finding.gap_minor, finding.quantity) == (gap, 1 if kind in {"Percentage", "Absolute", "Fixed"} else count)


def wizard(client, percent, products):
    steps = [
        ("dashboard:offer-metadata", {"name": "Spring sale", "description": "", "offer_type": "Site"}),
        ("dashboard:offer-benefit", {"range": products.pk, "type": "Percentage", "value": percent}),
        ("dashboard:offer-condition", {"range": products.pk, "type": "Count", "value": 1}),
        ("dashboard:offer-restrictions", {"priority": 0}),
    ]
    for name, form in steps:
        answer = client.post(reverse(name), form)
    return answer


def test_an_offer_that_undercuts_is_not_saved_and_can_be_corrected(marketer, probe):
    products = range_of(probe)

    page = wizard(marketer, 24, products)

    assert page.status_code == 200
    assert "1 × Probe for €76.00 undercuts Fjordtek" in page.content.decode()
    assert (ConditionalOffer.objects.count(), Benefit.objects.count()) == (0, 0)
    assert GuardCheck.objects.get().outcome == "blocked"
    # What was typed is still there: only the incentive is corrected, and the offer saved.
    form = {"range": products.pk, "type": "Percentage", "value": 23}
    marketer.post(reverse("dashboard:offer-benefit"), form)
    assert marketer.post(reverse("dashboard:offer-restrictions"), {"priority": 0}).status_code == 302
    assert ConditionalOffer.objects.get().name == "Spring sale"


def test_an_offer_that_is_extended_is_saved_with_the_partners_new_price(marketer, probe):
    harmony.mode(promotions="extend")

    assert wizard(marketer, 40, range_of(probe)).status_code == 302

    assert ConditionalOffer.objects.count() == 1
    assert BuyTerm.objects.get(source="promotion").price_minor == 42_00


def test_a_stopped_offer_is_checked_before_it_runs_again(marketer, probe):
    made = offer(Benefit.PERCENTAGE, 50, probe)
    url = reverse("dashboard:offer-detail", kwargs={"pk": made.pk})
    marketer.post(url, {"suspend": "1"})
    assert GuardCheck.objects.count() == 0

    page = marketer.post(url, {"unsuspend": "1"}, follow=True)

    made.refresh_from_db()
    assert made.is_suspended
    assert "undercuts Fjordtek" in page.content.decode()
    assert "reinstated" not in page.content.decode()


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
