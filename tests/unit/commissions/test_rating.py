import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine.facts import CreditFact, RatedLine
from channels.commissions.engine.rating import rate_line
from channels.core.allocation import allocate
from channels.core.money import share_of
from tests.unit.commissions.lines import SOLD_ON, credit, line, rule, terms

POOLS = ["resale", "referral", "influence", "renewal", "override"]
TYPES = [pool.upper() for pool in POOLS]


def test_target_says_how_it_came_about() -> None:
    (target,) = rate_line(line(), [credit()], terms(rule(label="Referrals"))).targets
    assert (target.line_key, target.partner, target.type, target.rule_id) == ("100001-1", "A", "REFERRAL", "r")
    assert (target.base_minor, target.rate_bp, target.amount_minor, target.uncapped_minor) == (
        10_000,
        1_000,
        1_000,
        1_000,
    )
    assert (target.currency, target.held_for_review) == ("EUR", False)
    assert target.explanation == "Referrals: 10 % of EUR 100.00 (100 % of the line's net) is EUR 10.00"


def test_first_matching_rule_wins_and_the_passed_over_one_is_named() -> None:
    programme = terms(rule("gold", 2_000, tiers=("gold",)), rule("all", 1_000), rule("never", 9_000))
    result = rate_line(line(), [credit(tier="silver")], programme)
    assert [(target.rule_id, target.amount_minor) for target in result.targets] == [("all", 1_000)]
    assert [(skip.rule_id, skip.reason, skip.text) for skip in result.skipped] == [
        ("gold", "other_tier", "Rule gold asks for tier gold; this is silver.")
    ]


def test_rule_of_another_type_is_not_asked() -> None:
    result = rate_line(line(), [credit()], terms(rule(type="RESALE")))
    assert result.targets == ()
    assert [(skip.type, skip.rule_id, skip.reason) for skip in result.skipped] == [("REFERRAL", "", "no_rule")]


@pytest.mark.parametrize(
    ("asked", "facts", "reason"),
    [
        ({"product_classes": ("Gateway",)}, {"product_class": "Sensor"}, "other_product_class"),
        ({"categories": ("new", "old")}, {"categories": ("parts",)}, "other_category"),
        ({"segments": ("software",)}, {"segment": "industry"}, "other_segment"),
        ({"channels": ("RESELLER",)}, {"channel": "DIRECT"}, "other_channel"),
        ({"countries": ("NO",)}, {"country": "SE"}, "other_country"),
        ({"min_term_months": 12}, {"term_months": 11}, "term_too_short"),
        ({"cycle": "renewal"}, {"cycle": 0}, "other_cycle"),
        ({"cycle": "new"}, {"cycle": 1}, "other_cycle"),
    ],
)
def test_condition_on_the_line(asked: dict[str, object], facts: dict[str, object], reason: str) -> None:
    result = rate_line(line(**facts), [credit()], terms(rule(**asked)))
    assert result.targets == ()
    assert [skip.reason for skip in result.skipped] == [reason]


@pytest.mark.parametrize(
    ("asked", "facts", "reason"),
    [
        ({"partner_kinds": ("var",)}, {"kind": "agent"}, "other_partner_kind"),
        ({"tiers": ("gold",)}, {"tier": ""}, "other_tier"),
        ({"roles": ("sourcer",)}, {"role": "closer"}, "other_role"),
    ],
)
def test_condition_on_the_credit(asked: dict[str, object], facts: dict[str, object], reason: str) -> None:
    result = rate_line(line(), [credit(**facts)], terms(rule(**asked)))
    assert result.targets == ()
    assert [skip.reason for skip in result.skipped] == [reason]


def test_any_of_several_values_matches() -> None:
    programme = terms(rule(categories=("new", "old"), min_term_months=12, cycle="new", countries=("NO", "SE")))
    facts = line(categories=("parts", "old"), term_months=12, country="SE")
    assert [target.amount_minor for target in rate_line(facts, [credit()], programme).targets] == [1_000]


def test_duration_runs_from_the_anchor_and_its_last_day_is_outside() -> None:
    programme = terms(rule(duration_months=12))
    inside = line(anchor_on=SOLD_ON.replace(year=2025, day=16))
    outside = line(anchor_on=SOLD_ON.replace(year=2025))
    assert len(rate_line(inside, [credit()], programme).targets) == 1
    result = rate_line(outside, [credit()], programme)
    assert result.targets == ()
    assert [skip.text for skip in result.skipped] == ["Rule r pays for 12 months from 2025-03-15."]


def test_held_credit_is_rated_and_flagged() -> None:
    (target,) = rate_line(line(), [credit(held_for_review=True)], terms(rule())).targets
    assert (target.amount_minor, target.held_for_review) == (1_000, True)


def test_margin_is_split_like_the_net() -> None:
    shares = [credit("A", 5_000), credit("B", 5_000)]
    result = rate_line(line(net_minor=100, cost_minor=99), shares, terms(rule(rate_bp=10_000, base="margin")))
    assert [(target.partner, target.base_minor) for target in result.targets] == [("A", 1), ("B", 0)]


def test_tie_goes_to_the_higher_role_whatever_the_order_of_credits() -> None:
    shares = [credit("A", 5_000, role="closer"), credit("B", 5_000, role="sourcer")]
    for facts in (shares, shares[::-1]):
        result = rate_line(line(net_minor=1), facts, terms(rule(rate_bp=10_000)))
        assert {target.partner: target.base_minor for target in result.targets} == {"A": 0, "B": 1}


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([credit("A", 9_999)], "sum to 9999 bp"),
        ([credit("A", 5_000), credit("A", 5_000)], "two credits in one pool"),
        ([credit(pool="gift")], "'gift' is not a pool"),
    ],
)
def test_credits_that_do_not_add_up_are_refused(shares: list[CreditFact], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rate_line(line(), shares, terms(rule()))


def test_more_refunded_than_sold_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative: -1"):
        rate_line(line(net_minor=-1), [credit()], terms(rule()))


# --- the cap ---------------------------------------------------------------------------------------


def test_cap_shrinks_the_published_type_first_and_in_proportion() -> None:
    programme = terms(
        rule("resale", 1_000, "RESALE"),
        rule("influence", 500, "INFLUENCE"),
        total_cap_bp=1_200,
    )
    shares = [credit("R", pool="resale"), credit("A", 7_000, "influence"), credit("B", 3_000, "influence")]
    result = rate_line(line(), shares, programme)
    assert {target.partner: (target.uncapped_minor, target.amount_minor) for target in result.targets} == {
        "R": (1_000, 1_000),
        "A": (350, 140),
        "B": (150, 60),
    }
    capped = next(target for target in result.targets if target.partner == "B")
    assert capped.explanation == (
        "influence: 5 % of EUR 30.00 (30 % of the line's net) is EUR 1.50; cap reached, "
        "all partners together get at most 12 % of the line, EUR 12.00: EUR 0.60"
    )


def test_cap_of_zero_pays_nobody() -> None:
    result = rate_line(line(), [credit()], terms(rule(), total_cap_bp=0))
    assert [(target.base_minor, target.amount_minor) for target in result.targets] == [(10_000, 0)]


shares_bp = st.lists(st.integers(0, 100), min_size=1, max_size=4).filter(any).map(lambda it: allocate(10_000, it))
credit_sets = st.dictionaries(st.sampled_from(POOLS), shares_bp, min_size=1).map(
    lambda pools: [
        credit(f"{pool}{number}", share, pool) for pool, shares in pools.items() for number, share in enumerate(shares)
    ]
)
rates = st.tuples(*(st.integers(0, 10_000) for _ in TYPES))
lines = st.builds(line, net_minor=st.integers(0, 10**9), cost_minor=st.integers(0, 10**9))


@given(lines, credit_sets, rates, st.integers(0, 10_000), st.permutations(TYPES))
def test_cap_is_never_exceeded_nor_undershot(
    facts: RatedLine, shares: list[CreditFact], rates: tuple[int, ...], cap_bp: int, order: list[str]
) -> None:
    rules = [rule(name, rate, name) for name, rate in zip(TYPES, rates, strict=True)]
    free = rate_line(facts, shares, terms(*rules)).targets
    paid = rate_line(facts, shares, terms(*rules, total_cap_bp=cap_bp, shrink_order=tuple(order))).targets
    cap = share_of(facts.net_minor, cap_bp)
    assert sum(target.amount_minor for target in paid) == min(cap, sum(target.amount_minor for target in free))
    for before, after in zip(free, paid, strict=True):
        assert 0 <= after.amount_minor <= before.amount_minor == after.uncapped_minor


@given(lines, credit_sets, rates)
def test_bases_of_a_pool_add_up_to_the_line(facts: RatedLine, shares: list[CreditFact], rates: tuple[int, ...]) -> None:
    rules = [rule(name, rate, name) for name, rate in zip(TYPES, rates, strict=True)]
    targets = rate_line(facts, shares, terms(*rules)).targets
    for name in {target.type for target in targets}:
        assert sum(target.base_minor for target in targets if target.type == name) == facts.net_minor


@given(lines, credit_sets, rates, st.randoms())
def test_order_of_credits_moves_nothing(
    facts: RatedLine, shares: list[CreditFact], rates: tuple[int, ...], random: object
) -> None:
    programme = terms(*(rule(name, rate, name) for name, rate in zip(TYPES, rates, strict=True)), total_cap_bp=900)
    mixed = list(shares)
    random.shuffle(mixed)
    assert rate_line(facts, mixed, programme) == rate_line(facts, shares, programme)
