"""Conversions by stored rates, and what a statement asks for, by properties."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine.currency import Rate, quotation
from channels.commissions.engine.statements import Movement, total

CODES = st.sampled_from(["EUR", "NOK", "JPY", "KWD"])
amounts = st.integers(-(10**9), 10**9)
ratios = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=10_000)


@given(CODES, CODES, ratios, amounts)
def test_the_inverse_of_a_rate_is_its_inverse(source: str, target: str, ratio: Fraction, amount: int) -> None:
    """Converting mirrors, and there and back is off by no more than the rounding of one minor unit."""
    rates = [] if source == target else [Rate(source, target, ratio, 7)]
    there, back = quotation(source, target, rates), quotation(target, source, rates)
    assert there is not None
    assert back is not None
    assert there.ratio * back.ratio == 1
    assert there.convert(-amount) == -there.convert(amount)
    again = back.convert(there.convert(amount))
    unit = abs(back.convert(10**6)) / 10**6
    assert abs(again - amount) <= unit / 2 + 1


def test_a_direct_rate_wins_and_names_its_row() -> None:
    rates = [
        Rate("EUR", "NOK", Fraction(11), 1), Rate("NOK", "EUR", Fraction(1, 12), 2), Rate("EUR", "SEK", Fraction(11), 3),
    ]  # fmt: skip
    assert quotation("NOK", "EUR", rates).rate_ids == (2,)  # type: ignore[union-attr]
    assert quotation("NOK", "SEK", rates).rate_ids == (2, 3)  # type: ignore[union-attr]
    assert quotation("NOK", "USD", rates) is None


@given(st.lists(st.lists(amounts, max_size=4), max_size=8), st.integers(0, 10**6), st.lists(st.booleans(), max_size=8))
def test_months_in_a_row_ask_for_what_is_owed_and_never_twice(
    months: list[list[int]], minimum: int, paid: list[bool]
) -> None:
    """However payouts go: what was asked and is not paid is not asked again; nobody is asked to pay below zero."""
    opening = waiting = paid_out = earned = 0
    for number, moves in enumerate(months):
        movements = [Movement("released", amount) for amount in moves]
        earned += sum(moves)
        found = total(
            opening_minor=opening, movements=movements, asked_before_minor=waiting, minimum_payable_minor=minimum
        )
        assert found.opening_minor == opening
        assert found.closing_minor == earned - paid_out
        assert found.payable_minor == 0 or minimum <= found.payable_minor == found.closing_minor - waiting
        assert found.payable_minor >= 0
        opening, waiting = found.closing_minor, waiting + found.payable_minor
        if number < len(paid) and paid[number]:  # all that was asked for is paid before the next month
            earned_here = waiting
            paid_out, opening, waiting = paid_out + earned_here, opening - earned_here, 0


@given(amounts, st.lists(amounts, max_size=5))
def test_what_is_paid_elsewhere_is_never_paid_here(opening: int, moves: list[int]) -> None:
    found = total(opening_minor=opening, movements=[Movement("x", amount) for amount in moves], is_paid_here=False)
    assert (found.payable_minor, found.carried_minor) == (0, opening + sum(moves))
