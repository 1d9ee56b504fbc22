"""Who is credited for one order line: the steps in order, the first that applies decides.

A step takes the case and answers a Decision, or None to pass it on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from channels.core.roles import Role
from channels.journeys.engine.case import Case, roles_by_touch
from channels.journeys.engine.decision import CreditShare, Decision, Pool, Skip, Step
from channels.journeys.engine.eligibility import partner_codes, refusal
from channels.journeys.engine.facts import Journey, LineFact, OverrideFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.stewardship import steward_on
from channels.journeys.engine.wording import skip, why

ROLE_OF_POOL: dict[str, str] = {
    Pool.RESALE: Role.RESELLER.value,
    Pool.RENEWAL: Role.RENEWAL_STEWARD.value,
    Pool.OVERRIDE: Role.DISTRIBUTOR.value,
}


def decide(journey: Journey, terms: PolicyTerms) -> tuple[Decision, ...]:
    return tuple(decide_line(journey, line, terms) for line in journey.lines)


def decide_line(journey: Journey, line: LineFact, terms: PolicyTerms) -> Decision:
    case = Case.of(journey, line, terms)
    for step in STEPS:
        decision = step(case)
        if decision is not None:
            return decision
    raise AssertionError("the last step always decides")


def counterfactual(journey: Journey, terms: PolicyTerms, *, without_touch_id: str) -> tuple[Decision, ...]:
    """The same order as if that touch had never happened."""
    kept = tuple(touch for touch in journey.touches if touch.id != without_touch_id)
    return decide(replace(journey, touches=kept), terms)


def _override(case: Case) -> Decision | None:
    """Replaces every pool of the line; what it names for a refused partner goes to the others of that pool."""
    found = [fact for fact in case.journey.overrides if fact.line_key == case.line.key]
    found = found or [fact for fact in case.journey.overrides if not fact.line_key]
    if not found:
        return None
    pools: dict[str, OverrideFact] = {}
    for fact in found:
        pools.setdefault(fact.pool or case.main_pool, fact)
    shares: list[CreditShare] = []
    refusals: list[Skip | None] = []
    for pool, fact in pools.items():
        refusals += [refusal(case.journey, code) for code, _ in fact.shares]
        shares += _overridden(case, pool, fact)
    sentence = why("override" if shares else "override_nobody", reason=found[0].reason)
    return case.decided(Step.OVERRIDE, shares, [found for found in refusals if found], sentence)


def _overridden(case: Case, pool: str, fact: OverrideFact) -> list[CreditShare]:
    """In a pool with a role of its own the partner gets that role; else the highest in which it touched the order."""
    touched = roles_by_touch(case.touches)
    weights = {
        code: (ROLE_OF_POOL.get(pool) or touched.get(code, Role.SOURCER.value), share)
        for code, share in fact.shares
        if case.may_earn(code)
    }
    return case.share_out(pool, weights, reason=Step.OVERRIDE)


def _renewal(case: Case) -> Decision | None:
    """Decides every renewal: no touch, deal or pick of the first sale reaches into it."""
    if not case.cycle:
        return None
    steward = steward_on(case.journey.relationships, case.line.segment, case.at)
    found = refusal(case.journey, steward.partner) if steward else None
    if steward is None or found is not None:
        sentence = why("no_steward", cycle=str(case.cycle))
        return case.decided(Step.NONE, [], [found] if found else [], sentence)
    shares = case.whole(Pool.RENEWAL, steward.partner, Role.RENEWAL_STEWARD, Step.RENEWAL_STEWARD)
    above, skipped = case.parent_override(steward.partner)
    sentence = why("renewal_steward", partner=steward.partner, cycle=str(case.cycle))
    return case.decided(Step.RENEWAL_STEWARD, shares + above, skipped, sentence)


def _deal(case: Case) -> Decision | None:
    """The registrant is the sourcer; beside it only a picked reseller earns, never other touches."""
    deals = [deal for deal in case.journey.deals if deal.covers(case.line.segment, case.at)]
    deals = [deal for deal in deals if case.may_earn(deal.partner)]
    if not deals:
        return None
    deal = min(deals, key=lambda candidate: (candidate.segment == "", candidate.protected_from, candidate.partner))
    reseller = case.reseller
    others = [code for code in partner_codes(case.touches) if code not in (deal.partner, reseller)]
    skipped = [*case.refused, *(skip(code, "deal_protected", holder=deal.partner) for code in others)]
    if reseller is None:
        shares = case.whole(Pool.REFERRAL, deal.partner, Role.SOURCER, Step.DEAL)
        return case.decided(Step.DEAL, shares, skipped, why("deal", partner=deal.partner))
    shares = case.whole(Pool.RESALE, reseller, Role.RESELLER, Step.RESELLER_PICK)
    if reseller != deal.partner:
        shares += case.whole(Pool.REFERRAL, deal.partner, Role.SOURCER, Step.DEAL)
    above, refused = case.parent_override(reseller)
    sentence = why("deal_reseller", partner=deal.partner, reseller=reseller)
    return case.decided(Step.DEAL, shares + above, skipped + refused, sentence)


def _reseller_pick(case: Case) -> Decision | None:
    reseller = case.reseller
    if reseller is None:
        return None
    others = [touch for touch in case.touches if touch.partner != reseller]
    shares = _resale(case, reseller)
    skipped = list(case.refused)
    if case.terms.influence_pool:
        influence, left_out = case.by_model(Pool.INFLUENCE, others)
        shares, skipped = shares + influence, skipped + left_out
    else:
        skipped += [skip(code, "no_influence_pool") for code in partner_codes(others)]
    above, refused = case.parent_override(reseller)
    sentence = why("reseller_pick", reseller=reseller)
    return case.decided(Step.RESELLER_PICK, shares + above, skipped + refused, sentence)


def _resale(case: Case, reseller: str) -> list[CreditShare]:
    """All of it, unless the policy gives the pick a part and somebody else earned the rest."""
    others = case.weigh([touch for touch in case.touches if touch.partner != reseller])
    crowd = sum(weight for _, weight in others.values())
    pick = case.terms.pick_share_bp
    weights = {code: (role, weight * (10_000 - pick)) for code, (role, weight) in others.items()}
    weights[reseller] = (Role.RESELLER.value, pick * crowd if crowd else 1)
    return case.share_out(Pool.RESALE, weights, reason=Step.RESELLER_PICK)


def _model(case: Case) -> Decision | None:
    if not case.touches:
        return None
    shares, left_out = case.by_model(Pool.REFERRAL, case.touches)
    sentence = why(
        "model" if shares else "model_nobody",
        model=case.terms.model,
        touches=str(len(case.touches)),
        days=str(case.terms.window_days),
    )
    return case.decided(Step.MODEL, shares, [*case.refused, *left_out], sentence)


def _incumbent(case: Case) -> Decision | None:
    record = case.record
    if not case.terms.incumbent or record is None or not case.may_earn(record.partner):
        return None
    shares = case.whole(Pool.REFERRAL, record.partner, Role.INCUMBENT, Step.INCUMBENT)
    return case.decided(Step.INCUMBENT, shares, case.refused, why("incumbent", partner=record.partner))


def _house_order(case: Case) -> Decision | None:
    """Only a territory with exactly one active partner has a house-order partner."""
    covering = case.territory_partners
    if not case.terms.house_order or len(covering) != 1:
        return None
    shares = case.whole(Pool.REFERRAL, covering[0], Role.HOUSE_ORDER, Step.HOUSE_ORDER)
    sentence = why("house_order", partner=covering[0], country=case.country)
    return case.decided(Step.HOUSE_ORDER, shares, case.refused, sentence)


def _none(case: Case) -> Decision:
    """Says of everybody who came near why it was not enough."""
    skipped: list[Skip] = list(case.refused)
    if case.record and case.may_earn(case.record.partner):
        skipped.append(skip(case.record.partner, "incumbent_off"))
    covering = case.territory_partners
    if case.terms.house_order and len(covering) > 1:
        skipped += [skip(code, "territory_shared", country=case.country) for code in covering]
    return case.decided(Step.NONE, [], skipped, why("none"))


STEPS: tuple[Callable[[Case], Decision | None], ...] = (
    _override,
    _renewal,
    _deal,
    _reseller_pick,
    _model,
    _incumbent,
    _house_order,
    _none,
)
