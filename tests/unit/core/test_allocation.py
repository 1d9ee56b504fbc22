import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.core.allocation import allocate

weights_lists = st.lists(st.integers(0, 10**9), max_size=12)
totals = st.integers(-(10**12), 10**12)


@given(totals, weights_lists.filter(any))
def test_parts_sum_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(allocate(total, weights)) == total


@given(totals, weights_lists)
def test_negative_total_mirrors_the_positive_one(total: int, weights: list[int]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@given(totals, weights_lists.filter(any))
def test_each_part_is_less_than_one_unit_from_exact(total: int, weights: list[int]) -> None:
    for part, weight in zip(allocate(total, weights), weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(totals, weights_lists.filter(any), st.integers(1, 1_000))
def test_only_the_proportion_of_weights_counts(total: int, weights: list[int], factor: int) -> None:
    assert allocate(total, [weight * factor for weight in weights]) == allocate(total, weights)


@given(totals, weights_lists.filter(any))
def test_zero_weight_gets_nothing(total: int, weights: list[int]) -> None:
    parts = allocate(total, [*weights, 0])
    assert parts[-1] == 0
    assert parts[:-1] == allocate(total, weights)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 1_000), min_size=2, max_size=8).filter(any), st.randoms())
def test_permutation_moves_tied_units_only(total: int, weights: list[int], random: object) -> None:
    order = list(range(len(weights)))
    random.shuffle(order)
    parts = allocate(total, weights)
    moved = allocate(total, [weights[index] for index in order])
    remainders = [total * weight % sum(weights) for weight in weights]
    for place, index in enumerate(order):
        tied = remainders.count(remainders[index]) > 1
        assert abs(moved[place] - parts[index]) <= tied


def test_tied_remainders_go_to_the_earlier_index() -> None:
    assert allocate(2, [1, 1, 1, 1]) == [1, 1, 0, 0]


def test_all_zero_weights_hand_out_nothing() -> None:
    assert allocate(100, [0, 0, 0]) == [0, 0, 0]
    assert allocate(100, []) == []


def test_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="weights must not be negative"):
        allocate(100, [1, -1])
