"""Who looks after a customer on a date, and who starts to after a first subscription."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from channels.core.roles import Role, role_rank
from channels.journeys.engine.decision import CreditShare, Decision, Pool, Step
from channels.journeys.engine.facts import Journey, RelationshipFact
from channels.journeys.engine.policy import PolicyTerms


def steward_on(relationships: Iterable[RelationshipFact], segment: str, at: datetime) -> RelationshipFact | None:
    """Rows are only ever added: the latest start wins, a named segment before all segments."""
    return _latest(relationships, (Role.RENEWAL_STEWARD,), segment, at)


def partner_of_record(relationships: Iterable[RelationshipFact], segment: str, at: datetime) -> RelationshipFact | None:
    """The renewal steward, else the reseller."""
    rows = tuple(relationships)
    return steward_on(rows, segment, at) or _latest(rows, (Role.RESELLER,), segment, at)


def _latest(
    relationships: Iterable[RelationshipFact], roles: Sequence[Role], segment: str, at: datetime
) -> RelationshipFact | None:
    valid = [row for row in relationships if row.role in roles and row.covers(segment, at)]
    return min(valid, key=lambda row: (row.segment == "", -row.valid_from.timestamp(), row.partner), default=None)


def steward_after(journey: Journey, decisions: Sequence[Decision], terms: PolicyTerms) -> tuple[RelationshipFact, ...]:
    """The new renewal steward per segment, when a first order brought a subscription.

    The picked reseller, else the partner with the largest referral share, weighted by the
    lines' net. Nobody when there is a steward already, on a renewal, after a house order,
    or while the credit is held for review: those won no customer.
    """
    if not terms.auto_steward or journey.order.cycle > 0:
        return ()
    at = journey.order.placed_at
    renewing = [line for line in journey.lines if line.renews]
    segments = sorted({line.segment for line in renewing})
    found = []
    for segment in segments:
        nets = {line.key: line.net_minor for line in renewing if line.segment == segment}
        won = [
            credit
            for decision in decisions
            if decision.line_key in nets and decision.step != Step.HOUSE_ORDER
            for credit in decision.credits
            if not credit.held_for_review
        ]
        partner = _winner(won, nets)
        if partner is not None and steward_on(journey.relationships, segment, at) is None:
            found.append(RelationshipFact(partner, Role.RENEWAL_STEWARD, segment, at))
    return tuple(found)


def _winner(won: Sequence[CreditShare], nets: dict[str, int]) -> str | None:
    resale = [credit for credit in won if credit.pool == Pool.RESALE]
    candidates = resale or [credit for credit in won if credit.pool == Pool.REFERRAL]
    worth: dict[str, int] = {}
    shares: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for credit in candidates:
        code = credit.partner
        worth[code] = worth.get(code, 0) + nets[credit.line_key] * credit.share_bp
        shares[code] = shares.get(code, 0) + credit.share_bp
        ranks[code] = min(ranks.get(code, role_rank(credit.role)), role_rank(credit.role))
    return min(worth, key=lambda code: (-worth[code], -shares[code], ranks[code], code), default=None)
