"""The order of a draft's rules."""

import pytest

from channels.commissions.engine import rule_order

TERMS = {"hold_days": 3, "rules": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}


def ids(terms):
    assert terms["hold_days"] == 3
    return [rule["id"] for rule in terms["rules"]]


@pytest.mark.parametrize(
    ("rule", "by", "expected"), [("a", 1, "bac"), ("c", -1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("b", -5, "bac")]
)
def test_a_rule_is_moved_and_stays_in_the_list(rule, by, expected) -> None:
    assert "".join(ids(rule_order.moved(TERMS, rule, by=by))) == expected


def test_a_rule_is_replaced_where_it_is_or_added_last() -> None:
    assert rule_order.placed(TERMS, {"id": "b", "x": 1})["rules"][1] == {"id": "b", "x": 1}
    assert ids(rule_order.placed(TERMS, {"id": "d"})) == ["a", "b", "c", "d"]


def test_a_copy_stands_below_under_its_own_id() -> None:
    once = rule_order.copied(TERMS, "a")
    assert ids(once) == ["a", "a-2", "b", "c"]
    assert ids(rule_order.copied(once, "a-2")) == ["a", "a-2", "a-3", "b", "c"]


def test_a_rule_is_removed_and_an_unknown_one_is_named() -> None:
    assert ids(rule_order.removed(TERMS, "b")) == ["a", "c"]
    with pytest.raises(rule_order.UnknownRule, match="no rule x"):
        rule_order.removed(TERMS, "x")
    assert len(TERMS["rules"]) == 3


def test_ids_are_made_of_words() -> None:
    assert rule_order.free_id(TERMS, "Gold resellers") == "gold-resellers"
    assert rule_order.free_id({}, "æøå") == "rule"
