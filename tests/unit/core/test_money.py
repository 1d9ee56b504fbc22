from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.core.money import currency_exponent, divide_half_up, from_minor, share_of, to_minor

amounts = st.integers(-(10**12), 10**12)
rates = st.integers(0, 10_000)


@given(amounts, rates)
def test_share_is_sign_symmetric(amount: int, rate: int) -> None:
    assert share_of(-amount, rate) == -share_of(amount, rate)


@given(amounts, rates)
def test_share_is_within_half_a_unit(amount: int, rate: int) -> None:
    assert abs(share_of(amount, rate) * 10_000 - amount * rate) <= 5_000


@given(amounts)
def test_whole_and_nothing(amount: int) -> None:
    assert share_of(amount, 10_000) == amount
    assert share_of(amount, 0) == 0


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "NOK", "JPY", "KWD"]))
def test_minor_units_survive_the_way_there_and_back(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


@pytest.mark.parametrize("code", ["", "eur", "EURO", "E1R ", "ÆØÅ"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is not a currency code"):
        currency_exponent(code)


def test_from_minor_is_an_exact_decimal() -> None:
    assert from_minor(1999, "EUR") == Decimal("19.99")
    assert str(from_minor(-5, "EUR")) == "-0.05"
    assert str(from_minor(0, "EUR")) == "0.00"


def test_denominator_must_be_positive() -> None:
    with pytest.raises(ValueError, match="denominator must be positive"):
        divide_half_up(1, 0)
