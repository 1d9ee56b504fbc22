"""Two at once at one company. Each race has a twin that shows what would happen without the lock."""

from datetime import UTC, datetime
from decimal import Decimal
from unittest import mock

import pytest
from django.db.models import QuerySet
from oscar.apps.order.models import Order

from shop.buying.errors import OverSpendLimit
from shop.companies.models import Membership
from shop.companies.services import people
from tests.factories import shop
from tests.harness.race import Outcome, errors, race, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def two_administrators_leave() -> tuple[list[Outcome], int]:
    company = shop.company()
    admins = [shop.buyer(company, role="admin").memberships.get() for _ in range(2)]

    def leave(place: int) -> None:
        people.deactivate(membership_id=admins[place].pk, successor=None, at=NOW, actor=admins[place].user)

    with together("shop.companies.services.people._keep_an_administrator", patience=1.5):
        outcomes = race(2, leave)
    return outcomes, Membership.objects.filter(company=company, is_active=True).count()


def test_of_two_last_administrators_who_leave_at_once_one_stays() -> None:
    outcomes, left = two_administrators_leave()
    assert [type(error) for error in errors(outcomes)] == [people.LastAdministratorError]
    assert left == 1


def test_twin_without_the_lock_nobody_stays() -> None:
    with mock.patch.object(QuerySet, "select_for_update", lambda rows, **_: rows):
        outcomes, left = two_administrators_leave()
    assert (errors(outcomes), left) == ([], 0)


def two_orders_of_one_buyer() -> tuple[list[Outcome], int]:
    """Each alone is within the limit of 150; both together are not. Two sessions, two baskets, one person."""
    buyer = shop.buyer()
    Membership.objects.filter(user=buyer).update(spend_limit=Decimal(150), spend_window="month")
    products, address = [shop.product(), shop.product()], shop.address(buyer)
    baskets = [shop.basket(buyer, (product, 1)) for product in products]

    def order(place: int) -> Order:
        return shop.place(buyer, basket=baskets[place], shipping_address=address)

    with together("shop.companies.services.spending.left_to_spend", patience=1.5):
        outcomes = race(2, order)
    return outcomes, Order.objects.filter(user=buyer).count()


def test_of_two_orders_at_once_one_is_over_the_limit() -> None:
    outcomes, placed = two_orders_of_one_buyer()
    assert [type(error) for error in errors(outcomes)] == [OverSpendLimit]
    assert placed == 1


def test_twin_without_the_lock_both_are_placed() -> None:
    with mock.patch("shop.companies.services.spending.lock", side_effect=lambda *, membership: membership):
        outcomes, placed = two_orders_of_one_buyer()
    assert (errors(outcomes), placed) == ([], 2)
