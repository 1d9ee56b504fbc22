from dataclasses import replace

import pytest

from channels.journeys.engine.decision import Decision
from channels.journeys.engine.facts import Journey, OverrideFact, PartnerFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import decide
from tests.unit.journeys.worlds import LINE, deal, journey, partners, reasons, shares, steward, touch

TERMS = PolicyTerms()


def decided(facts: Journey) -> Decision:
    (decision,) = decide(facts, TERMS)
    return decision


def test_override_replaces_every_pool() -> None:
    fact = OverrideFact((("A", 6_000), ("B", 4_000)), "The demo day was theirs.")
    decision = decided(journey(touch("C"), picked="R", deals=(deal("C"),), overrides=(fact,)))
    assert decision.step == "override"
    assert shares(decision) == {("resale", "A"): 6_000, ("resale", "B"): 4_000}
    assert decision.why.text == "Two people decided the shares of this line: The demo day was theirs."


def test_override_for_one_line_leaves_the_other_alone() -> None:
    other = replace(LINE, key="100001-9")
    fact = OverrideFact((("B", 10_000),), "Moved.", line_key=other.key)
    first, second = decide(journey(touch("A"), lines=(LINE, other), overrides=(fact,)), TERMS)
    assert (first.line_key, first.step, shares(first)) == (LINE.key, "model", {("referral", "A"): 10_000})
    assert (second.line_key, second.step, shares(second)) == (other.key, "override", {("referral", "B"): 10_000})


def test_override_for_the_line_wins_over_one_for_the_order() -> None:
    whole = OverrideFact((("A", 10_000),), "All.")
    exact = OverrideFact((("B", 10_000),), "This line.", line_key=LINE.key)
    assert shares(decided(journey(overrides=(whole, exact)))) == {("referral", "B"): 10_000}


def test_override_may_credit_nobody() -> None:
    decision = decided(journey(touch("A"), overrides=(OverrideFact((), "Own lead."),)))
    assert (decision.step, decision.credits, decision.why.code) == ("override", (), "override_nobody")


def test_override_passes_a_suspended_partners_part_to_the_others() -> None:
    fact = OverrideFact((("A", 5_000), ("B", 2_500), ("C", 2_500)), "Agreed.")
    world = partners(PartnerFact("A", status="suspended"))
    decision = decided(journey(overrides=(fact,), partners=world))
    assert shares(decision) == {("referral", "B"): 5_000, ("referral", "C"): 5_000}
    assert reasons(decision) == {"A": "suspended"}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ((("A", 9_999),), "sum to 9999 bp"),
        ((("A", 5_000), ("A", 5_000)), "twice"),
        ((("A", 11_000), ("B", -1_000)), "negative"),
    ],
)
def test_override_must_add_up(pairs: tuple[tuple[str, int], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OverrideFact(pairs, "Wrong.")


def test_override_reaches_into_a_renewal() -> None:
    fact = OverrideFact((("B", 10_000),), "Handed over.")
    decision = decided(journey(cycle=1, relationships=(steward("A"),), overrides=(fact,)))
    assert shares(decision) == {("renewal", "B"): 10_000}
