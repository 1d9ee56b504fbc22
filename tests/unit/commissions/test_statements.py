from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine.statements import Movement, total

amounts = st.integers(-(10**9), 10**9)


@given(amounts, st.lists(amounts, max_size=10), st.integers(0, 10**6))
def test_everything_is_paid_or_carried_over(opening: int, moves: list[int], minimum: int) -> None:
    found = total(
        opening_minor=opening,
        movements=[Movement("accrued", amount) for amount in moves],
        minimum_payable_minor=minimum,
    )
    assert found.closing_minor == opening + sum(moves) == found.payable_minor + found.carried_minor
    assert found.payable_minor in (0, found.closing_minor)
    assert found.payable_minor == 0 or found.payable_minor >= minimum
    assert found.carried_minor < max(minimum, 1)


def test_movements_are_summed_by_kind() -> None:
    moves = [Movement("reversed", -200), Movement("released", 700), Movement("released", 100)]
    found = total(opening_minor=50, movements=moves)
    assert found.by_kind == (("released", 800), ("reversed", -200))
    assert (found.movements_minor, found.closing_minor, found.payable_minor) == (600, 650, 650)


def test_negative_balance_is_never_paid() -> None:
    found = total(opening_minor=0, movements=[Movement("reversed", -1)], minimum_payable_minor=0)
    assert (found.payable_minor, found.carried_minor) == (0, -1)
