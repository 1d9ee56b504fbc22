"""The record of a decision: why, who was left out, which touches weighed, and what each was worth."""

from collections.abc import Iterable
from typing import Any

from channels.journeys.engine.decision import CreditShare, Decision
from channels.journeys.engine.eligibility import eligible_touches
from channels.journeys.engine.facts import Journey
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import counterfactual

# A journey longer than this is explained without "what if" for its older touches; the shares count them all.
MOST_COUNTERFACTUALS = 60


def explain(
    journey: Journey, decisions: tuple[Decision, ...], terms: PolicyTerms, *, policy_version: int
) -> dict[str, Any]:
    """Return JSON: policy, lines, touches and counterfactuals. Codes and parameters translate, `text` is English.

    `counterfactuals` is each touch's own partner's side, and may be shown to it; `without` holds the shares of
    everybody, from which commission is computed.
    """
    eligible, _ = eligible_touches(journey, terms)
    counted = {touch.id for touch in eligible}
    instead = {
        touch.id: counterfactual(journey, terms, without_touch_id=touch.id)
        for touch in eligible[-MOST_COUNTERFACTUALS:]
    }
    return {
        "policy": {"version": policy_version, "model": terms.model, "window_days": terms.window_days},
        "lines": [line(decision) for decision in decisions],
        "touches": [
            {
                "key": touch.id,
                "partner": touch.partner,
                "at": touch.at.isoformat(),
                "kind": touch.kind,
                "medium": touch.medium,
                "campaign": touch.campaign,
                "counted": touch.id in counted,
            }
            for touch in journey.touches
        ],
        "counterfactuals": [
            _own_changes(decisions, instead[touch.id], touch.id, touch.partner or "")
            for touch in eligible
            if touch.id in instead
        ],
        "without": {touch: _changed_lines(decisions, then) for touch, then in instead.items()},
    }


def line(decision: Decision) -> dict[str, Any]:
    return {
        "line": decision.line_key,
        "step": decision.step,
        "why": {"code": decision.why.code, "params": dict(decision.why.params), "text": decision.why.text},
        "credits": [
            {
                "partner": share.partner,
                "pool": share.pool,
                "role": share.role,
                "share_bp": share.share_bp,
                "reason": share.reason,
                "touches": list(share.touch_ids),
                "held_reason": share.held_reason,
            }
            for share in decision.credits
        ],
        "skips": [{"partner": skip.partner, "reason": skip.reason, "text": skip.text} for skip in decision.skipped],
    }


def _changed_lines(decisions: tuple[Decision, ...], instead: tuple[Decision, ...]) -> dict[str, Any]:
    """The shares of each line that would have been shared in another way."""
    return {
        after.line_key: [
            {
                "partner": share.partner,
                "pool": share.pool,
                "role": share.role,
                "share_bp": share.share_bp,
                "held": share.held_for_review,
            }
            for share in after.credits
        ]
        for before, after in zip(decisions, instead, strict=True)
        if _everybodys(before) != _everybodys(after)
    }


def _everybodys(decision: Decision) -> set[tuple[str, str, str, int]]:
    return {(share.pool, share.partner, share.role, share.share_bp) for share in decision.credits}


def _own_changes(
    decisions: tuple[Decision, ...], instead: tuple[Decision, ...], touch_id: str, partner: str
) -> dict[str, Any]:
    """What the touch's own partner would have had on each line had the touch never happened; lines that change."""
    changes = []
    for before, after in zip(decisions, instead, strict=True):
        had, would_have = _shares(before.credits, partner), _shares(after.credits, partner)
        changes += [
            {"line": before.line_key, "pool": pool, "with_bp": had.get(pool, 0), "without_bp": would_have.get(pool, 0)}
            for pool in sorted(had.keys() | would_have.keys())
            if had.get(pool, 0) != would_have.get(pool, 0)
        ]
    return {"touch": touch_id, "partner": partner, "changes": changes}


def _shares(shares: Iterable[CreditShare], partner: str) -> dict[str, int]:
    return {share.pool: share.share_bp for share in shares if share.partner == partner}
