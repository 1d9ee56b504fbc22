"""Contract terms: totals, monthly equivalents, savings, and the day of renewal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue.engine.terms import Offer, add_months, commitment, compare, monthly


def offer(pk: int, price: str | None, months: int | None) -> Offer:
    return Offer(pk, f"SKU-{pk}", "", None if price is None else Decimal(price), months)


def test_terms_from_the_shortest_to_the_longest() -> None:
    found = compare(
        [
            offer(3, "7632.00", 36),
            offer(1, "290.00", 1),
            offer(2, "2988.00", 12),
            offer(4, None, 60),
            offer(5, "9.00", None),
        ],
        today=date(2026, 1, 31),
    )
    assert [
        (term.product_id, term.months, term.years, term.total, term.monthly, term.saving, term.saving_percent)
        for term in found
    ] == [
        (1, 0, 0, Decimal("290.00"), Decimal("290.00"), None, None),
        (2, 12, 1, Decimal("2988.00"), Decimal("249.00"), Decimal("492.00"), 14),
        (3, 36, 3, Decimal("7632.00"), Decimal("212.00"), Decimal("2808.00"), 26),
    ]
    assert [term.renews_on for term in found] == [date(2026, 2, 28), date(2027, 1, 31), date(2029, 1, 31)]


def test_without_a_monthly_offer_there_is_nothing_to_save() -> None:
    (term,) = compare([offer(1, "1200.00", 12)], today=date(2026, 1, 1))
    assert (term.monthly, term.saving, term.saving_percent) == (Decimal("100.00"), None, None)


def test_a_dearer_term_saves_nothing() -> None:
    assert [term.saving for term in compare([offer(1, "10.00", 0), offer(2, "130.00", 12)], today=date(2026, 1, 1))] == [
        None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "months", "expected"),
    [("100.00", 12, "8.33"), ("100.00", 3, "33.33"), ("0.50", 12, "0.04"), ("0.30", 12, "0.03"), ("7.00", None, "7.00"), ("7.00", 0, "7.00")],
)  # fmt: skip
def test_monthly_is_rounded_half_up(price: str, months: int | None, expected: str) -> None:
    assert monthly(Decimal(price), months) == Decimal(expected)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 15), 60, date(2031, 1, 15)),
    ],
)
def test_months_later(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_one_month_is_no_commitment() -> None:
    assert [commitment(months) for months in (None, 0, 1, 12)] == [None, 0, 0, 12]


def test_a_quantity_multiplies_totals_and_savings_and_moves_no_date() -> None:
    offers = [offer(1, "290.00", 1), offer(2, "7632.00", 36)]
    monthly_term, long_term = compare(offers, today=date(2024, 2, 29), quantity=3)

    assert (monthly_term.total, monthly_term.renews_on, monthly_term.notice_on) == (
        Decimal("870.00"), date(2024, 3, 29), date(2024, 3, 28),
    )  # fmt: skip
    assert (long_term.total, long_term.monthly, long_term.saving, long_term.saving_percent) == (
        Decimal("22896.00"), Decimal("636.00"), Decimal("8424.00"), 26,
    )  # fmt: skip
    assert (long_term.renews_on, long_term.notice_on) == (date(2027, 2, 28), date(2027, 1, 29))


def test_a_longer_notice_is_counted_back_from_the_renewal() -> None:
    (term,) = compare([offer(1, "1200.00", 12)], today=date(2026, 3, 1), notice_days=90)
    assert (term.renews_on, term.notice_on) == (date(2027, 3, 1), date(2026, 12, 1))


PRICES = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)


@given(
    by_month=PRICES,
    terms=st.dictionaries(st.sampled_from([3, 6, 12, 24, 36, 60]), PRICES, min_size=1),
    quantity=st.integers(1, 500),
    today=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
)
def test_every_term_adds_up_against_month_by_month(
    by_month: Decimal, terms: dict[int, Decimal], quantity: int, today: date
) -> None:
    offers = [Offer(1, "", "", by_month, 1), *(Offer(pk, "", "", price, pk) for pk, price in terms.items())]
    found = compare(offers, today=today, quantity=quantity)

    assert [term.months for term in found] == [0, *sorted(terms)]
    for term in found:
        price = by_month if term.months == 0 else terms[term.months]
        assert term.total == price * quantity
        assert abs(term.monthly * max(term.months, 1) - term.total) <= Decimal("0.005") * max(term.months, 1)
        assert today < term.renews_on
        assert term.notice_on == term.renews_on - timedelta(days=30 if term.months else 1) >= today
        full = by_month * quantity * term.months
        if term.saving is None:
            assert term.months == 0 or term.total >= full
        else:
            assert term.total + term.saving == full
            assert 0 <= (term.saving_percent or 0) <= term.saving * 100 / full < (term.saving_percent or 0) + 1
    assert [term.renews_on for term in found] == sorted(term.renews_on for term in found)
