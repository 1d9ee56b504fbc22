"""Two people at the same return at once. The twins show what would happen without the order's lock."""

from unittest import mock

import pytest
from django.db.models import QuerySet

from shop.forks.order.models import Order
from shop.forks.partner.models import StockRecord
from shop.returns.errors import NotNow, ReturnRefused
from shop.returns.models import ReturnLine, ReturnRequest
from shop.returns.services import goods
from tests.factories import returns
from tests.harness.race import Outcome, errors, race, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
real = QuerySet.select_for_update


def unlocked(rows: QuerySet, *args: object, **options: object) -> QuerySet:
    return rows if rows.model in (Order, ReturnRequest) else real(rows, *args, **options)


def two_inspections_of_one_return() -> tuple[list[Outcome], int]:
    """Two units of an order's three came back, fit for sale; seven are on the shelf."""
    order = returns.delivered()
    found = returns.received(order, returns.wanted(order, 2))
    findings = {line.pk: returns.accepted(line, restock=True) for line in found.lines.all()}

    def inspect(_place: int) -> ReturnRequest:
        return goods.inspect(request_id=found.pk, findings=findings, at=returns.later(3), by=None)

    with together("shop.returns.services.goods._judge", patience=1.5):
        outcomes = race(2, inspect)
    return outcomes, StockRecord.objects.get(pk=order.lines.get().stockrecord_id).num_in_stock


def test_of_two_inspections_at_once_one_fills_the_shelf() -> None:
    outcomes, in_stock = two_inspections_of_one_return()
    assert [type(error) for error in errors(outcomes)] == [NotNow]
    assert in_stock == 9


def test_twin_without_the_lock_the_shelf_is_filled_twice() -> None:
    with mock.patch.object(QuerySet, "select_for_update", unlocked):
        outcomes, in_stock = two_inspections_of_one_return()
    assert (errors(outcomes), in_stock) == ([], 11)


def two_wishes_for_the_same_units() -> tuple[list[Outcome], int]:
    """Each wants two of three units."""
    order = returns.delivered()

    def ask(_place: int) -> ReturnRequest:
        return returns.asked(order, returns.wanted(order, 2))

    with together("shop.returns.services.requests._require_allowed", patience=1.5):
        outcomes = race(2, ask)
    return outcomes, sum(ReturnLine.objects.values_list("quantity", flat=True))


def test_of_two_wishes_at_once_one_gets_the_units() -> None:
    outcomes, units = two_wishes_for_the_same_units()
    assert [type(error) for error in errors(outcomes)] == [ReturnRefused]
    assert units == 2


def test_twin_without_the_lock_more_comes_back_than_was_bought() -> None:
    with mock.patch.object(QuerySet, "select_for_update", unlocked):
        outcomes, units = two_wishes_for_the_same_units()
    assert (errors(outcomes), units) == ([], 4)
