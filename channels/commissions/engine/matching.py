"""Does a rule pay this credit? The first condition that fails is the answer given."""

from __future__ import annotations

from channels.commissions.engine.facts import CreditFact, RatedLine
from channels.commissions.engine.programme import Rule
from channels.core.periods import within_months


def refusal(rule: Rule, line: RatedLine, credit: CreditFact) -> tuple[str, str] | None:
    """The code and the English sentence of the first failing condition, or None."""
    asked = rule.conditions
    lists = (
        ("product_class", asked.product_classes, (line.product_class,)),
        ("category", asked.categories, line.categories),
        ("segment", asked.segments, (line.segment,)),
        ("partner_kind", asked.partner_kinds, (credit.kind,)),
        ("tier", asked.tiers, (credit.tier,)),
        ("role", asked.roles, (credit.role,)),
        ("channel", asked.channels, (line.channel,)),
        ("country", asked.countries, (line.country,)),
    )
    for name, wanted, found in lists:
        if wanted and not set(wanted) & set(found):
            words = name.replace("_", " ")
            actual = ", ".join(filter(None, found)) or "nothing"
            return f"other_{name}", f"Rule {rule.id} asks for {words} {' or '.join(wanted)}; this is {actual}."
    if line.term_months < asked.min_term_months:
        text = f"Rule {rule.id} asks for a term of {asked.min_term_months} months; this has {line.term_months}."
        return "term_too_short", text
    return _cycle_refusal(rule, line) or _duration_refusal(rule, line)


def _cycle_refusal(rule: Rule, line: RatedLine) -> tuple[str, str] | None:
    actual = "renewal" if line.cycle > 0 else "new"
    if rule.conditions.cycle in ("any", actual):
        return None
    return "other_cycle", f"Rule {rule.id} pays {rule.conditions.cycle} business; this is {actual}."


def _duration_refusal(rule: Rule, line: RatedLine) -> tuple[str, str] | None:
    if rule.duration_months is None:
        return None
    anchor = line.anchor_on or line.sold_on
    if within_months(anchor, line.sold_on, rule.duration_months):
        return None
    return "outside_duration", f"Rule {rule.id} pays for {rule.duration_months} months from {anchor.isoformat()}."
