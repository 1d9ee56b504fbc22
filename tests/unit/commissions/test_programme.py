import json
from datetime import UTC, datetime

import pytest

from channels.commissions.engine.programme import ProgrammeTerms
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


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"rule": []}, "rule: is not a known key"),
        ({"rules": {}}, "rules: must be a list, not {}"),
        ({"rules": [GOOD, GOOD]}, "rules[1].id: 'a' is used twice"),
        ({"rules": [GOOD | {"rate_bp": 10_001}]}, "rules[0].rate_bp: must be at most 10000, not 10001"),
        ({"rules": [GOOD | {"rate_bp": 2.5}]}, "rules[0].rate_bp: must be a whole number, not 2.5"),
        ({"rules": [GOOD | {"base": "gross"}]}, "rules[0].base: 'gross' is not one of net, margin"),
        ({"rules": [GOOD | {"rate_kind": "slab"}]}, "rules[0].rate_kind: 'slab' is not one of percent"),
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
