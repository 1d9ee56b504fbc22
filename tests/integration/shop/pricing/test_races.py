"""Two at once at the prices and at who sees what. Each race has a twin that shows what would happen without the lock."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connections, transaction
from django.db.models import QuerySet
from oscar.apps.catalogue.models import Product

from shop.pricing.desk.models import PriceImport
from shop.pricing.desk.services import imports
from shop.pricing.models import PriceEntry, PriceList, PriceRecord
from shop.pricing.services.prices import save_list_prices
from shop.segments.engine.visibility import from_bytes, unpack
from shop.segments.models import VisibilityRule, VisibilitySet
from shop.segments.services import visibility
from tests.factories import prices, shop
from tests.harness.race import Outcome, errors, race, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
BEFORE_WRITING = "shop.pricing.services.prices.refuse_overlaps"


def without_locks() -> Any:
    return mock.patch.object(QuerySet, "select_for_update", lambda rows, **_: rows)


def history(price_list: PriceList) -> list[tuple[Decimal | None, Decimal | None]]:
    return list(PriceRecord.objects.filter(price_list=price_list).order_by("pk").values_list("old", "new"))


def two_save_one_price() -> tuple[list[Outcome], PriceList]:
    product, price_list = shop.product(), prices.price_list()

    def save(place: int) -> None:
        save_list_prices(price_list=price_list, rows=[prices.row(product, f"8{place}")], at=shop.NOW)

    with together(BEFORE_WRITING, patience=1.5):
        return race(2, save), price_list


def test_of_two_saves_of_one_price_the_second_changes_what_the_first_wrote() -> None:
    outcomes, price_list = two_save_one_price()
    first, second = history(price_list)
    assert errors(outcomes) == []
    assert (first[0], second[0]) == (None, first[1])
    assert PriceEntry.objects.get(price_list=price_list).price == second[1]


def test_twin_without_the_lock_the_second_fails() -> None:
    with without_locks():
        outcomes, _price_list = two_save_one_price()
    assert [type(error) for error in errors(outcomes)] == [IntegrityError]


def two_files_of_one_list() -> tuple[list[Outcome], PriceList]:
    product = shop.product()
    price_list = prices.price_list(prices.row(product, "90"))
    sku = product.stockrecords.get().partner_sku
    files = []
    for place in range(2):
        content = f"sku,price\n{sku},8{place}".encode()
        found = imports.upload(price_list=price_list, name="p.csv", content=content, at=shop.NOW)
        imports.work_on(import_id=found.pk, clock=lambda: shop.NOW)
        PriceImport.objects.filter(pk=found.pk, state="checked").update(state="writing")
        files.append(found.pk)

    def write(place: int) -> str:
        return imports.work_on(import_id=files[place], clock=lambda: shop.NOW).state

    with together(BEFORE_WRITING, patience=1.5):
        return race(2, write), price_list


def test_of_two_files_of_one_list_the_second_changes_what_the_first_wrote() -> None:
    outcomes, price_list = two_files_of_one_list()
    _made, first, second = history(price_list)
    assert [outcome.value for outcome in outcomes] == ["done", "done"]
    assert (first[0], second[0]) == (Decimal(90), first[1])
    assert PriceEntry.objects.get(price_list=price_list).price == second[1]


def test_twin_without_the_lock_both_say_that_they_changed_the_same_price() -> None:
    with without_locks():
        outcomes, price_list = two_files_of_one_list()
    _made, first, second = history(price_list)
    assert errors(outcomes) == []
    assert (first[0], second[0]) == (Decimal(90), Decimal(90))


def two_rebuilds() -> tuple[list[Outcome], set[int], list[Product]]:
    products = [shop.product() for _ in range(2)]

    def hide(place: int) -> None:
        with transaction.atomic():
            VisibilityRule.objects.create(level="everyone", effect="hide", product=products[place], created_at=shop.NOW)
            visibility.rebuild(names=[("everyone", "")])

    with together("shop.segments.services.visibility._rules", patience=1.5):
        outcomes = race(2, hide)
    hidden = VisibilitySet.objects.get(level="everyone").hidden
    return outcomes, unpack(from_bytes(hidden)), products


def test_of_two_rebuilds_the_second_knows_the_rule_of_the_first() -> None:
    outcomes, hidden, products = two_rebuilds()
    assert errors(outcomes) == []
    assert hidden == {product.pk for product in products}


def test_twin_without_the_lock_one_rule_is_lost() -> None:
    with mock.patch("shop.segments.services.visibility.version.lock"):
        outcomes, hidden, _products = two_rebuilds()
    assert errors(outcomes) == []
    assert len(hidden) == 1


@dataclass
class Watched:
    """What heal and the page found while the worker was writing, and what heal found afterwards."""

    lost_meanwhile: int
    rows_seen: int
    lost_afterwards: int
    state: str
    price: Decimal


def a_file_is_written(*, dies: bool) -> Watched:
    """Heal looks while the prices are written, later than its patience lasts. Then the worker ends, or dies."""
    product = shop.product()
    price_list = prices.price_list(prices.row(product, "90"))
    content = f"sku,price\n{product.stockrecords.get().partner_sku},80".encode()
    found = imports.upload(price_list=price_list, name="p.csv", content=content, at=shop.NOW)
    imports.work_on(import_id=found.pk, clock=lambda: shop.NOW)
    PriceImport.objects.filter(pk=found.pk, state="checked").update(state="writing")
    late, tell, meanwhile = shop.NOW + imports.PATIENCE, cache.set, []

    def halfway(key: str, value: Any, timeout: float | None = None) -> None:
        tell(key, value, timeout)
        if key.startswith("price-import"):
            meanwhile.append(elsewhere(lambda: (imports.resume(now=late), imports.rows_seen(found))))
            if dies:
                raise SystemExit

    with mock.patch.object(cache, "set", side_effect=halfway), suppress(SystemExit):
        imports.work_on(import_id=found.pk, clock=lambda: shop.NOW)
    [(lost_meanwhile, rows_seen)] = meanwhile
    lost = imports.resume(now=late)
    imports.work_on(import_id=found.pk, clock=lambda: late)
    found.refresh_from_db()
    return Watched(lost_meanwhile, rows_seen, lost, found.state, PriceEntry.objects.get(price_list=price_list).price)


def elsewhere(action: Callable[[], Any]) -> Any:
    """Do it in a thread with a connection of its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(action())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(20)
    assert found, "It still waits, or failed."
    return found[0]


def test_a_file_that_is_being_written_is_not_lost_and_tells_how_far_it_is() -> None:
    assert a_file_is_written(dies=False) == Watched(0, 1, 0, "done", Decimal(80))


def test_a_file_whose_worker_dies_is_lost_and_taken_over() -> None:
    assert a_file_is_written(dies=True) == Watched(0, 1, 1, "done", Decimal(80))


def test_twin_without_the_lock_a_living_worker_is_given_up() -> None:
    with without_locks():
        assert a_file_is_written(dies=False).lost_meanwhile == 1
