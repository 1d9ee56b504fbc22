"""A draft's list of rules, put in order: the first that matches wins, so the order is part of what they say.

Terms are plain JSON here, since a draft may still be incomplete. Each function returns new terms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Terms = Mapping[str, Any]
LONGEST_ID = 40


class UnknownRule(LookupError):
    """The draft has no rule with this id."""


def rules_of(terms: Terms) -> list[dict[str, Any]]:
    return [dict(rule) for rule in terms.get("rules", ())]


def placed(terms: Terms, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Put a rule in the place of the one with its id, or at the end."""
    rules = rules_of(terms)
    for place, known in enumerate(rules):
        if known.get("id") == rule["id"]:
            rules[place] = dict(rule)
            return {**terms, "rules": rules}
    return {**terms, "rules": [*rules, dict(rule)]}


def moved(terms: Terms, rule_id: str, *, by: int) -> dict[str, Any]:
    """Move a rule up (negative) or down; at the end of the list it stays where it is."""
    rules = rules_of(terms)
    place = _place(rules, rule_id)
    rule = rules.pop(place)
    rules.insert(max(0, min(len(rules), place + by)), rule)
    return {**terms, "rules": rules}


def copied(terms: Terms, rule_id: str) -> dict[str, Any]:
    """Add a copy right below, under an id of its own."""
    rules = rules_of(terms)
    place = _place(rules, rule_id)
    copy = {**rules[place], "id": free_id(terms, rule_id)}
    rules.insert(place + 1, copy)
    return {**terms, "rules": rules}


def removed(terms: Terms, rule_id: str) -> dict[str, Any]:
    rules = rules_of(terms)
    rules.pop(_place(rules, rule_id))
    return {**terms, "rules": rules}


def free_id(terms: Terms, wanted: str) -> str:
    """Return an id made of the wanted words that no rule of the draft has."""
    base = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:LONGEST_ID].strip("-") or "rule"
    base = re.sub(r"-\d+$", "", base)
    taken = {rule.get("id") for rule in rules_of(terms)} | {"add"}  # the address of a new rule
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _place(rules: Sequence[Mapping[str, Any]], rule_id: str) -> int:
    for place, rule in enumerate(rules):
        if rule.get("id") == rule_id:
            return place
    raise UnknownRule(f"the draft has no rule {rule_id}; somebody may have removed it")
