"""The guard where promotions are made: the offer wizard, vouchers, and the ranges, conditions and benefits they share."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from oscar.apps.catalogue.models import Category, Product
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer, RangeProductFileUpload
from oscar.apps.partner.models import StockRecord
from oscar.apps.voucher.models import Voucher, VoucherSet

from channels.harmony.models import BuyTerm, GuardCheck, GuardFinding
from channels.harmony.services import overrides
from shop.pricing.guard import Undercut, guarded
from shop.pricing.promotion_guard import guard_offer
from shop.pricing.worst_prices import worst_of_offer
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.integration.harmony.shelves import new_product, offer, range_of, save_product

pytestmark = pytest.mark.django_db
NOW = shop.NOW
DISCOUNTABLE = {"is_discountable": "on"}


# --- saving offers --------------------------------------------------------------------------------------------------


def worst(made):
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


def test_a_benefit_that_is_changed_is_asked_about_with_every_offer_that_has_it(marketer, probe):
    made = offer(Benefit.PERCENTAGE, 20, probe)
    ConditionalOffer.objects.create(name="Second", condition=made.condition, benefit=made.benefit)
    url = reverse("dashboard:offer-benefit", kwargs={"pk": made.pk})
    form = {"range": made.benefit.range_id, "type": "Percentage", "value": 24, "save": "1"}
    marketer.post(
        reverse("dashboard:offer-metadata", kwargs={"pk": made.pk}), {"name": made.name, "offer_type": "Site"}
    )

    page = marketer.post(url, form)

    assert page.status_code == 200
    assert page.content.decode().count("1 × Probe for €76.00 undercuts Fjordtek") == 2
    assert Benefit.objects.get(pk=made.benefit_id).value == 20
    assert sorted(GuardCheck.objects.values_list("label", "outcome")) == [
        ("Second", "blocked"), ("Spring sale", "blocked"),
    ]  # fmt: skip
    assert marketer.post(url, {**form, "value": 23}).status_code == 302
    assert Benefit.objects.get(pk=made.benefit_id).value == 23


def test_a_condition_that_is_changed_is_asked_about(marketer, probe):
    made = offer(Benefit.FIXED_PRICE, 231, of=range_of(probe), count=3)  # 77.00 each
    marketer.post(
        reverse("dashboard:offer-metadata", kwargs={"pk": made.pk}), {"name": made.name, "offer_type": "Site"}
    )
    url = reverse("dashboard:offer-condition", kwargs={"pk": made.pk})

    page = marketer.post(url, {"range": made.condition.range_id, "type": "Count", "value": 4, "save": "1"})

    assert "4 × Probe for €231.00 undercuts Fjordtek, whose price and margin come to €308.00" in page.content.decode()
    assert Condition.objects.get(pk=made.condition_id).value == 3


# --- vouchers -------------------------------------------------------------------------------------------------------

TOMORROW, NEXT_WEEK = (timezone.now() + timedelta(days=number) for number in (1, 7))


def voucher_offer(percent, *products):
    made = offer(Benefit.PERCENTAGE, percent, *products)
    ConditionalOffer.objects.filter(pk=made.pk).update(offer_type=ConditionalOffer.VOUCHER)
    return made


def voucher_form(made, **values):
    return {
        "name": "Fair",
        "code": "FAIR24",
        "start_datetime": f"{TOMORROW:%Y-%m-%d %H:%M}",
        "end_datetime": f"{NEXT_WEEK:%Y-%m-%d %H:%M}",
        "usage": Voucher.MULTI_USE,
        "offers": [made.pk],
        **values,
    }


def test_a_voucher_that_undercuts_is_not_saved_and_names_whom_it_would_hurt(marketer, probe):
    made = voucher_offer(24, probe)

    page = marketer.post(reverse("dashboard:voucher-create"), voucher_form(made))

    assert page.status_code == 200
    assert "1 × Probe for €76.00 undercuts Fjordtek, whose price and margin come to €77.00" in page.content.decode()
    assert "Create voucher" in page.content.decode()
    assert Voucher.objects.count() == 0
    check = GuardCheck.objects.get()
    assert (check.source, check.label, check.outcome) == ("offer", "Fair: Spring sale", "blocked")
    finding = check.findings.get()
    assert (finding.partner.code, finding.sku) == ("fjordtek", probe.stockrecords.get().partner_sku)
    assert (finding.company_key, finding.quantity, finding.gap_minor) == ("", 1, 1_00)


def test_a_voucher_at_the_floor_is_saved(marketer, probe):
    assert marketer.post(reverse("dashboard:voucher-create"), voucher_form(voucher_offer(23, probe))).status_code == 302
    assert (Voucher.objects.get().code, GuardCheck.objects.count()) == ("FAIR24", 0)


def test_a_voucher_is_held_against_the_terms_of_the_days_on_which_it_can_be_redeemed(marketer, probe):
    """The partner pays more from the day after tomorrow on; today's price would have let it pass."""
    made = voucher_offer(20, probe)
    fjordtek = BuyTerm.objects.get().partner
    sku = probe.stockrecords.get().partner_sku
    harmony.buys(fjordtek, sku=sku, price_minor=75_00, valid_from=TOMORROW - timedelta(hours=1))

    page = marketer.post(reverse("dashboard:voucher-create"), voucher_form(made))

    assert "1 × Probe for €80.00 undercuts Fjordtek, whose price and margin come to €82.50" in page.content.decode()
    assert Voucher.objects.count() == 0


def test_a_voucher_that_gets_another_offer_is_asked_about_again(marketer, probe):
    fine, deep = voucher_offer(10, probe), voucher_offer(30, probe)
    marketer.post(reverse("dashboard:voucher-create"), voucher_form(fine))
    voucher = Voucher.objects.get()

    page = marketer.post(
        reverse("dashboard:voucher-update", kwargs={"pk": voucher.pk}), voucher_form(fine, offers=[fine.pk, deep.pk])
    )

    assert "1 × Probe for €70.00 undercuts Fjordtek" in page.content.decode()
    assert list(voucher.offers.all()) == [fine]


def test_a_set_of_vouchers_is_asked_about_once(marketer, probe):
    made = voucher_offer(24, probe)
    form = {**voucher_form(made), "code_length": 12, "count": 3, "description": "For the fair"}

    page = marketer.post(reverse("dashboard:voucher-set-create"), form)

    assert "1 × Probe for €76.00 undercuts Fjordtek" in page.content.decode()
    assert (VoucherSet.objects.count(), Voucher.objects.count()) == (0, 0)
    assert GuardCheck.objects.get().label == "Fair: Spring sale"
    Benefit.objects.update(value=23)
    assert marketer.post(reverse("dashboard:voucher-set-create"), form).status_code == 302
    assert (VoucherSet.objects.count(), Voucher.objects.count()) == (1, 3)


def test_a_voucher_that_is_extended_lowers_the_partners_price_while_it_can_be_redeemed(marketer, probe):
    harmony.mode(promotions="extend")

    answer = marketer.post(reverse("dashboard:voucher-create"), voucher_form(voucher_offer(40, probe)))

    assert answer.status_code == 302
    voucher, term = Voucher.objects.get(), BuyTerm.objects.get(source="promotion")
    assert term.price_minor == 42_00
    assert (term.valid_from, term.valid_to) == (voucher.start_datetime, voucher.end_datetime)


def test_a_voucher_passes_and_partners_are_topped_up_where_that_is_set(marketer, probe):
    harmony.mode(promotions="top_up")
    assert marketer.post(reverse("dashboard:voucher-create"), voucher_form(voucher_offer(40, probe))).status_code == 302
    assert (Voucher.objects.count(), GuardCheck.objects.get().outcome) == (1, "topped_up")
    assert not BuyTerm.objects.filter(source="promotion").exists()


def test_a_voucher_that_two_people_gave_leave_for_is_saved(marketer, probe):
    form = voucher_form(voucher_offer(24, probe))
    marketer.post(reverse("dashboard:voucher-create"), form)
    now = timezone.now()
    asked = overrides.request(
        check_id=GuardCheck.objects.get().pk, reason="Fair", expires_at=NEXT_WEEK, at=now, actor=make.user()
    )
    overrides.decide(override_id=asked.pk, is_approved=True, reason="Agreed", at=now, actor=make.user())

    assert marketer.post(reverse("dashboard:voucher-create"), form).status_code == 302

    assert Voucher.objects.get().code == "FAIR24"
    assert sorted(GuardCheck.objects.values_list("outcome", flat=True)) == ["approved", "blocked"]


# --- ranges ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sale():
    """A quarter off everything in a range that holds nothing a partner buys."""
    return offer(Benefit.PERCENTAGE, 25, shop.product("Cable", price="20.00"))


def products_of(range_):
    return sorted(range_.included_products.values_list("title", flat=True))


def change(client, range_, **form):
    return client.post(reverse("dashboard:range-products", kwargs={"pk": range_.pk}), form, follow=True)


@pytest.mark.parametrize("by", ["list", "file"])
def test_a_product_that_would_be_undercut_is_not_added_to_a_range(marketer, probe, sale, by):
    range_, upc = sale.benefit.range, probe.upc
    added = {"query": upc} if by == "list" else {"file_upload": SimpleUploadedFile("skus.csv", upc.encode())}

    page = change(marketer, range_, action="add_products", upload_type="included", **added).content.decode()

    assert "1 × Probe for €75.00 undercuts Fjordtek, whose price and margin come to €77.00" in page
    assert "added to this range" not in page
    assert (products_of(range_), RangeProductFileUpload.objects.count()) == (["Cable"], 0)
    check = GuardCheck.objects.get()
    assert (check.reference, check.outcome, check.findings.get().gap_minor) == (f"offer:{sale.pk}", "blocked", 2_00)


@pytest.mark.parametrize("by", ["list", "file"])
def test_a_product_that_nobody_is_hurt_by_is_added(marketer, sale, by):
    range_, other = sale.benefit.range, shop.product("Clamp", price="5.00")
    upc = other.upc
    added = {"query": upc} if by == "list" else {"file_upload": SimpleUploadedFile("skus.csv", upc.encode())}

    change(marketer, range_, action="add_products", upload_type="included", **added)

    assert (products_of(range_), GuardCheck.objects.count()) == (["Cable", "Clamp"], 0)


def test_a_product_may_always_be_taken_out_whatever_the_rest_costs(marketer, probe):
    """Both were undercut before; taking one out makes nothing cheaper."""
    made = offer(Benefit.PERCENTAGE, 40, probe, shop.product("Cable", price="20.00"))
    change(marketer, made.benefit.range, action="remove_selected_products", selected_product=[probe.pk])
    assert (products_of(made.benefit.range), GuardCheck.objects.count()) == (["Cable"], 0)


def test_a_product_that_is_no_longer_excluded_is_asked_about(marketer, probe, sale):
    range_ = sale.benefit.range
    range_.add_product(probe)
    range_.excluded_products.add(probe)

    page = change(marketer, range_, action="remove_excluded_products", selected_product=[probe.pk]).content.decode()

    assert "1 × Probe for €75.00 undercuts Fjordtek" in page
    assert list(range_.excluded_products.all()) == [probe]


def test_a_range_that_becomes_everything_is_asked_about_on_its_form(marketer, probe, sale):
    range_ = sale.benefit.range
    form = {"name": "All of it", "description": "", "includes_all_products": "on"}

    page = marketer.post(reverse("dashboard:range-update", kwargs={"pk": range_.pk}), form)

    assert page.status_code == 200
    assert "1 × Probe for €75.00 undercuts Fjordtek" in page.content.decode()
    range_.refresh_from_db()
    assert (range_.includes_all_products, range_.name == "All of it") == (False, False)


@pytest.fixture
def sale_category(sale):
    """The sale takes in the whole category, with what is below it."""
    made = Category.add_root(name="Sale")
    sale.benefit.range.included_categories.add(made)
    return made


def test_a_product_is_not_moved_into_a_category_whose_offer_would_undercut(marketer, probe, sale, sale_category):
    save_product(marketer, probe, "100.00", fields=DISCOUNTABLE)
    home = probe.categories.get()

    moved = DISCOUNTABLE | {"productcategory_set-0-category": sale_category.pk}
    page = save_product(marketer, probe, "100.00", fields=moved | {"title": "Probe two"}).content.decode()

    assert "1 × Probe two for €75.00 undercuts Fjordtek, whose price and margin come to €77.00" in page
    probe.refresh_from_db()
    assert (probe.title, list(probe.categories.all())) == ("Probe", [home])
    check = GuardCheck.objects.get()
    assert (check.reference, check.outcome, check.findings.get().gap_minor) == (f"offer:{sale.pk}", "blocked", 2_00)


def test_a_product_that_nobody_is_hurt_by_moves_and_one_that_stays_is_not_asked_about(
    marketer, probe, sale, sale_category
):
    clamp = shop.product("Clamp", price="5.00")
    moved = DISCOUNTABLE | {"productcategory_set-0-category": sale_category.pk}
    assert save_product(marketer, clamp, "5.00", fields=moved).status_code == 302
    assert list(clamp.categories.all()) == [sale_category]

    probe.categories.add(sale_category)  # undercut before, by whoever put it there
    kept = DISCOUNTABLE | {"productcategory_set-0-category": sale_category.pk, "title": "Probe two"}
    assert save_product(marketer, probe, "100.00", fields=kept).status_code == 302
    probe.refresh_from_db()
    assert (probe.title, GuardCheck.objects.count()) == ("Probe two", 0)


def test_a_new_product_of_a_class_that_an_offer_takes_in_is_asked_about(marketer, probe, sale):
    sale.benefit.range.classes.add(probe.product_class)
    supplier = probe.stockrecords.get().partner
    partner = make.partner("northwind")
    harmony.buys(partner, sku="NEW-1")
    harmony.promise(partner, min_margin_bp=1_000)
    form = DISCOUNTABLE | new_product("NEW-1", "100.00", supplier)
    where = reverse("dashboard:catalogue-product-create", kwargs={"product_class_slug": probe.product_class.slug})

    page = marketer.post(where, form).content.decode()

    assert "1 × New probe for €75.00 undercuts Northwind" in page
    assert (Product.objects.filter(upc="NEW-1").count(), StockRecord.objects.filter(partner_sku="NEW-1").count()) == (
        0,
        0,
    )
    sale.suspend()
    assert marketer.post(where, form).status_code == 302
    assert Product.objects.get(upc="NEW-1").stockrecords.get().price == Decimal("100.00")


def test_a_product_that_may_be_discounted_from_now_on_is_asked_about(marketer, probe, sale):
    assert save_product(marketer, probe, "100.00").status_code == 302  # no longer discountable
    sale.benefit.range.add_product(probe)

    page = save_product(marketer, probe, "100.00", fields=DISCOUNTABLE).content.decode()

    assert "1 × Probe for €75.00 undercuts Fjordtek" in page
    probe.refresh_from_db()
    assert not probe.is_discountable


def test_a_category_is_not_moved_below_one_whose_offer_would_undercut(marketer, probe, sale_category):
    sensors = Category.add_root(name="Sensors", slug="sensors")
    probe.categories.add(sensors)
    where = reverse("dashboard:catalogue-category-update", kwargs={"pk": sensors.pk})
    form = {
        "name": "Sensors",
        "slug": "sensors",
        "treebeard_position": "first-child",
        "treebeard_ref_node": sale_category.pk,
    }

    page = marketer.post(where, form).content.decode()

    assert "1 × Probe for €75.00 undercuts Fjordtek" in page
    assert (Category.objects.get(pk=sensors.pk).depth, GuardCheck.objects.get().outcome) == (1, "blocked")


def test_a_range_that_no_offer_uses_is_not_asked_about(marketer, probe, monkeypatch):
    range_ = range_of(shop.product("Cable", price="20.00"))
    monkeypatch.delattr("channels.api.check_prices")
    change(marketer, range_, action="add_products", upload_type="included", query=probe.upc)
    assert products_of(range_) == ["Cable", "Probe"]


def test_every_offer_of_a_range_is_told_of_at_once(marketer, probe, sale):
    second = offer(Benefit.FIXED_UNIT, 30, shop.product("Clamp", price="40.00"))
    Benefit.objects.filter(pk=second.benefit_id).update(range=sale.benefit.range)

    page = change(marketer, sale.benefit.range, action="add_products", upload_type="included", query=probe.upc)

    assert "1 × Probe for €75.00 undercuts Fjordtek" in page.content.decode()
    assert "1 × Probe for €70.00 undercuts Fjordtek" in page.content.decode()
    assert sorted(GuardFinding.objects.values_list("gap_minor", flat=True)) == [2_00, 7_00]


def test_an_offer_that_ended_or_was_stopped_is_not_asked_about(marketer, probe, sale):
    ConditionalOffer.objects.filter(pk=sale.pk).update(end_datetime=NOW - timedelta(days=1))
    change(marketer, sale.benefit.range, action="add_products", upload_type="included", query=probe.upc)
    assert (products_of(sale.benefit.range), GuardCheck.objects.count()) == (["Cable", "Probe"], 0)
