from dataclasses import replace

import pytest

from channels.journeys.engine import wording
from channels.journeys.engine.decision import Decision
from channels.journeys.engine.facts import Journey, LineFact, PartnerFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import counterfactual, decide, decide_line
from tests.unit.journeys.worlds import DAY, LINE, ORDER_AT, deal, journey, partners, reasons, shares, steward, touch

TERMS = PolicyTerms()


def decided(facts: Journey, terms: PolicyTerms = TERMS) -> Decision:
    (decision,) = decide(facts, terms)
    return decision


# --- windows ---------------------------------------------------------------------------------------


def test_window_is_open_at_its_start_and_closed_at_the_order() -> None:
    at_the_order, just_inside, too_old = touch("A", 0), touch("B", 89.99), touch("C", 90)
    decision = decided(journey(at_the_order, just_inside, too_old))
    assert shares(decision) == {("referral", "A"): 5_000, ("referral", "B"): 5_000}
    assert reasons(decision) == {"C": "outside_window"}
    assert decision.skipped[0].text == "C's touchpoints are all outside the window of 90 days."


def test_touch_after_the_order_is_no_part_of_the_story() -> None:
    decision = decided(journey(touch("A", -0.01)))
    assert decision.step == "none"
    assert decision.skipped == ()


def test_credit_names_the_touches_it_rests_on() -> None:
    decision = decided(journey(touch("A", 3), touch("B", 2), touch("A", 1)))
    assert {credit.partner: credit.touch_ids for credit in decision.credits} == {"A": ("A@3", "A@1"), "B": ("B@2",)}


def test_role_of_a_credit_is_the_highest_role_touched_in() -> None:
    facts = journey(touch("A", 3, role="closer"), touch("A", 2, role="sourcer"), touch("B", 1, role="advisor"))
    assert {credit.partner: credit.role for credit in decided(facts).credits} == {"A": "sourcer", "B": "advisor"}


# --- who may earn ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (PartnerFact("A", status="suspended"), "suspended"),
        (PartnerFact("A", status="suspended", tail_until=ORDER_AT + DAY), "suspended"),
        (PartnerFact("A", status="terminated"), "terminated"),
        (PartnerFact("A", status="terminated", tail_until=ORDER_AT), "terminated"),
        (PartnerFact("A", status="approved"), "not_active"),
    ],
)
def test_partner_that_may_not_earn_is_skipped_with_the_reason(fact: PartnerFact, reason: str) -> None:
    decision = decided(journey(touch("A", 2), touch("B", 1), partners=partners(fact)))
    assert shares(decision) == {("referral", "B"): 10_000}
    assert reasons(decision) == {"A": reason}


def test_terminated_partner_earns_until_its_tail_ends() -> None:
    fact = PartnerFact("A", status="terminated", tail_until=ORDER_AT + DAY)
    decision = decided(journey(touch("A"), partners=partners(fact)))
    assert shares(decision) == {("referral", "A"): 10_000}
    assert decision.skipped == ()


def test_unknown_partner_is_skipped() -> None:
    decision = decided(journey(touch("GHOST")))
    assert decision.step == "none"
    assert reasons(decision) == {"GHOST": "unknown_partner"}


# --- deal ------------------------------------------------------------------------------------------


def test_deal_is_half_open_in_time_and_kept_to_its_segment() -> None:
    assert decided(journey(deals=(deal("A", since=0),))).step == "deal"
    assert decided(journey(deals=(deal("A", until=0),))).step == "none"
    assert decided(journey(deals=(deal("A", segment="industry"),))).step == "deal"
    assert decided(journey(deals=(deal("A", segment="software"),))).step == "none"


def test_link_never_takes_from_a_protected_deal() -> None:
    decision = decided(journey(touch("B", kind="link"), deals=(deal("A"),)))
    assert shares(decision) == {("referral", "A"): 10_000}
    assert decision.credits[0].role == "sourcer"
    assert reasons(decision) == {"B": "deal_protected"}


def test_first_registration_wins_and_a_named_segment_before_all() -> None:
    early, late, named = deal("B", since=40), deal("A", since=30), deal("C", segment="industry", since=10)
    assert shares(decided(journey(deals=(late, early)))) == {("referral", "B"): 10_000}
    assert shares(decided(journey(deals=(late, early, named)))) == {("referral", "C"): 10_000}


def test_suspended_registrant_is_named_and_passed_over() -> None:
    world = partners(PartnerFact("A", status="suspended"))
    decision = decided(journey(touch("B"), deals=(deal("A"),), partners=world))
    assert (decision.step, shares(decision)) == ("model", {("referral", "B"): 10_000})
    assert reasons(decision) == {"A": "suspended"}


# --- reseller pick ---------------------------------------------------------------------------------


def test_picked_reseller_has_no_part_in_the_influence_pool() -> None:
    decision = decided(journey(touch("R", 3), touch("A", 2), touch("R", 1), picked="R"))
    assert shares(decision) == {("resale", "R"): 10_000, ("influence", "A"): 10_000, ("override", "D"): 10_000}


def test_policy_without_influence_pool_says_so() -> None:
    decision = decided(journey(touch("A"), picked="R"), PolicyTerms(influence_pool=False))
    assert shares(decision) == {("resale", "R"): 10_000, ("override", "D"): 10_000}
    assert reasons(decision) == {"A": "no_influence_pool"}


def test_pick_share_leaves_a_part_of_the_resale_pool_to_the_others() -> None:
    terms = PolicyTerms(pick_share_bp=7_000, influence_pool=False)
    decision = decided(journey(touch("A", 2), touch("B", 1), picked="R"), terms)
    assert shares(decision) == {
        ("resale", "R"): 7_000,
        ("resale", "A"): 1_500,
        ("resale", "B"): 1_500,
        ("override", "D"): 10_000,
    }
    assert shares(decided(journey(picked="R"), terms))["resale", "R"] == 10_000


def test_pick_counts_only_on_a_reseller_order() -> None:
    facts = journey(touch("A"), picked="R")
    direct = replace(facts, order=replace(facts.order, channel="DIRECT"))
    assert shares(decided(direct)) == {("referral", "A"): 10_000}


def test_refused_parent_is_named() -> None:
    decision = decided(journey(picked="R", partners=partners(PartnerFact("D", status="suspended"))))
    assert shares(decision) == {("resale", "R"): 10_000}
    assert reasons(decision) == {"D": "suspended"}


def test_partner_is_never_its_own_distributor() -> None:
    world = partners(PartnerFact("R", parent="R"))
    assert shares(decided(journey(picked="R", partners=world))) == {("resale", "R"): 10_000}


# --- model, incumbent, house order, nobody ----------------------------------------------------------


def test_model_of_the_policy_decides() -> None:
    facts = journey(touch("A", 3), touch("B", 2))
    assert shares(decided(facts, PolicyTerms(model="first"))) == {("referral", "A"): 10_000}
    assert reasons(decided(facts, PolicyTerms(model="first"))) == {"B": "no_share"}


def test_model_that_gives_nobody_a_share_ends_the_search() -> None:
    terms = PolicyTerms(model="role", role_weights={"sourcer": 0})
    decision = decided(journey(touch("A"), relationships=(steward("B"),)), terms)
    assert (decision.step, decision.credits, decision.why.code) == ("model", (), "model_nobody")
    assert reasons(decision) == {"A": "no_share"}


def test_thirds_sum_to_the_whole_with_the_tie_to_the_higher_role() -> None:
    facts = journey(touch("A", 3), touch("B", 2), touch("C", 1, role="sourcer"))
    found = shares(decided(facts, PolicyTerms(model="linear")))
    assert found == {("referral", "C"): 3_334, ("referral", "A"): 3_333, ("referral", "B"): 3_333}


def test_partner_of_record_is_the_steward_before_the_reseller() -> None:
    rows = (steward("A", role="reseller", days=1), steward("B", days=50))
    decision = decided(journey(relationships=rows))
    assert (decision.step, shares(decision)) == ("incumbent", {("referral", "B"): 10_000})
    assert decision.credits[0].role == "incumbent"


def test_incumbent_rule_may_be_off() -> None:
    decision = decided(journey(relationships=(steward("A"),)), PolicyTerms(incumbent=False))
    assert decision.step == "none"
    assert reasons(decision) == {"A": "incumbent_off"}


def test_suspended_incumbent_is_named() -> None:
    world = partners(PartnerFact("A", status="suspended"))
    decision = decided(journey(relationships=(steward("A"),), partners=world))
    assert (decision.step, reasons(decision)) == ("none", {"A": "suspended"})


def test_house_order_needs_exactly_one_partner_for_the_territory() -> None:
    one = PartnerFact("A", territories=frozenset({"SE", "FI"}))
    two = PartnerFact("B", territories=frozenset({"SE"}))
    alone = decided(journey(partners=partners(one)))
    assert (alone.step, shares(alone)) == ("house_order", {("referral", "A"): 10_000})
    assert alone.credits[0].role == "house_order"
    shared = decided(journey(partners=partners(one, two)))
    assert (shared.step, reasons(shared)) == ("none", {"A": "territory_shared", "B": "territory_shared"})
    off = decided(journey(partners=partners(one)), PolicyTerms(house_order=False))
    assert (off.step, off.skipped) == ("none", ())


def test_house_order_partner_must_sell_the_product_and_be_active() -> None:
    sweden = frozenset({"SE"})
    other_class = PartnerFact("A", territories=sweden, product_classes=frozenset({"Software"}))
    same_class = PartnerFact("B", territories=sweden, product_classes=frozenset({"Gateway"}))
    suspended = PartnerFact("C", territories=sweden, status="suspended")
    decision = decided(journey(partners=partners(other_class, same_class, suspended)))
    assert shares(decision) == {("referral", "B"): 10_000}


def test_nobody_is_said_plainly() -> None:
    decision = decided(journey())
    assert (decision.step, decision.credits, decision.skipped) == ("none", (), ())
    assert decision.why.text.endswith("nobody is credited.")


# --- renewal ---------------------------------------------------------------------------------------


def test_renewal_pays_the_steward_of_that_day_and_its_distributor() -> None:
    rows = (steward("A", days=400), steward("R", days=10))
    decision = decided(journey(touch("B"), cycle=1, relationships=rows, deals=(deal("C"),)))
    assert (decision.step, shares(decision)) == (
        "renewal_steward",
        {("renewal", "R"): 10_000, ("override", "D"): 10_000},
    )
    assert decision.why.params == (("cycle", "1"), ("partner", "R"))


def test_renewal_without_steward_credits_nobody_not_even_the_reseller_of_record() -> None:
    decision = decided(journey(touch("A"), cycle=2, relationships=(steward("B", role="reseller"),)))
    assert (decision.step, decision.credits, decision.why.code) == ("none", (), "no_steward")


def test_steward_of_another_segment_is_no_steward_here() -> None:
    decision = decided(journey(cycle=1, relationships=(steward("A", segment="software"),)))
    assert decision.credits == ()


# --- the rest --------------------------------------------------------------------------------------


def test_lines_are_decided_each_by_its_segment() -> None:
    software = LineFact("100001-2", segment="software", net_minor=1)
    facts = journey(touch("B"), lines=(LINE, software), deals=(deal("A", segment="software"),))
    assert [(decision.line_key, decision.step) for decision in decide(facts, TERMS)] == [
        ("100001-1", "model"),
        ("100001-2", "deal"),
    ]
    assert decide_line(facts, software, TERMS) == decide(facts, TERMS)[1]


def test_counterfactual_without_an_unknown_touch_changes_nothing() -> None:
    facts = journey(touch("A", 2), touch("B", 1))
    assert counterfactual(facts, TERMS, without_touch_id="nothing") == decide(facts, TERMS)


def test_every_code_has_its_sentence() -> None:
    assert wording.skip("A", "outside_window", days="90").text
    assert wording.why("model", model="first", touches="2", days="90").params == (
        ("days", "90"),
        ("model", "first"),
        ("touches", "2"),
    )
