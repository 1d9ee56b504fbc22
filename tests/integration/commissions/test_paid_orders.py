"""What the shop is told of the payments that the books know, against the accruals one by one."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from channels import api
from channels.commissions.models import Accrual
from channels.contracts import OrderEventKind
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_commission_is_the_sum_of_all_accruals_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    money.programme()
    nord, south = make.partner("nord"), make.partner("south")
    both = money.credited("ORD-A", (nord, "resale", 6_000), (south, "resale", 4_000))
    refunded = money.credited("ORD-B", (nord, "resale", 10_000))
    late = money.credited("ORD-C", (nord, "resale", 10_000))
    waiting = money.credited("ORD-D", (nord, "resale", 10_000))
    for order in (both, refunded):
        money.paid(order)
    money.paid(late, at=late.placed_at + 3 * DAY)
    money.refunded(refunded, refunded.placed_at + 2 * DAY)
    money.happened(waiting, OrderEventKind.PAID, waiting.placed_at + DAY, key="paid:D")
    placed = both.placed_at
    with django_assert_num_queries(1):
        found = {row.order_number: row for row in api.paid_orders(since=placed, until=placed + 3 * DAY)}
    expected = {
        order.number: sum(Accrual.objects.filter(order=order).values_list("amount_minor", flat=True))
        for order in (both, refunded, waiting)
    }
    assert {number: row.commission_minor for number, row in found.items()} == expected
    assert Accrual.objects.filter(order=both).count() >= 2
    assert (expected["ORD-A"] > 0, expected["ORD-B"], expected["ORD-D"]) == (True, 0, 0)
    assert {number: row.is_rated for number, row in found.items()} == {"ORD-A": True, "ORD-B": True, "ORD-D": False}
    assert (found["ORD-D"].key, found["ORD-D"].currency) == ("paid:D", waiting.currency)
