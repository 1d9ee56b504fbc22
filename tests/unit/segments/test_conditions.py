"""The vocabulary of a group's rule: what it refuses, and that it comes back from JSON as it was."""

from datetime import date

import pytest

from shop.segments.engine.conditions import Conditions, RuleError

FULL = Conditions(
    countries=("NO", "DE"), segments=("food",), statuses=("approved",), acquired="reseller", spent_minor=100,
    spent_months=6, channel="direct", partner="north", registered_from=date(2026, 1, 31),
)  # fmt: skip


@pytest.mark.parametrize("rule", [Conditions(), FULL, Conditions(spent_months=3)])
def test_a_rule_comes_back_as_it_was(rule: Conditions) -> None:
    again = Conditions.from_json(rule.to_json())
    assert again == (rule if rule.spent_minor else Conditions())


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"moon": 1, "sun": 2}, "moon is unknown; sun is unknown"),
        ({"countries": "NO"}, "countries is not a list of words"),
        ({"statuses": ["asleep"]}, "statuses has a word that is not one of pending, approved, rejected, blocked"),
        ({"acquired": "by chance"}, "acquired is not one of direct, reseller"),
        ({"spent_minor": True}, "spent_minor is not a whole number"),
        ({"spent_minor": -1}, "spent_minor is out of range"),
        ({"spent_minor": 1, "spent_months": 121}, "spent_months is out of range"),
        ({"registered_from": "yesterday"}, "registered_from Invalid isoformat string: 'yesterday'"),
    ],
)
def test_what_is_no_rule_is_refused(raw: dict[str, object], problem: str) -> None:
    with pytest.raises(RuleError) as refused:
        Conditions.from_json(raw)
    assert str(refused.value) == problem
