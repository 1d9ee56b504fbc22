"""Numbers without gaps: per seller, kind and year, whoever asks at the same moment and whatever is rolled back."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from shop.billing.models import Invoice, Series
from shop.billing.services import numbers
from tests.factories import shop
from tests.harness.race import errors, race, values

INVOICE, CREDIT_NOTE = Series.Kind.INVOICE, Series.Kind.CREDIT_NOTE


class Undone(Exception):
    """What goes wrong after the number was taken."""


def take(kind: Series.Kind = INVOICE, seller: str = "accord", year: int = 2026) -> str:
    with transaction.atomic():
        return numbers.take(kind=kind, seller=seller, at=datetime(year, 7, 1, tzinfo=UTC)).text


@pytest.mark.django_db
def test_each_seller_kind_and_year_counts_for_itself() -> None:
    taken = [take(), take(), take(CREDIT_NOTE), take(year=2027), take(seller="other"), take()]
    assert taken == [
        "INV-2026-000001", "INV-2026-000002", "CN-2026-000001", "INV-2027-000001", "INV-2026-000001", "INV-2026-000003",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_year_begins_at_midnight_of_the_store() -> None:
    last, first = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    taken = [numbers.take(kind=INVOICE, seller="accord", at=at).text for at in (last, first)]
    assert taken == ["INV-2026-000001", "INV-2027-000001"]


@pytest.mark.django_db(transaction=True)
def test_a_number_is_taken_in_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        numbers.take(kind=INVOICE, seller="accord", at=shop.NOW)
    assert Series.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_rolled_back_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    buyer, meter = shop.buyer(), shop.product()
    first = shop.place(buyer, (meter, 1)).invoice

    def fail(*_args: Any, **_values: Any) -> None:
        raise Undone

    with monkeypatch.context() as patched:
        patched.setattr("shop.buying.services.place_order.api.record_order", fail)
        with pytest.raises(Undone):
            shop.place(buyer, (meter, 1))
    second = shop.place(buyer, (meter, 1)).invoice
    assert [first.number, second.number] == ["INV-2026-000001", "INV-2026-000002"]
    assert Invoice.objects.count() == 2


def contend(index: int) -> int:
    """Take a number; every third contender fails afterwards."""
    with transaction.atomic():
        sequence = numbers.take(kind=INVOICE, seller="accord", at=shop.NOW).sequence
        if index % 3 == 0:
            raise Undone
        return sequence


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_race_leaves_neither_gap_nor_double() -> None:
    outcomes = race(12, contend)
    assert sorted(values(outcomes)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [type(error) for error in errors(outcomes)] == [Undone] * 4


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_race_gives_a_number_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: reading first and counting in Python, as both contenders do before either writes."""
    Series.objects.create(seller="accord", kind=INVOICE, year=2026, last=4)
    both_read = threading.Barrier(2, timeout=20)

    def unlocked(**row: Any) -> int:
        sequence = Series.objects.get(**row).last + 1
        both_read.wait()
        Series.objects.filter(**row).update(last=sequence)
        return sequence

    monkeypatch.setattr(numbers, "_advance", unlocked)
    outcomes = race(2, lambda index: contend(index + 1))
    assert values(outcomes) == [5, 5]
