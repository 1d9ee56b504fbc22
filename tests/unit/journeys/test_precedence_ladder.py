"""Every claim at once, taken away one by one from the top: each time the next step decides, and the rest is named."""

from dataclasses import replace
from typing import Any

import pytest

from channels.journeys.engine.facts import Journey, OverrideFact, PartnerFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import STEPS, decide
from tests.unit.journeys.worlds import deal, journey, partners, reasons, shares, steward, touch


def everything(cycle: int = 0) -> Journey:
    """An override for B, a deal of C, R picked, touches of A and R, A the steward of record, N alone in the country."""
    return journey(
        touch("A", 5, kind="referral_code"),
        touch("R", 2),
        picked="R",
        cycle=cycle,
        overrides=(OverrideFact((("B", 10_000),), "Agreed on the phone"),),
        deals=(deal("C"),),
        relationships=(steward("A"),),
        partners=partners(PartnerFact("N", territories=frozenset({"SE"}))),
    )


def without_overrides(facts: Journey) -> Journey:
    return replace(facts, overrides=())


def without_deals(facts: Journey) -> Journey:
    return replace(facts, deals=())


def without_a_pick(facts: Journey) -> Journey:
    return replace(facts, order=replace(facts.order, channel="DIRECT", chosen_partner=None))


def without_touches(facts: Journey) -> Journey:
    return replace(facts, touches=())


def without_relationships(facts: Journey) -> Journey:
    return replace(facts, relationships=())


def without_territories(facts: Journey) -> Journey:
    return replace(facts, partners=tuple(replace(row, territories=frozenset()) for row in facts.partners))


LADDER: list[tuple[Any, str, dict[tuple[str, str], int]]] = [
    (None, "override", {("resale", "B"): 10_000}),
    (without_overrides, "deal", {("resale", "R"): 10_000, ("referral", "C"): 10_000, ("override", "D"): 10_000}),
    (
        without_deals,
        "reseller_pick",
        {("resale", "R"): 10_000, ("influence", "A"): 10_000, ("override", "D"): 10_000},
    ),
    (without_a_pick, "model", {("referral", "A"): 5_000, ("referral", "R"): 5_000}),
    (without_touches, "incumbent", {("referral", "A"): 10_000}),
    (without_relationships, "house_order", {("referral", "N"): 10_000}),
    (without_territories, "none", {}),
]


def test_each_step_gives_way_to_the_next_and_to_no_other() -> None:
    facts = everything()
    found = []
    for take_away, _step, _shares in LADDER:
        facts = take_away(facts) if take_away else facts
        (decision,) = decide(facts, PolicyTerms())
        found.append((str(decision.step), shares(decision)))
        assert decision.why.text.endswith((".", "phone"))
    assert found == [(step, expected) for _, step, expected in LADDER]
    tried = [step.__name__.lstrip("_") for step in STEPS if step.__name__ != "_renewal"]
    assert tried == [step for _, step, _ in LADDER]


def test_a_referral_code_takes_nothing_from_a_deal_a_pick_or_a_contract() -> None:
    """A holds nothing but a `?ref=` touch on the way to the order, and the steward is somebody else."""
    facts = replace(everything(), relationships=(steward("B"),), overrides=())
    (protected,) = decide(facts, PolicyTerms())
    assert ("referral", "A") not in shares(protected)
    assert reasons(protected)["A"] == "deal_protected"
    (picked,) = decide(without_deals(facts), PolicyTerms())
    assert shares(picked)["resale", "R"] == 10_000
    (renewed,) = decide(replace(facts, order=replace(facts.order, cycle=1)), PolicyTerms())
    assert (renewed.step, shares(renewed)) == ("renewal_steward", {("renewal", "B"): 10_000})


@pytest.mark.parametrize("status", ["suspended", "terminated", "approved", "rejected"])
def test_who_may_not_earn_falls_through_every_step(status: str) -> None:
    """Everybody but N: the claims are named one by one, and the house order is left."""
    facts = everything()
    facts = replace(
        without_overrides(facts),
        partners=tuple(row if row.code == "N" else replace(row, status=status) for row in facts.partners),
    )
    (decision,) = decide(facts, PolicyTerms())
    assert (decision.step, shares(decision)) == ("house_order", {("referral", "N"): 10_000})
    said = status if status in ("suspended", "terminated") else "not_active"
    assert reasons(decision) == {"A": said, "C": said, "R": said}


def test_a_tail_carries_a_terminated_partner_through_every_step() -> None:
    facts = everything()
    later = facts.order.placed_at.replace(year=2027)
    facts = replace(
        facts, partners=tuple(replace(row, status="terminated", tail_until=later) for row in facts.partners)
    )
    # The territory is for active partners: a tail is for what one has earned before.
    for take_away, step, expected in LADDER[:-2]:
        facts = take_away(facts) if take_away else facts
        (decision,) = decide(facts, PolicyTerms())
        assert (str(decision.step), shares(decision)) == (step, expected)
    (last,) = decide(without_relationships(facts), PolicyTerms())
    assert (last.step, last.credits) == ("none", ())


def test_own_staff_and_direct_visits_earn_nothing_and_take_nothing() -> None:
    """They are direct: a partner's share is the same with and without them, whatever the model."""
    for model in ("first", "last", "last-non-direct", "linear", "linear-distinct", "position", "time-decay", "role"):
        terms = PolicyTerms(model=model)
        (alone,) = decide(journey(touch("A", 9), touch("B", 3)), terms)
        staff = [touch(None, 12, kind="visit", id="s1"), touch(None, 5, kind="call", id="s2"), touch(None, 1, id="s3")]
        (among,) = decide(journey(touch("A", 9), touch("B", 3), *staff), terms)
        assert shares(alone) == shares(among)
        assert sum(shares(among).values()) == 10_000
