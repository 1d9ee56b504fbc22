"""What changed from one version of a programme to the next, as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.selectors.rule_sentences import general, sentence
from channels.commissions.selectors.rule_words import Words
from channels.core.terms import TermsError


@dataclass(frozen=True, slots=True)
class RuleChange:
    """`kind` is added, removed, changed or moved; a sentence is empty where there is none."""

    kind: str
    before: str = ""
    after: str = ""


def parsed(terms: Mapping[str, Any]) -> ProgrammeTerms | None:
    """Return the terms of a draft, or None while it has mistakes."""
    try:
        return ProgrammeTerms.from_json(terms)
    except TermsError:
        return None


def changes(before: Mapping[str, Any], after: Mapping[str, Any], words: Words | None = None) -> list[RuleChange]:
    """Return what a reader of both would notice: rules by their ids, then what holds for all rules."""
    old, new = parsed(before), parsed(after)
    if old is None or new is None:
        return []
    words = words or Words()
    olds = {rule.id: rule for rule in old.rules}
    news = {rule.id: rule for rule in new.rules}
    found = []
    for rule_id, rule in news.items():
        if rule_id not in olds:
            found.append(RuleChange("added", after=sentence(rule, words)))
        elif olds[rule_id] != rule:
            was, now = sentence(olds[rule_id], words), sentence(rule, words)
            if was != now:
                found.append(RuleChange("changed", was, now))
            elif olds[rule_id].label != rule.label:
                found.append(RuleChange("renamed", olds[rule_id].label, rule.label))
    found += [RuleChange("removed", sentence(rule, words)) for rule_id, rule in olds.items() if rule_id not in news]
    kept_old, kept_new = [key for key in olds if key in news], [key for key in news if key in olds]
    found += [
        RuleChange("moved", after=sentence(news[key], words))
        for place, key in enumerate(kept_new)
        if kept_old[place] != key and kept_old.index(key) > place
    ]
    return found + _general(old, new)


def _general(old: ProgrammeTerms, new: ProgrammeTerms) -> list[RuleChange]:
    was, now = general(old), general(new)
    gone = [RuleChange("removed", text) for text in was if text not in now]
    return gone + [RuleChange("added", after=text) for text in now if text not in was]
