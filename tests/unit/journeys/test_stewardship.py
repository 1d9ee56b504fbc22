from dataclasses import replace
from datetime import timedelta

from channels.journeys.engine.facts import Journey, LineFact, OverrideFact, PartnerFact, RelationshipFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import decide
from channels.journeys.engine.stewardship import partner_of_record, steward_after, steward_on
from tests.unit.journeys.worlds import LINE, ORDER_AT, SUBSCRIPTION, journey, partners, steward, touch

TERMS = PolicyTerms()


def after(facts: Journey, terms: PolicyTerms = TERMS) -> list[tuple[str, str]]:
    found = steward_after(facts, decide(facts, terms), terms)
    assert all((row.role, row.valid_from, row.valid_to) == ("renewal_steward", ORDER_AT, None) for row in found)
    return [(row.partner, row.segment) for row in found]


def test_period_is_half_open() -> None:
    row = RelationshipFact("A", "renewal_steward", "", ORDER_AT, ORDER_AT + timedelta(days=1))
    assert steward_on([row], "industry", ORDER_AT) == row
    assert steward_on([row], "industry", ORDER_AT + timedelta(days=1)) is None
    assert steward_on([row], "industry", ORDER_AT - timedelta(microseconds=1)) is None


def test_later_start_wins_and_a_named_segment_before_all() -> None:
    old, new, named = steward("A", days=300), steward("B", days=20), steward("C", days=200, segment="software")
    assert steward_on([old, new, named], "industry", ORDER_AT) == new
    assert steward_on([old, new, named], "software", ORDER_AT) == named
    assert steward_on([old, new, named], "industry", ORDER_AT - timedelta(days=21)) == old


def test_record_falls_back_to_the_reseller() -> None:
    reseller = steward("A", role="reseller")
    assert partner_of_record([reseller], "", ORDER_AT) == reseller
    assert partner_of_record([steward("B", role="advisor")], "", ORDER_AT) is None


def test_picked_reseller_becomes_steward() -> None:
    facts = journey(touch("A"), picked="R", lines=(LINE, SUBSCRIPTION))
    assert after(facts) == [("R", "software")]


def test_largest_referral_share_becomes_steward() -> None:
    facts = journey(touch("A", 3), touch("B", 2), touch("B", 1), lines=(SUBSCRIPTION,))
    assert after(facts) == [("B", "software")]


def test_tie_goes_to_the_higher_role_then_to_the_earlier_code() -> None:
    assert after(journey(touch("A", 2), touch("B", 1), lines=(SUBSCRIPTION,))) == [("A", "software")]
    ranked = journey(touch("A", 2), touch("B", 1, role="sourcer"), lines=(SUBSCRIPTION,))
    assert after(ranked) == [("B", "software")]


def test_order_without_a_subscription_makes_nobody_steward() -> None:
    assert after(journey(touch("A"))) == []


def test_monthly_subscription_without_a_term_counts() -> None:
    monthly = LineFact("1", segment="software", net_minor=900, subscription=True)
    assert after(journey(touch("A"), lines=(monthly,))) == [("A", "software")]


def test_steward_stays() -> None:
    facts = journey(touch("A"), lines=(SUBSCRIPTION,), relationships=(steward("B"),))
    assert after(facts) == []


def test_ended_stewardship_leaves_the_place_free() -> None:
    ended = steward("B", valid_to=ORDER_AT)
    assert after(journey(touch("A"), lines=(SUBSCRIPTION,), relationships=(ended,))) == [("A", "software")]


def test_renewal_house_order_and_policy_make_nobody_steward() -> None:
    facts = journey(touch("A"), lines=(SUBSCRIPTION,))
    assert after(facts, PolicyTerms(auto_steward=False)) == []
    assert after(replace(facts, order=replace(facts.order, cycle=1))) == []
    house = journey(lines=(SUBSCRIPTION,), partners=partners(PartnerFact("A", territories=frozenset({"SE"}))))
    assert after(house) == []


def test_credit_held_for_review_makes_nobody_steward() -> None:
    world = partners(PartnerFact("A", company="fjord-foods"))
    assert after(journey(touch("A"), lines=(SUBSCRIPTION,), partners=world)) == []


def test_each_segment_has_its_own_steward() -> None:
    support = replace(SUBSCRIPTION, key="100001-3", segment="support")
    facts = journey(touch("A"), lines=(SUBSCRIPTION, support), relationships=(steward("B", segment="support"),))
    assert after(facts) == [("A", "software")]


def test_shares_of_several_lines_are_weighed_by_their_net() -> None:
    small = replace(SUBSCRIPTION, key="100001-4", net_minor=100)
    facts = journey(
        lines=(SUBSCRIPTION, small),
        overrides=(
            OverrideFact((("A", 4_000), ("B", 6_000)), "Agreed.", line_key=SUBSCRIPTION.key),
            OverrideFact((("A", 10_000),), "Agreed.", line_key=small.key),
        ),
    )
    assert after(facts) == [("B", "software")]
