"""Two orders at once on one company's credit. The twin shows what would happen without the account's lock."""

from decimal import Decimal
from unittest import mock

import pytest
from django.db.models import QuerySet

from shop.credit.errors import CreditExceeded
from shop.credit.models import CreditAccount
from shop.credit.services import accounts
from shop.forks.order.models import Order
from tests.factories import shop
from tests.harness.race import Outcome, errors, race, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def two_orders_for_the_same_credit() -> tuple[list[Outcome], int]:
    """Each is 123.75, and 200.00 more may be owed. Two people, two baskets, two products, one company known to channels."""
    company = shop.company()
    shop.place(shop.buyer(company), (shop.product(price="80.00"), 1))
    account = accounts.set_limit(company=company, currency="EUR", limit=Decimal("323.75"), key="limit", at=shop.NOW)
    buyers = [shop.buyer(company) for _ in range(2)]
    baskets = [shop.basket(buyer, (shop.product(price="80.00"), 1)) for buyer in buyers]
    addresses = [shop.address(buyer) for buyer in buyers]

    def order(place: int) -> Order:
        return shop.place(buyers[place], basket=baskets[place], shipping_address=addresses[place])

    with together("shop.credit.services.ledger.require", patience=1.5):
        outcomes = race(2, order)
    return outcomes, Order.objects.filter(purchase__company=account.company).count() - 1


def test_of_two_orders_at_once_one_is_above_the_limit() -> None:
    outcomes, placed = two_orders_for_the_same_credit()
    assert [type(error) for error in errors(outcomes)] == [CreditExceeded]
    assert placed == 1
    assert CreditAccount.objects.get().balance == Decimal("247.50")


def test_twin_without_the_lock_both_are_placed_and_one_is_forgotten() -> None:
    real = QuerySet.select_for_update

    def unlocked(rows: QuerySet, *args: object, **options: object) -> QuerySet:
        return rows if rows.model is CreditAccount else real(rows, *args, **options)

    with mock.patch.object(QuerySet, "select_for_update", unlocked):
        outcomes, placed = two_orders_for_the_same_credit()
    assert (errors(outcomes), placed) == ([], 2)
    assert CreditAccount.objects.get().balance == Decimal("247.50")
