"""Rules read aloud: whole sentences, exact words."""

import pytest

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.selectors.rule_sentences import general, readings, sentence
from channels.commissions.selectors.rule_words import Words

GOLD = {"tiers": ["gold"]}


def told(**rule):
    terms = ProgrammeTerms.from_json({"rules": [{"id": "r", "type": "RESALE", "rate_bp": 1_200, **rule}]})
    return sentence(terms.rules[0])


def test_a_programme_is_read_aloud() -> None:
    """Rules for the same partners are one sentence; a rule that goes on is its "then"."""
    renewal = {**GOLD, "partner_kinds": ["reseller"], "product_classes": ["software"], "cycle": "renewal"}
    rules = [
        {"id": "a", "type": "RESALE", "rate_bp": 1_200,
         "conditions": {**GOLD, "product_classes": ["hardware"], "cycle": "new"}},
        {"id": "b", "type": "RENEWAL", "rate_bp": 800, "conditions": renewal,
         "step_down": [{"after_months": 24, "rate_bp": 500}]},
        {"id": "c", "type": "INFLUENCE", "rate_bp": 450},
    ]  # fmt: skip
    found = readings(ProgrammeTerms.from_json({"rules": rules}))
    assert [reading.text for reading in found] == [
        "Gold resellers earn 12 % on new hardware, 8 % on renewals of software for 24 months, then 5 %.",
        "Partners who influence the sale earn 4.5 % on every sale.",
    ]
    assert [reading.rule_ids for reading in found] == [("a", "b"), ("c",)]


def test_a_rule_that_goes_on_where_another_ends_is_its_then() -> None:
    rules = [
        {"id": "a", "type": "RENEWAL", "rate_bp": 800, "conditions": {"cycle": "renewal"}, "duration_months": 24},
        {"id": "b", "type": "RENEWAL", "rate_bp": 500, "conditions": {"cycle": "renewal"}},
    ]
    (reading,) = readings(ProgrammeTerms.from_json({"rules": rules}))
    assert reading.text == (
        "Renewal stewards earn 8 % on renewals (for 24 months from the customer's first order), then 5 %."
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, "Resellers earn 12 % on every sale."),
        (
            {"conditions": {"product_classes": ["software", "support"], "countries": ["NO", "SE"]}},
            "Resellers earn 12 % on software and support in NO or SE.",
        ),
        (
            {"type": "REFERRAL", "conditions": {"partner_kinds": ["agent"], "roles": ["house_order"]}},
            "Agents who refer the customer (as territory partner) earn 12 % on every sale.",
        ),
        (
            {"type": "OVERRIDE", "base": "margin", "rate_bp": 250},
            "Distributors earn 2.5 % of the margin on what their resellers sell.",
        ),
        (
            {"rate_kind": "per_unit", "flat_minor": {"EUR": 500, "NOK": 5_050}, "conditions": {"skus": ["NL-P100"]}},
            "Resellers earn 5 EUR or 50.50 NOK for each unit of the products NL-P100.",
        ),
        (
            {
                "rate_kind": "marginal",
                "brackets": [
                    {"from_minor": {"EUR": 0}, "rate_bp": 500},
                    {"from_minor": {"EUR": 1_000_000}, "rate_bp": 1_000},
                ],
            },
            "Resellers earn 5 % and 10 % above 10,000 EUR – each part at its own rate, counted in a year – on every sale.",
        ),
        (
            {"limits": [{"kind": "cap", "per": "order", "amount_minor": {"EUR": 50_000}}], "first_sale_only": True},
            "Resellers earn 12 % on every sale (first sale only; at most 500 EUR per order).",
        ),
        (
            {
                "type": "RENEWAL",
                "base": "uplift",
                "conditions": {"steward_accepted": True, "activity_days": 30, "certifications": ["flow"]},
            },
            ("Renewal stewards certified for flow earn 12 % of the uplift over the hold-out on renewals if the steward "
            "accepted the customer if active at the customer within the last 30 days."),
        ),
        (
            {
                "conditions": {
                    "cycle": "first", "deal_registered": "yes", "min_term_months": 12, "acquired": "direct",
                    "ordered_from": "2026-01-01", "ordered_until": "2026-04-01", "channels": ["RESELLER"],
                }
            },
            ("Resellers earn 12 % on a customer's first purchase bought through a reseller with a registered deal to "
            "customers that we acquired with a term of at least 12 months ordered from 1 January 2026 on ordered before "
            "1 April 2026."),
        ),
    ],
)  # fmt: skip
def test_a_rule_is_a_sentence(rule, expected) -> None:
    assert told(**rule) == expected


def test_codes_are_told_by_their_names() -> None:
    conditions = {"product_classes": ["spare-part"], "categories": ["pressure"], "countries": ["NO"]}
    terms = ProgrammeTerms.from_json({"rules": [{"id": "r", "type": "RESALE", "rate_bp": 1, "conditions": conditions}]})
    words = Words({"spare-part": "spare parts"}, {"pressure": "Pressure"}, {"NO": "Norway"})
    assert sentence(terms.rules[0], words) == "Resellers earn 0.01 % on spare parts in Pressure in Norway."


def test_what_holds_for_all_rules() -> None:
    terms = ProgrammeTerms.from_json(
        {"total_cap_bp": 1_800, "override": "inside", "minimum_payable_minor": {"EUR": 5_000}}
    )
    assert general(terms) == [
        "All partners together earn at most 18 % of an order line.",
        "A distributor's part is taken out of what its resellers earn.",
        "Commission is held for 14 days after payment, and until 30 days after delivery.",
        "Less than 50 EUR is not paid out but carried over.",
    ]
