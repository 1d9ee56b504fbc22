"""The record of a rating: what was left of the order, what each rule made of it, and every rule that paid nothing."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from channels.commissions.engine.facts import Rating
from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors.programmes import name_of
from channels.commissions.selectors.targets import Facts


def explain(run: RatingRun, facts: Facts, rating: Rating, rows: Iterable[Accrual]) -> dict[str, Any]:
    """Return JSON. `note` says in English why nothing was earned at all, where that is so."""
    codes = {credit.partner_id: credit.partner.code for credit in facts.credits}
    labels = {rule.id: rule.label for rule in facts.terms.rules} if facts.terms else {}
    return {
        "cause": run.cause,
        "programme": name_of(facts.version) if facts.version else "",
        "note": _note(facts),
        "hold_until": facts.hold_until.isoformat() if facts.hold_until else None,
        "left": [
            {"line": key, "quantity": left.quantity, "net_minor": left.net_minor} for key, left in facts.left.items()
        ],
        "targets": [
            {
                "line": target.line_key,
                "partner": codes[int(target.partner)],
                "type": str(target.type),
                "rule": target.rule_id,
                "base_minor": target.base_minor,
                "rate_bp": target.rate_bp,
                "amount_minor": target.amount_minor,
                "uncapped_minor": target.uncapped_minor,
                "held_for_review": target.held_for_review,
                "rate_kind": target.rate_kind,
                "flat_minor": target.flat_minor,
                "counted_minor": target.counted_minor,
                "cuts": [asdict(cut) for cut in target.cuts],
                "text": target.explanation,
            }
            for target in rating.targets
        ],
        "skips": [
            {
                "line": skip.line_key,
                "partner": codes[int(skip.partner)],
                "type": str(skip.type),
                "rule": skip.rule_id,
                "label": labels.get(skip.rule_id, ""),
                "reason": skip.reason,
                "facts": dict(skip.facts),
                "text": skip.text,
            }
            for skip in rating.skipped
        ],
        "posted": [row.key for row in rows],
    }


def _note(facts: Facts) -> str:
    if facts.version is None:
        return "No commission programme was in force when the order was placed."
    if facts.paid_at is None:
        return "The order is not paid yet, and commission is earned on payment."
    if not facts.credits:
        return "Nobody is credited for this order."
    return ""
