from dataclasses import replace

import pytest

from channels.journeys.engine.facts import IdentityFact, PartnerFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import decide
from tests.unit.journeys.worlds import BUYER, journey, partners, touch

TERMS = PolicyTerms()


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (PartnerFact("A", member_user_ids=frozenset({"user-1", "user-2"})), "same_user"),
        (PartnerFact("A", company="fjord-foods"), "same_company"),
        (PartnerFact("A", vat_id="no 999"), "same_vat_id"),
        (PartnerFact("A", shares_account=True), "same_bank_account"),
        (PartnerFact("A", domains=frozenset({"FjordFoods.example.com"})), "same_email_domain"),
    ],
)
def test_match_holds_the_credit_and_drops_nothing(fact: PartnerFact, reason: str) -> None:
    (decision,) = decide(journey(touch("A", 2), touch("B", 1), partners=partners(fact)), TERMS)
    assert [(c.partner, c.share_bp, c.held_for_review, c.held_reason) for c in decision.credits] == [
        ("A", 5_000, True, reason),
        ("B", 5_000, False, ""),
    ]


def test_free_mail_is_no_match() -> None:
    fact = PartnerFact("A", domains=frozenset({"gmail.com"}))
    buyer = replace(BUYER, email_domain="gmail.com")
    (decision,) = decide(journey(touch("A"), partners=partners(fact), buyer=buyer), TERMS)
    assert decision.credits[0].held_for_review is False
    (strict,) = decide(journey(touch("A"), partners=partners(fact), buyer=buyer), PolicyTerms(free_mail=()))
    assert strict.credits[0].held_reason == "same_email_domain"


def test_empty_identities_never_match() -> None:
    (decision,) = decide(journey(touch("A"), buyer=IdentityFact()), TERMS)
    assert decision.credits[0].held_for_review is False


def test_reseller_buying_for_its_customer_refers_nobody_to_itself() -> None:
    fact = PartnerFact("R", company="fjord-foods")
    own = journey(picked="R", partners=partners(fact))
    (held,) = decide(own, TERMS)
    assert held.credits[0].held_reason == "same_company"
    (free,) = decide(replace(own, order=replace(own.order, end_customer=IdentityFact(company="other"))), TERMS)
    assert free.credits[0].held_for_review is False
