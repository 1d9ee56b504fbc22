"""One order line on trial: the facts a step looks at, and the ways it may hand out credit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import lcm

from channels.core.allocation import allocate
from channels.core.money import BASIS
from channels.core.roles import Role, role_rank
from channels.journeys.engine import models
from channels.journeys.engine.decision import CreditShare, Decision, Pool, Skip, Step, Why
from channels.journeys.engine.eligibility import eligible_touches, refusal, self_referral
from channels.journeys.engine.facts import Channel, Journey, LineFact, RelationshipFact, Touch
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.stewardship import partner_of_record
from channels.journeys.engine.wording import skip

# partner -> (role, weight)
Weights = Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """`touches` are the eligible ones; `refused` are claims that fell before any step was tried."""

    journey: Journey
    line: LineFact
    terms: PolicyTerms
    touches: tuple[Touch, ...]
    refused: tuple[Skip, ...]

    @classmethod
    def of(cls, journey: Journey, line: LineFact, terms: PolicyTerms) -> Case:
        touches, refused = eligible_touches(journey, terms)
        claimants = [deal.partner for deal in journey.deals if deal.covers(line.segment, journey.order.placed_at)]
        claimants += [picked] if (picked := _chosen(journey)) else []
        record = partner_of_record(journey.relationships, line.segment, journey.order.placed_at)
        claimants += [record.partner] if record else []
        claims = [refusal(journey, code) for code in claimants]
        return cls(journey, line, terms, touches, (*refused, *(found for found in claims if found)))

    @property
    def at(self) -> datetime:
        return self.journey.order.placed_at

    @property
    def cycle(self) -> int:
        return self.journey.order.cycle

    @property
    def country(self) -> str:
        return self.journey.order.country

    @property
    def reseller(self) -> str | None:
        """The reseller picked at checkout, when it may earn."""
        code = _chosen(self.journey)
        return code if code and self.may_earn(code) else None

    @property
    def record(self) -> RelationshipFact | None:
        return partner_of_record(self.journey.relationships, self.line.segment, self.at)

    @property
    def main_pool(self) -> Pool:
        if self.cycle:
            return Pool.RENEWAL
        return Pool.RESALE if _chosen(self.journey) else Pool.REFERRAL

    @property
    def territory_partners(self) -> list[str]:
        """Active partners which name this country and may sell this class of product."""
        wanted = self.line.product_class
        return sorted(
            partner.code
            for partner in self.journey.partners
            if partner.status == "active"
            and self.country in partner.territories
            and (not wanted or not partner.product_classes or wanted in partner.product_classes)
        )

    def may_earn(self, code: str) -> bool:
        return refusal(self.journey, code) is None

    # --- handing out credit --------------------------------------------------------------------

    def whole(self, pool: Pool, partner: str, role: Role, reason: str) -> list[CreditShare]:
        return self.share_out(pool, {partner: (role, 1)}, reason=reason)

    def share_out(self, pool: str, weights: Weights, *, reason: str) -> list[CreditShare]:
        """Exactly 10,000 bp or nothing; a tie goes to the higher role, then to the earlier code."""
        ranked = sorted(weights, key=lambda code: (role_rank(weights[code][0]), code))
        parts = allocate(BASIS, [weights[code][1] for code in ranked])
        return [
            CreditShare(
                line_key=self.line.key,
                pool=pool,
                partner=code,
                role=weights[code][0],
                share_bp=part,
                reason=reason,
                touch_ids=tuple(touch.id for touch in self.touches if touch.partner == code),
                held_reason=self_referral(self.journey, code, self.terms),
            )
            for code, part in zip(ranked, parts, strict=True)
            if part
        ]

    def weigh(self, touches: Sequence[Touch]) -> Weights:
        """The policy's model over these touches, as whole numbers in proportion."""
        shares = models.shares(self.terms.model, touches, at=self.at, settings=self.terms.model_settings)
        roles = roles_by_touch(touches)
        scale = lcm(*(share.denominator for share in shares.values()))
        return {code: (roles[code], int(share * scale)) for code, share in shares.items() if code is not None}

    def by_model(self, pool: Pool, touches: Sequence[Touch]) -> tuple[list[CreditShare], list[Skip]]:
        credited = self.share_out(pool, self.weigh(touches), reason=Step.MODEL)
        named = {credit.partner for credit in credited}
        left_out = [code for code in sorted(roles_by_touch(touches)) if code not in named]
        return credited, [skip(code, "no_share", model=self.terms.model) for code in left_out]

    def parent_override(self, partner: str) -> tuple[list[CreditShare], list[Skip]]:
        """The distributor above a reseller or steward, on top of what that one earns."""
        fact = self.journey.partner(partner)
        if fact is None or not fact.parent or fact.parent == partner:
            return [], []
        found = refusal(self.journey, fact.parent)
        if found is not None:
            return [], [found]
        return self.whole(Pool.OVERRIDE, fact.parent, Role.DISTRIBUTOR, "parent"), []

    def decided(self, step: Step, shares: Iterable[CreditShare], skipped: Iterable[Skip], why: Why) -> Decision:
        return Decision(self.line.key, step, tuple(shares), tuple(dict.fromkeys(skipped)), why)


def roles_by_touch(touches: Iterable[Touch]) -> dict[str, str]:
    """The highest role in which each partner touched the order."""
    roles: dict[str, str] = {}
    for touch in touches:
        if touch.partner is not None:
            known = roles.get(touch.partner, touch.role)
            roles[touch.partner] = min(known, touch.role, key=lambda role: (role_rank(role), role))
    return roles


def _chosen(journey: Journey) -> str | None:
    return journey.order.chosen_partner if journey.order.channel == Channel.RESELLER else None
