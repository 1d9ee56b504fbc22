"""Parts of money: whatever the sequence of refunds, they add up to what was paid, and never to more."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shop.returns.engine.shares import spread, upto

CENTS = st.integers(0, 5_000_000).map(lambda cents: Decimal(cents) / 100)


@given(total=CENTS, weights=st.lists(CENTS, min_size=1, max_size=12))
def test_a_total_is_spread_without_a_cent_left(total: Decimal, weights: list[Decimal]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    whole = sum(weights) or Decimal(len(weights))
    shares = weights if sum(weights) else [Decimal(1)] * len(weights)
    assert all(abs(part - total * share / whole) < Decimal("0.01") for part, share in zip(parts, shares, strict=True))


def test_the_first_of_equals_gets_the_cent() -> None:
    assert spread(Decimal("1.00"), [Decimal(1)] * 3) == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]


def test_free_lines_share_by_head_and_no_lines_get_nothing() -> None:
    assert spread(Decimal("0.03"), [Decimal(0), Decimal(0)]) == [Decimal("0.02"), Decimal("0.01")]
    assert spread(Decimal("5.00"), []) == []


@given(total=CENTS, units=st.integers(1, 40), data=st.data())
def test_any_sequence_of_parts_sums_to_the_whole_and_never_above_it(
    total: Decimal, units: int, data: st.DataObject
) -> None:
    taken, paid = 0, Decimal(0)
    while taken < units:
        taken += data.draw(st.integers(1, units - taken))
        part = upto(total, taken, units) - paid
        paid += part
        assert part >= 0
        assert paid <= total
    assert paid == total
