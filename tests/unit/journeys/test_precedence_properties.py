"""What holds for every journey, whatever is in it."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels.journeys.engine.facts import Journey, PartnerFact, Touch
from channels.journeys.engine.models import MODELS
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import counterfactual, decide
from tests.unit.journeys.worlds import ORDER_AT, deal, journey, steward

CODES = ["A", "B", "C", "R", "D"]
codes = st.sampled_from(CODES)

touches = st.builds(
    Touch,
    id=st.uuids().map(str),
    partner=st.one_of(st.none(), codes, st.just("GHOST")),
    at=st.integers(-1, 100).map(lambda days: ORDER_AT - timedelta(days=days)),
    kind=st.sampled_from(["visit", "lead_created", "deal_created"]),
    role=st.sampled_from(["sourcer", "influencer", "implementer", "closer", "odd"]),
)
worlds = st.tuples(
    *(
        st.builds(
            PartnerFact,
            code=st.just(code),
            status=st.sampled_from(["active", "active", "suspended", "terminated"]),
            parent=st.sampled_from([None, "D"]),
            territories=st.sampled_from([frozenset(), frozenset({"SE"})]),
            tail_until=st.sampled_from([None, ORDER_AT, ORDER_AT + timedelta(days=1)]),
        )
        for code in CODES
    )
)
journeys = st.builds(
    lambda touches, **facts: journey(*touches, **facts),
    st.lists(touches, max_size=7),
    picked=st.one_of(st.none(), codes),
    cycle=st.sampled_from([0, 0, 0, 1]),
    relationships=st.lists(codes.map(steward), max_size=2).map(tuple),
    deals=st.lists(codes.map(deal), max_size=2).map(tuple),
    partners=worlds,
)
policies = st.builds(
    PolicyTerms,
    model=st.sampled_from(sorted(MODELS)),
    pick_share_bp=st.sampled_from([10_000, 7_000, 1, 0]),
    influence_pool=st.booleans(),
    incumbent=st.booleans(),
    house_order=st.booleans(),
)


@given(journeys, policies)
def test_shares_of_a_pool_sum_to_the_whole_or_nothing(facts: Journey, terms: PolicyTerms) -> None:
    for decision in decide(facts, terms):
        pools: dict[str, int] = defaultdict(int)
        for credit in decision.credits:
            assert 0 < credit.share_bp <= 10_000
            pools[credit.pool] += credit.share_bp
        assert set(pools.values()) <= {10_000}


@given(journeys, policies)
def test_nobody_has_two_credits_in_a_pool(facts: Journey, terms: PolicyTerms) -> None:
    for decision in decide(facts, terms):
        named = [(credit.pool, credit.partner) for credit in decision.credits]
        assert len(set(named)) == len(named)


@given(journeys, policies)
def test_who_may_not_earn_never_does(facts: Journey, terms: PolicyTerms) -> None:
    for decision in decide(facts, terms):
        for credit in decision.credits:
            partner = facts.partner(credit.partner)
            assert partner is not None
            assert partner.status == "active" or (partner.status == "terminated" and partner.tail_until != ORDER_AT)


@given(journeys, policies, st.randoms())
def test_order_of_the_facts_changes_nothing(facts: Journey, terms: PolicyTerms, random: Any) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        mixed = list(items)
        random.shuffle(mixed)
        return tuple(mixed)

    other = Journey(
        order=facts.order,
        lines=facts.lines,
        touches=shuffled(facts.touches),
        relationships=shuffled(facts.relationships),
        deals=shuffled(facts.deals),
        partners=shuffled(facts.partners),
    )
    for one, two in zip(decide(facts, terms), decide(other, terms), strict=True):
        assert one.credits == two.credits
        assert (one.step, one.why) == (two.step, two.why)
        assert set(one.skipped) == set(two.skipped)


crowds = st.lists(
    st.tuples(
        st.sampled_from(CODES), st.sampled_from([0, 1, 1, 40]), st.sampled_from(["sourcer", "influencer", "closer"])
    ),
    min_size=2,
    max_size=7,
)


@given(crowds, policies, st.randoms())
def test_touches_of_one_moment_have_no_order(
    crowd: list[tuple[str, int, str]], terms: PolicyTerms, random: Any
) -> None:
    """However equal-time touches were stored and named, every partner's share is the same."""

    def world(rows: list[tuple[str, int, str]]) -> Journey:
        names = [str(number) for number in range(len(rows))]
        random.shuffle(names)
        return journey(
            *(
                Touch(id=name, partner=code, at=ORDER_AT - timedelta(days=days), kind="visit", role=role)
                for name, (code, days, role) in zip(names, rows, strict=True)
            )
        )

    mixed = list(crowd)
    random.shuffle(mixed)
    (one,), (two,) = decide(world(crowd), terms), decide(world(mixed), terms)
    assert [(c.pool, c.partner, c.role, c.share_bp) for c in one.credits] == [
        (c.pool, c.partner, c.role, c.share_bp) for c in two.credits
    ]


@given(journeys, policies)
def test_a_touch_that_never_happened_leaves_whole_pools(facts: Journey, terms: PolicyTerms) -> None:
    for touch in facts.touches:
        for decision in counterfactual(facts, terms, without_touch_id=touch.id):
            pools: dict[str, int] = defaultdict(int)
            for credit in decision.credits:
                pools[credit.pool] += credit.share_bp
                assert touch.id not in credit.touch_ids
            assert set(pools.values()) <= {10_000}
