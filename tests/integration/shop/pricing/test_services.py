"""Writes: compared with what is there, refused as a whole, guarded, recorded; and a new state of prices."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from shop.pricing.guard import Undercut
from shop.pricing.models import ContractPrice, PriceEntry, PriceList, PriceListAssignment, PriceRecord
from shop.pricing.services import lists, prices, version
from shop.pricing.services.lists import ListRefused
from shop.pricing.services.prices import PricesRefused, Saved
from tests.factories import prices as make
from tests.factories import shop

pytestmark = pytest.mark.django_db


def save(price_list: PriceList, *rows: Any, **values: Any) -> Saved:
    return prices.save_list_prices(price_list=price_list, rows=rows, at=shop.NOW, **values)


def test_saving_tells_new_from_changed_from_unchanged_and_records_each_change() -> None:
    one, two, three, person = shop.product(), shop.product(), shop.product(), shop.user()
    price_list = make.price_list(make.row(one, "10"), make.row(two, "20"), make.row(three, "30"))
    before = version.current()
    saved = save(
        price_list,
        make.row(one, "11"),
        make.row(two, "20"),
        make.row(three, None),
        make.row(one, "9", 10),
        by=person,
        note="spring.csv",
    )
    assert saved == Saved(created=1, changed=1, removed=1, unchanged=1)
    assert list(price_list.entries.values_list("product_id", "min_quantity", "price")) == [
        (one.pk, 1, Decimal(11)),
        (one.pk, 10, Decimal(9)),
        (two.pk, 1, Decimal(20)),
    ]
    records = PriceRecord.objects.filter(by=person, note="spring.csv", at=shop.NOW, price_list=price_list)
    assert sorted(records.values_list("product_id", "min_quantity", "old", "new")) == [
        (one.pk, 1, Decimal(10), Decimal(11)),
        (one.pk, 10, None, Decimal(9)),
        (three.pk, 1, Decimal(30), None),
    ]
    assert version.current() != before
    assert save(price_list, make.row(two, "20")) == Saved(unchanged=1)


def test_nothing_changes_the_history() -> None:
    make.price_list(make.row(shop.product(), "10"))
    with pytest.raises(IntegrityError), atomic():
        PriceRecord.objects.update(new=Decimal(1))
    with pytest.raises(IntegrityError), atomic():
        PriceRecord.objects.all().delete()
    assert PriceRecord.objects.get(product__isnull=False).new == Decimal(10)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([{"price": "1"}, {"price": "2"}], "This product, quantity and first day stand here twice. Remove one of the rows."),
        ([{"price": "1", "quantity": 0}], "A quantity starts at 1."),
        ([{"price": "-1"}], "A price is not below zero. Leave it empty to take the price out."),
        ([{"price": "1", "quantity": 5, "max_quantity": 4}],
         "The largest quantity is below the smallest. Exchange the two."),
        ([{"price": "1", "valid_from": make.day("2026-03-01"), "valid_to": make.day("2026-03-01")}],
         "The price ends before it begins. Write a later end, or none."),
        ([{"price": "1"}, {"price": "2", "valid_from": make.day("2026-03-01")}],
         "From 1 units there are two prices from 1 March 2026 on. End the earlier one that day."),
    ],
)  # fmt: skip
def test_impossible_rows_are_refused_and_nothing_is_kept(rows: list[dict[str, Any]], text: str) -> None:
    product, price_list = shop.product(), make.price_list()
    good = make.row(shop.product(), "5")
    with pytest.raises(PricesRefused) as refusal:
        save(price_list, good, *(make.row(product, **row) for row in rows))
    assert str(refusal.value) == text
    assert refusal.value.problems[0][0].product_id == product.pk
    assert not PriceEntry.objects.exists()
    assert not PriceRecord.objects.exists()


def test_periods_that_touch_do_not_overlap() -> None:
    product = shop.product()
    price_list = make.price_list(make.row(product, "10", valid_to=make.day("2026-04-01")))
    save(price_list, make.row(product, "11", valid_from=make.day("2026-04-01")))
    assert price_list.entries.count() == 2


def test_a_price_that_undercuts_a_partner_is_not_kept(blocking: Any) -> None:
    product, company = blocking, shop.company()
    price_list = make.price_list(company=company)
    with pytest.raises(Undercut):
        save(price_list, make.row(product, "50"))
    with pytest.raises(Undercut):
        make.contract(company, make.row(product, "50"))
    top = make.price_list(make.row(product, "100"))
    with pytest.raises(Undercut):
        make.price_list(parent=top, adjust_bp=-5000)
    child = make.price_list(parent=top, adjust_bp=-10)
    with pytest.raises(Undercut):
        lists.save_list(price_list=_with(child, adjust_bp=-5000), at=shop.NOW)
    assert PriceEntry.objects.get().price == Decimal(100)
    assert not ContractPrice.objects.exists()
    assert PriceList.objects.get(pk=child.pk).adjust_bp == -10


def _with(price_list: PriceList, **values: Any) -> PriceList:
    for name, value in values.items():
        setattr(price_list, name, value)
    return price_list


def test_a_list_only_for_resellers_is_no_direct_price(blocking: Any) -> None:
    price_list = make.price_list(channel="reseller")
    assert save(price_list, make.row(blocking, "50")).created == 1


def test_lists_that_make_no_sense_are_refused() -> None:
    top = make.price_list(make.row(shop.product(), "1"))
    second = make.price_list(parent=top)
    third = make.price_list(parent=second)
    fourth = make.price_list(parent=third)
    for change, text in (
        ({"parent": fourth}, "A list cannot derive from itself. Choose another parent."),
        ({"currency": "NOK"}, "A list and its parent have the same currency."),
    ):
        with pytest.raises(ListRefused) as refusal:
            lists.save_list(price_list=_with(PriceList.objects.get(pk=top.pk), **change), at=shop.NOW)
        assert str(refusal.value) == text
    with pytest.raises(ListRefused) as refusal:
        make.price_list(parent=fourth)
    assert str(refusal.value) == "At most 3 lists may stand behind one another. Choose a parent further up."
    assert PriceList.objects.count() == 4


def test_changes_of_a_list_and_of_whom_it_is_for_are_recorded() -> None:
    company = shop.company(name="Fjell Foods")
    price_list = make.price_list(company=company)
    lists.save_list(price_list=_with(price_list, priority=5), at=shop.NOW)
    lists.withdraw(assignment=PriceListAssignment.objects.get(), at=shop.NOW)
    notes = PriceRecord.objects.filter(price_list=price_list, product=None).order_by("pk")
    assert list(notes.values_list("note", flat=True)) == ["+ Fjell Foods", "priority: 0 → 5", "- Fjell Foods"]


@pytest.mark.parametrize("number", [1, 3])
def test_saving_takes_the_same_queries_for_any_number(number: int, django_assert_num_queries: Any) -> None:
    price_list = make.price_list()
    products = [shop.product() for _ in range(number)]
    # Savepoints, lock, entries, child lists, goods, what the guard knows, entries, records, version.
    with django_assert_num_queries(15):
        save(price_list, *(make.row(product, "10") for product in products))
