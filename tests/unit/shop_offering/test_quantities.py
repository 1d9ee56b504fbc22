"""Which quantities a rule allows, and where anything else ends up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.offering.engine.quantities import FREE, Reason, Rule, Snapped, snap

RULES = st.builds(
    Rule,
    minimum=st.integers(1, 50),
    maximum=st.none() | st.integers(50, 500),
    multiple=st.integers(1, 12),
    pack_size=st.integers(1, 12),
)


@pytest.mark.parametrize(
    ("asked", "rule", "expected"),
    [
        (7, FREE, Snapped(7)),
        (1, Rule(minimum=5), Snapped(5, Reason.MINIMUM)),
        (5, Rule(minimum=5), Snapped(5)),
        (0, Rule(minimum=5), Snapped(5, Reason.MINIMUM)),
        (13, Rule(multiple=4), Snapped(16, Reason.MULTIPLE)),
        (13, Rule(pack_size=10), Snapped(20, Reason.PACK)),
        (5, Rule(minimum=5, pack_size=4), Snapped(8, Reason.PACK)),
        (3, Rule(minimum=5, pack_size=4), Snapped(8, Reason.MINIMUM)),
        (10, Rule(multiple=4, pack_size=10), Snapped(20, Reason.MULTIPLE)),
        (99, Rule(maximum=25, pack_size=10), Snapped(20, Reason.MAXIMUM)),
        (20, Rule(maximum=20), Snapped(20)),
        (1, Rule(maximum=5, pack_size=10), Snapped(0, Reason.MAXIMUM)),
    ],
)
def test_snapped(asked: int, rule: Rule, expected: Snapped) -> None:
    assert snap(asked, rule) == expected


@pytest.mark.parametrize(("taken", "expected"), [(0, 6), (15, 5), (18, 0), (25, 0)])
def test_the_same_bought_otherwise_counts_towards_the_maximum_alone(taken: int, expected: int) -> None:
    assert snap(6, Rule(minimum=3, maximum=20), taken=taken).quantity == expected


@given(RULES, st.integers(0, 1000), st.integers(0, 600))
def test_what_comes_out_is_allowed_and_stays_as_it_is(rule: Rule, asked: int, taken: int) -> None:
    found = snap(asked, rule, taken=taken)

    assert (found.reason is None) == (found.quantity == asked and asked > 0)
    if found.quantity:
        assert found.quantity >= rule.minimum
        assert found.quantity % rule.multiple == found.quantity % rule.pack_size == 0
        assert rule.maximum is None or found.quantity + taken <= rule.maximum
        assert snap(found.quantity, rule, taken=taken) == Snapped(found.quantity)
    else:
        assert rule.maximum is not None
        assert rule.lowest + taken > rule.maximum


@given(RULES, st.integers(0, 1000))
def test_it_goes_up_by_less_than_one_step_and_down_only_for_the_maximum(rule: Rule, asked: int) -> None:
    found = snap(asked, rule)

    if found.reason in (Reason.MULTIPLE, Reason.PACK):
        assert 0 < found.quantity - asked < rule.step
    if found.quantity and found.quantity < asked:
        assert found.reason == Reason.MAXIMUM
        assert found.quantity == rule.highest
