"""Properties of brackets, limits and counters, and what their sentences say."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine.brackets import added, reached_rate
from channels.commissions.engine.compiled import compile_terms, counters_of
from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import RatedLine, Rating
from channels.commissions.engine.programme import Bracket, Limit, ProgrammeTerms, Rule, StepDown
from channels.commissions.engine.rating import rate_line, rate_order
from channels.core.allocation import allocate
from tests.unit.commissions.lines import SOLD_ON, credit, line, rule, terms

KINDS = ("slab", "marginal", "retroactive")
BRACKETS = (Bracket({"EUR": 0}, 500), Bracket({"EUR": 1_000_000}, 1_000), Bracket({"EUR": 3_000_000}, 1_250))
STEPS = tuple((one.from_minor["EUR"], one.rate_bp) for one in BRACKETS)
amounts = st.integers(0, 5_000_000)


def amounts_of(rating: Rating) -> list[int]:
    return [target.amount_minor for target in rating.targets]


# --- brackets --------------------------------------------------------------------------------------


def test_the_worked_number() -> None:
    """10,000.01 with 5 % to 10,000 and 10 % above."""
    assert added("slab", STEPS, before_minor=0, base_minor=1_000_001) == 100_000
    assert added("marginal", STEPS, before_minor=0, base_minor=1_000_001) == 50_000
    assert added("retroactive", STEPS, before_minor=0, base_minor=1_000_001) == 100_000


@given(st.sampled_from(KINDS), amounts, amounts, amounts)
def test_more_sold_never_earns_less(kind: str, before: int, base: int, more: int) -> None:
    less = added(kind, STEPS, before_minor=before, base_minor=base)
    assert less <= added(kind, STEPS, before_minor=before, base_minor=base + more)
    assert added(kind, STEPS, before_minor=before, base_minor=0) == 0
    assert reached_rate(STEPS, before) <= reached_rate(STEPS, before + more)


@given(st.sampled_from(("marginal", "retroactive")), st.lists(amounts, min_size=1, max_size=8))
def test_orders_add_up_to_the_whole_however_it_is_cut(kind: str, orders: list[int]) -> None:
    before = [sum(orders[:place]) for place in range(len(orders))]
    parts = [added(kind, STEPS, before_minor=held, base_minor=one) for held, one in zip(before, orders, strict=True)]
    assert sum(parts) == added(kind, STEPS, before_minor=0, base_minor=sum(orders))


def test_lines_of_one_order_count_as_one_base() -> None:
    programme = terms(rule(type="RESALE", rate_kind="marginal", brackets=BRACKETS, bracket_period="quarter"))
    shares = [credit("A", pool="resale")]
    rating = rate_order(
        [(line(key="1", net_minor=600_000), shares), (line(key="2", net_minor=900_000), shares)], programme
    )
    assert amounts_of(rating) == [40_000, 60_000]
    assert rating.used == {"base:r:A:EUR:2026-Q1": 1_500_000}
    assert [target.rate_bp for target in rating.targets] == [1_000, 1_000]


def test_a_bracket_says_how_it_came_about() -> None:
    programme = terms(rule(type="RESALE", label="Volume", rate_kind="retroactive", brackets=BRACKETS))
    rating = rate_order(
        [(line(net_minor=900_000), [credit("A", pool="resale")])], programme, before={"base:r:A:EUR:2026": 600_000}
    )
    (target,) = rating.targets
    assert target.explanation == (
        "Volume: 10 % of EUR 9000.00 (100 % of the line's net), retroactive after EUR 6000.00 in the period, "
        "is EUR 1200.00"
    )


# --- counters --------------------------------------------------------------------------------------

COUNTED = ProgrammeTerms(
    rules=(
        Rule("cap", "RESALE", 1_000, limits=(Limit("cap", "month", {"EUR": 1_000}), Limit("cap", "order", {"EUR": 700}))),
        Rule("retro", "REFERRAL", rate_kind="retroactive", brackets=BRACKETS),
        Rule("floor", "INFLUENCE", 100, limits=(Limit("floor", "customer", {"EUR": 300}),)),
    )
)  # fmt: skip
SHARES = [
    credit("A", pool="resale"), credit("B", 3_000), credit("C", 7_000), credit("A", pool="influence"),
]  # fmt: skip


def test_every_counter_is_named_before_it_is_asked() -> None:
    lines = [(line(customer="fjord"), SHARES)]
    programme = compile_terms(COUNTED)
    rating = rate_order(lines, programme)
    names = {
        "paid:cap:A:EUR:2026-03", "base:retro:B:EUR:2026", "base:retro:C:EUR:2026", "paid:floor:A:EUR:customer fjord",
    }  # fmt: skip
    assert set(rating.used) == names
    assert names <= counters_of(lines, programme)


class Books:
    """Orders under locked counters, as the service keeps them: what an order first read is frozen."""

    def __init__(self, orders: int) -> None:
        self.left = dict.fromkeys(range(orders), 0)
        self.before: dict[int, dict[str, int]] = {}
        self.used: dict[int, dict[str, int]] = {}
        self.totals: dict[str, int] = {}
        self.posted: dict[int, dict[tuple[str, str, str], tuple[int, int]]] = {place: {} for place in self.left}

    def rate(self, place: int, net: int, sold: int) -> None:
        facts = line(key=str(place), net_minor=net, sold_net_minor=sold, customer="fjord")
        before = self.before.setdefault(place, dict(self.totals))
        rating = rate_order([(facts, SHARES)], COUNTED, before=before)
        had = self.used.get(place, {})
        for name, held in rating.used.items():
            self.totals[name] = self.totals.get(name, 0) + held - had.get(name, 0)
        self.used[place] = dict(rating.used)
        posted = self.posted[place]
        for change in deltas(rating.targets, posted):
            key = (change.line_key, change.partner, change.type)
            base, amount = posted.get(key, (0, 0))
            posted[key] = (base + change.base_minor, amount + change.amount_minor)

    def paid(self, kind: str) -> int:
        return sum(
            amount for posted in self.posted.values() for (_, _, found), (_, amount) in posted.items() if found == kind
        )


steps_of_orders = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 100)), max_size=25)


@given(st.lists(st.integers(0, 2_000_000), min_size=5, max_size=5), steps_of_orders)
def test_never_above_the_cap_and_zero_after_full_refunds(sold: list[int], steps: list[tuple[int, int]]) -> None:
    """Whatever is paid and refunded, in any parts and order: the cap holds, and what is given back earned nothing."""
    books = Books(5)
    for place, percent in steps:
        if place not in books.before:
            books.left[place] = sold[place]
        else:
            books.left[place] = books.left[place] * percent // 100
        books.rate(place, books.left[place], sold[place])
        assert 0 <= books.paid("RESALE") <= 1_000
        assert books.totals["paid:cap:A:EUR:2026-03"] == books.paid("RESALE")
    for place in books.before:
        books.rate(place, 0, sold[place])
        assert {amount for amounts in books.posted[place].values() for amount in amounts} <= {0}
    assert not any(books.totals.values())


@given(st.permutations(SHARES), st.integers(0, 10**6))
def test_the_order_of_credits_moves_nothing(shares: list[object], net: int) -> None:
    facts = line(net_minor=net, customer="fjord")
    assert rate_order([(facts, shares)], COUNTED) == rate_order([(facts, SHARES)], COUNTED)


lines_of_order = st.lists(st.integers(0, 10**6), min_size=1, max_size=6)


@given(lines_of_order, st.integers(0, 5_000))
def test_an_order_cap_is_shared_in_proportion(nets: list[int], cap: int) -> None:
    programme = terms(rule(limits=(Limit("cap", "order", {"EUR": cap}),)))
    paid = amounts_of(
        rate_order([(line(key=str(n), net_minor=net), [credit()]) for n, net in enumerate(nets)], programme)
    )
    free = amounts_of(
        rate_order([(line(key=str(n), net_minor=net), [credit()]) for n, net in enumerate(nets)], terms(rule()))
    )
    assert sum(paid) == min(cap, sum(free))
    if sum(free) > cap:
        assert paid == allocate(cap, free)


@given(st.integers(1, 10**6), st.integers(1, 10**4), st.lists(st.integers(0, 100), min_size=1, max_size=8))
def test_a_flat_amount_only_falls_with_refunds(sold: int, flat: int, percents: list[int]) -> None:
    programme = terms(rule(rate_kind="per_order", flat_minor={"EUR": flat}))
    lefts = [sold]
    for percent in percents:
        lefts.append(lefts[-1] * percent // 100)
    paid = [
        sum(
            amounts_of(
                rate_line(
                    line(net_minor=left, sold_net_minor=sold), [credit("A", 4_000), credit("B", 6_000)], programme
                )
            )
        )
        for left in [*lefts, 0]
    ]
    assert paid[0] == flat
    assert all(later <= earlier for earlier, later in pairwise(paid))
    assert paid[-1] == 0


# --- the other kinds of rules ----------------------------------------------------------------------


def test_a_bonus_comes_on_top_and_once_per_partner() -> None:
    programme = terms(
        rule("resale", 1_000, "RESALE"),
        rule("influence", 300, "INFLUENCE"),
        rule("spiff", 0, "BONUS", label="Spring", rate_kind="per_unit", flat_minor={"EUR": 500}, skus=("NL-1",)),
    )
    shares = [credit("A", pool="resale"), credit("A", 5_000, "influence"), credit("B", 5_000, "influence")]
    rating = rate_line(line(sku="NL-1", quantity=3), shares, programme)
    assert {(target.partner, target.type): target.amount_minor for target in rating.targets} == {
        ("A", "RESALE"): 1_000,
        ("A", "INFLUENCE"): 150,
        ("B", "INFLUENCE"): 150,
        ("A", "BONUS"): 1_500,
        ("B", "BONUS"): 750,
    }
    assert [target.explanation for target in rating.targets if target.type == "BONUS"] == [
        "Spring: EUR 5.00 per unit is EUR 15.00",
        "Spring: EUR 5.00 per unit, of which 50 % is EUR 7.50",
    ]
    other = rate_line(line(sku="NL-2"), shares, programme)
    assert not [target for target in other.targets if target.type == "BONUS"]
    assert [skip.text for skip in other.skipped] == ["Rule spiff asks for product NL-1; this is NL-2."] * 2


def test_a_distributor_gets_no_bonus() -> None:
    programme = terms(rule("override", 200, "OVERRIDE"), rule("spiff", 100, "BONUS"))
    rating = rate_line(line(), [credit("D", pool="override")], programme)
    assert [(target.type, target.amount_minor) for target in rating.targets] == [("OVERRIDE", 200)]


def test_a_cap_that_leaves_nothing_is_told() -> None:
    programme = terms(rule(limits=(Limit("cap", "month", {"EUR": 800}),)))
    rating = rate_order([(line(), [credit()])], programme, before={"paid:r:A:EUR:2026-03": 800})
    assert amounts_of(rating) == [0]
    (skip,) = rating.skipped
    assert (skip.reason, skip.text) == ("month_cap", "Rule r pays at most EUR 8.00 per month: cap reached.")
    assert rating.targets[0].explanation == (
        "r: 10 % of EUR 100.00 (100 % of the line's net) is EUR 10.00; "
        "cap reached, at most EUR 8.00 per month, of which EUR 8.00 went before: EUR 0.00"
    )


def test_a_rule_with_amounts_pays_in_its_currencies_only() -> None:
    programme = terms(rule("flat", 0, rate_kind="per_unit", flat_minor={"NOK": 500}), rule("rest", 100))
    rating = rate_line(line(), [credit()], programme)
    assert [(target.rule_id, target.amount_minor) for target in rating.targets] == [("rest", 100)]
    assert [skip.text for skip in rating.skipped] == ["Rule flat asks for currency NOK; this is EUR."]


def test_a_first_sale_rule_pays_no_later_one() -> None:
    programme = terms(rule("first", 2_000, first_sale_only=True))
    assert amounts_of(rate_line(line(business="first"), [credit()], programme)) == [2_000]
    later = rate_line(line(business="expansion"), [credit()], programme)
    assert [skip.reason for skip in later.skipped] == ["not_first_sale"]


@pytest.mark.parametrize(("months", "now", "frozen"), [(0, 500, 900), (12, 500, 900), (24, 500, 700), (36, 500, 700)])
def test_a_frozen_renewal_rate_is_that_of_the_anchor(months: int, now: int, frozen: int) -> None:
    """With the steps that it had then, and only where the old programme has a rule that fits."""
    today = terms(rule("kept", 500, "RENEWAL", renewal_rate="frozen"))
    then = terms(
        rule("var", 2_000, "RENEWAL", partner_kinds=("var",)),
        rule("old", 900, "RENEWAL", step_down=(StepDown(24, 700),)),
    )
    facts = line(cycle=1, anchor_on=date(2026 - months // 12, 3, 15))
    shares = [credit(pool="renewal")]
    assert [one.rate_bp for one in rate_order([(facts, shares)], today).targets] == [now]
    assert [one.rate_bp for one in rate_order([(facts, shares)], today, origin=then).targets] == [frozen]
    without = terms(rule("var", 2_000, "RENEWAL", partner_kinds=("var",)))
    assert [one.rate_bp for one in rate_order([(facts, shares)], today, origin=without).targets] == [now]


def test_an_upgrade_is_renewal_alone_without_an_expansion_rule() -> None:
    facts = line(cycle=1, net_minor=15_000, previous_net_minor=10_000)
    shares = [credit("A", 5_000, "renewal"), credit("B", 5_000, "renewal")]
    alone = rate_line(facts, shares, terms(rule("r", 1_000, "RENEWAL")))
    assert [(one.type, one.base_minor) for one in alone.targets] == [("RENEWAL", 7_500)] * 2
    both = rate_line(facts, shares, terms(rule("r", 1_000, "RENEWAL"), rule("x", 2_000, "EXPANSION")))
    assert [(one.type, one.partner, one.base_minor, one.amount_minor) for one in both.targets] == [
        ("RENEWAL", "A", 5_000, 500),
        ("RENEWAL", "B", 5_000, 500),
        ("EXPANSION", "A", 2_500, 500),
        ("EXPANSION", "B", 2_500, 500),
    ]


@given(st.integers(0, 10**6), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 10))
def test_inside_or_on_top_a_full_refund_ends_at_zero(sold: int, below: int, above: int, parts: int) -> None:
    programme = terms(rule("r", below, "RESALE"), rule("o", above, "OVERRIDE"), override="inside", total_cap_bp=9_000)
    shares = [credit("A", pool="resale"), credit("D", pool="override")]
    left = sold
    for part in [0, *allocate(sold, [1] * parts)]:
        left -= part
        paid = amounts_of(rate_line(replace(line(), net_minor=left), shares, programme))
        alone = amounts_of(rate_line(replace(line(), net_minor=left), shares[:1], programme))
        assert sum(paid) == sum(alone)
    assert paid == [0, 0]


def test_a_version_is_compiled_once() -> None:
    programme = compile_terms(COUNTED)
    facts: RatedLine = line(customer="fjord", sold_on=SOLD_ON)
    assert rate_order([(facts, SHARES)], programme) == rate_order([(facts, SHARES)], COUNTED)
