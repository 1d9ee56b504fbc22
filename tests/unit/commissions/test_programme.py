import json
from datetime import UTC, date, datetime

import pytest

from channels.commissions.engine.programme import Bracket, Limit, ProgrammeTerms, StepDown
from channels.core.terms import TermsError
from tests.unit.commissions.lines import rule, terms


def test_terms_survive_json() -> None:
    programme = terms(
        rule("a", 1_500, "RESALE", label="Gold", tiers=("gold",), cycle="new", min_term_months=12),
        rule("b", 500, "RENEWAL", base="margin", duration_months=24),
        total_cap_bp=2_000,
        minimum_payable_minor={"EUR": 5_000},
    )
    assert ProgrammeTerms.from_json(json.loads(json.dumps(programme.to_json()))) == programme


def test_every_kind_of_rule_survives_json() -> None:
    programme = terms(
        rule("u", 0, "BONUS", rate_kind="per_unit", flat_minor={"EUR": 500}, skus=("NL-P100",), min_quantity=2),
        rule(
            "s", 0, "RESALE", rate_kind="slab", bracket_period="quarter",
            brackets=(Bracket({"EUR": 0}, 500), Bracket({"EUR": 1_000_000}, 1_000)),
            limits=(Limit("cap", "year", {"EUR": 5_000_00}), Limit("floor", "order", {"EUR": 10_00})),
        ),
        rule(
            "r", 800, "RENEWAL", step_down=(StepDown(24, 500),), renewal_rate="frozen", base="uplift",
            steward_accepted=True, activity_days=60, certifications=("renewals",), ordered_from=date(2026, 1, 1),
        ),
        override="inside", win_back_days=90, holdout_bp=1_000, steward_change="by_days",
    )  # fmt: skip
    assert ProgrammeTerms.from_json(json.loads(json.dumps(programme.to_json()))) == programme


def test_terms_stored_before_there_were_more_fields_read_as_they_did() -> None:
    stored = {"rules": [GOOD], "shrink_order": ["INFLUENCE", "OVERRIDE", "REFERRAL", "RENEWAL", "RESALE"]}
    programme = ProgrammeTerms.from_json(stored)
    assert programme.rules == (rule("a", 100, "RESALE"),)
    assert (programme.override, programme.win_back_days, programme.steward_change) == ("on_top", None, "keep")


def test_rule_reads_short() -> None:
    programme = terms(rule("a", 1_500, "RESALE", tiers=("gold",)))
    assert programme.to_json()["rules"] == [
        {
            "id": "a",
            "type": "RESALE",
            "rate_bp": 1_500,
            "label": "",
            "conditions": {"tiers": ["gold"]},
            "base": "net",
            "rate_kind": "percent",
            "duration_months": None,
        }
    ]


def test_empty_object_is_a_programme_that_pays_nothing() -> None:
    programme = ProgrammeTerms.from_json({})
    assert programme == ProgrammeTerms()
    assert (programme.rules, programme.total_cap_bp, programme.hold_days) == ((), None, 14)
    assert programme.minimum_payable("EUR") == 0


GOOD = {"id": "a", "type": "RESALE", "rate_bp": 100}
STEP = {"from_minor": {"EUR": 0}, "rate_bp": 500}
CAP = {"kind": "cap", "per": "order", "amount_minor": {"EUR": 500}}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"rule": []}, "rule: is not a known key"),
        ({"rules": {}}, "rules: must be a list, not {}"),
        ({"rules": [GOOD, GOOD]}, "rules[1].id: 'a' is used twice"),
        ({"rules": [GOOD | {"rate_bp": 10_001}]}, "rules[0].rate_bp: must be at most 10000, not 10001"),
        ({"rules": [GOOD | {"rate_bp": 2.5}]}, "rules[0].rate_bp: must be a whole number, not 2.5"),
        ({"rules": [GOOD | {"base": "gross"}]}, "rules[0].base: 'gross' is not one of net, margin, uplift"),
        (
            {"rules": [GOOD | {"rate_kind": "tip"}]},
            "rules[0].rate_kind: 'tip' is not one of percent, per_unit, per_order, slab, marginal, retroactive",
        ),
        ({"rules": [GOOD | {"rate_kind": "slab"}]}, "rules[0].brackets: are missing"),
        ({"rules": [GOOD | {"rate_kind": "per_unit"}]}, "rules[0].flat_minor: is missing"),
        (
            {"rules": [GOOD | {"flat_minor": {"EUR": 1}}]},
            "rules[0].flat_minor: says nothing for the rate kind percent",
        ),
        (
            {"rules": [GOOD | {"rate_kind": "slab", "brackets": [STEP, STEP]}]},
            "rules[0].brackets: must start at 0 and rise in EUR",
        ),
        (
            {"rules": [GOOD | {"rate_kind": "slab", "brackets": [STEP, STEP | {"from_minor": {"NOK": 5}}]}]},
            "rules[0].brackets: must each name the same currencies",
        ),
        (
            {"rules": [GOOD | {"step_down": [{"after_months": 24}, {"after_months": 12}]}]},
            "rules[0].step_down: must come in the order of their months",
        ),
        (
            {"rules": [GOOD | {"renewal_rate": "frozen"}]},
            "rules[0].renewal_rate: frozen is for a RENEWAL rule of the rate kind percent",
        ),
        ({"rules": [GOOD | {"base": "uplift"}]}, "rules[0].base: uplift is for a RENEWAL rule"),
        ({"rules": [GOOD | {"limits": [CAP, CAP]}]}, "rules[0].limits: say the same twice"),
        (
            {"rules": [GOOD | {"limits": [{"kind": "cap", "per": "line"}]}]},
            "rules[0].limits[0].amount_minor: is missing",
        ),
        (
            {"rules": [GOOD | {"conditions": {"ordered_from": "31.3.2026"}}]},
            "rules[0].conditions.ordered_from: must be a date such as 2026-03-31, not '31.3.2026'",
        ),
        (
            {"rules": [GOOD | {"conditions": {"ordered_from": "2026-03-31", "ordered_until": "2026-03-31"}}]},
            "rules[0].conditions.ordered_until: must be after ordered_from",
        ),
        (
            {"rules": [GOOD | {"conditions": {"min_quantity": 5, "max_quantity": 4}}]},
            "rules[0].conditions.max_quantity: is below min_quantity",
        ),
        ({"rules": [GOOD | {"duration_months": 0}]}, "rules[0].duration_months: must be at least 1, not 0"),
        ({"rules": [GOOD | {"conditions": {"tier": []}}]}, "rules[0].conditions.tier: is not a known key"),
        ({"rules": [{"type": "RESALE", "rate_bp": 1}]}, "rules[0].id: is missing"),
        ({"rules": [{"id": "a", "type": "RESALE"}]}, "rules[0].rate_bp: is missing"),
        ({"total_cap_bp": 10_001}, "total_cap_bp: must be at most 10000, not 10001"),
        ({"shrink_order": ["RESALE"]}, "shrink_order: leaves out REFERRAL, INFLUENCE, RENEWAL, OVERRIDE"),
        ({"minimum_payable_minor": {"EUR": -1}}, "minimum_payable_minor.EUR: must be at least 0, not -1"),
    ],
)
def test_wrong_value_is_named(raw: dict[str, object], problem: str) -> None:
    with pytest.raises(TermsError) as caught:
        ProgrammeTerms.from_json(raw)
    assert caught.value.problems == (problem,)


def test_unknown_type_lists_the_known_ones() -> None:
    with pytest.raises(TermsError, match=r"rules\[0\].type: 'GIFT' is not one of RESALE, REFERRAL"):
        ProgrammeTerms.from_json({"rules": [GOOD | {"type": "GIFT"}]})


def test_late_delivery_ends_the_hold_last() -> None:
    programme = ProgrammeTerms(hold_days=14, return_window_days=0)
    paid, delivered = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 4, 1, 8, tzinfo=UTC)
    assert programme.held_until(paid_at=paid, delivered_at=delivered) == delivered
    assert programme.held_until(paid_at=paid) == datetime(2026, 3, 15, 9, tzinfo=UTC)
