from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine.delta import Key, deltas
from channels.commissions.engine.facts import Delta
from channels.commissions.engine.rating import rate_line
from channels.core.allocation import allocate
from tests.unit.commissions.lines import credit, line, rule, terms

PROGRAMME = terms(
    rule("resale", 1_500, "RESALE"),
    rule("influence", 333, "INFLUENCE"),
    rule("override", 250, "OVERRIDE", base="margin"),
    total_cap_bp=1_700,
)
SHARES = [
    credit("R", pool="resale"),
    credit("A", 3_334, "influence"),
    credit("B", 3_333, "influence"),
    credit("C", 3_333, "influence"),
    credit("D", pool="override"),
]

Ledger = dict[Key, tuple[int, int]]


def post(posted: Ledger, found: tuple[Delta, ...]) -> Ledger:
    after = dict(posted)
    for delta in found:
        key = (delta.line_key, delta.partner, delta.type)
        base, amount = after.get(key, (0, 0))
        after[key] = (base + delta.base_minor, amount + delta.amount_minor)
    return after


def targets_at(net: int, cost: int = 0) -> tuple[object, ...]:
    return rate_line(line(net_minor=net, cost_minor=cost), SHARES, PROGRAMME).targets


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any), st.booleans())
def test_full_refund_in_any_parts_ends_at_exactly_zero(net: int, weights: list[int], withdraw: bool) -> None:
    cost = net // 3
    posted = post({}, deltas(targets_at(net, cost), {}))
    left, cost_left = net, cost
    costs = allocate(cost, weights)
    for part, cost_part in zip(allocate(net, weights), costs, strict=True):
        left, cost_left = left - part, cost_left - cost_part
        posted = post(posted, deltas(targets_at(left, cost_left), posted))
        expected = {target.partner: (target.base_minor, target.amount_minor) for target in targets_at(left, cost_left)}
        assert {partner: amounts for (_, partner, _), amounts in posted.items() if any(amounts)} == {
            partner: amounts for partner, amounts in expected.items() if any(amounts)
        }
    if withdraw:
        posted = post(posted, deltas([], posted))
    assert set(posted.values()) <= {(0, 0)}


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**6), min_size=2, max_size=6).filter(any), st.randoms())
def test_order_of_partial_refunds_does_not_matter(net: int, weights: list[int], random: object) -> None:
    parts = allocate(net, weights)[:-1]
    ends = []
    for _ in range(2):
        posted: Ledger = post({}, deltas(targets_at(net), {}))
        left = net
        for part in parts:
            left -= part
            posted = post(posted, deltas(targets_at(left), posted))
        ends.append({key: amounts for key, amounts in posted.items() if any(amounts)})
        random.shuffle(parts)
    assert ends[0] == ends[1]


@given(st.integers(0, 10**7))
def test_replaying_an_event_posts_nothing(net: int) -> None:
    posted = post({}, deltas(targets_at(net), {}))
    assert deltas(targets_at(net), posted) == ()


def test_first_delta_carries_the_rule() -> None:
    targets = rate_line(line(), [credit(held_for_review=True)], terms(rule("r", 1_000))).targets
    (delta,) = deltas(targets, {})
    assert (delta.partner, delta.type, delta.base_minor, delta.amount_minor) == ("A", "REFERRAL", 10_000, 1_000)
    assert (delta.rule_id, delta.rate_bp, delta.held_for_review) == ("r", 1_000, True)


def test_partner_no_longer_credited_is_taken_back_whole() -> None:
    targets = rate_line(line(), [credit("B")], terms(rule())).targets
    found = deltas(targets, {("100001-1", "A", "REFERRAL"): (10_000, 1_000)})
    assert [(delta.partner, delta.base_minor, delta.amount_minor, delta.rule_id) for delta in found] == [
        ("A", -10_000, -1_000, ""),
        ("B", 10_000, 1_000, "r"),
    ]


def test_changed_base_alone_is_a_delta() -> None:
    targets = rate_line(line(net_minor=9_999), [credit()], terms(rule())).targets
    (delta,) = deltas(targets, {("100001-1", "A", "REFERRAL"): (10_000, 1_000)})
    assert (delta.base_minor, delta.amount_minor) == (-1, 0)


def test_two_targets_for_one_key_are_refused() -> None:
    (target,) = rate_line(line(), [credit()], terms(rule())).targets
    with pytest.raises(ValueError, match="two targets"):
        deltas([target, replace(target, amount_minor=1)], {})
