"""The guard where a product comes into an offer's range, by hand, by a file, or by its category."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from oscar.apps.catalogue.models import Category, Product
from oscar.apps.offer.models import Benefit, ConditionalOffer, RangeProductFileUpload
from oscar.apps.partner.models import StockRecord

from channels.harmony.models import GuardCheck, GuardFinding
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.integration.harmony.shelves import new_product, offer, range_of, save_product

pytestmark = pytest.mark.django_db
NOW = shop.NOW
DISCOUNTABLE = {"is_discountable": "on"}


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
