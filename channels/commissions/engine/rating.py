"""What each credit of an order line should have earned by now, under one programme version.

A pure function of the line's facts: rate again after a refund, and delta.py posts the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from channels.commissions.engine.facts import (
    TYPE_OF_POOL,
    CommissionType,
    CreditFact,
    RatedLine,
    Rating,
    RatingSkip,
    Target,
)
from channels.commissions.engine.matching import refusal
from channels.commissions.engine.programme import ProgrammeTerms, Rule
from channels.core.allocation import allocate
from channels.core.money import BASIS, from_minor, share_of
from channels.core.roles import role_rank


def rate_line(line: RatedLine, shares: Sequence[CreditFact], terms: ProgrammeTerms) -> Rating:
    _check(line, shares)
    targets: list[Target] = []
    skipped: list[RatingSkip] = []
    ranked = sorted(shares, key=lambda credit: (credit.pool, role_rank(credit.role), credit.partner))
    for _, group in groupby(ranked, key=attrgetter("pool")):
        members = list(group)
        for credit, share in zip(members, _shares_of(line.net_minor, members), strict=True):
            rule, tried = _first_match(line, credit, terms)
            skipped += tried
            if rule is not None:
                targets.append(_target(line, credit, rule, net_minor=share, members=members))
    return Rating(_capped(line, targets, terms), tuple(skipped))


def _check(line: RatedLine, shares: Sequence[CreditFact]) -> None:
    if line.net_minor < 0:
        raise ValueError(f"{line.key}: the net left after refunds must not be negative: {line.net_minor}")
    seen = [(credit.pool, credit.partner) for credit in shares]
    if len(set(seen)) != len(seen):
        raise ValueError(f"{line.key}: a partner has two credits in one pool")
    for pool in {credit.pool for credit in shares}:
        if pool not in TYPE_OF_POOL:
            raise ValueError(f"{line.key}: {pool!r} is not a pool")
        total = sum(credit.share_bp for credit in shares if credit.pool == pool)
        if total not in (0, BASIS):
            raise ValueError(f"{line.key}: shares of pool {pool} sum to {total} bp, not to {BASIS} or 0")


def _shares_of(amount_minor: int, members: Sequence[CreditFact]) -> list[int]:
    """By largest remainder, so the bases of a pool add up to the whole line."""
    return allocate(amount_minor, [credit.share_bp for credit in members])


def _first_match(line: RatedLine, credit: CreditFact, terms: ProgrammeTerms) -> tuple[Rule | None, list[RatingSkip]]:
    commission_type = TYPE_OF_POOL[credit.pool]
    tried: list[RatingSkip] = []
    for rule in terms.rules:
        if rule.type != commission_type:
            continue
        found = refusal(rule, line, credit)
        if found is None:
            return rule, tried
        tried.append(RatingSkip(line.key, credit.partner, commission_type, rule.id, *found))
    if not tried:
        text = f"The programme has no {commission_type} rule."
        tried.append(RatingSkip(line.key, credit.partner, commission_type, "", "no_rule", text))
    return None, tried


def _target(
    line: RatedLine, credit: CreditFact, rule: Rule, *, net_minor: int, members: Sequence[CreditFact]
) -> Target:
    base = net_minor
    if rule.base == "margin":
        margin = max(0, line.net_minor - line.cost_minor)
        base = _shares_of(margin, members)[members.index(credit)]
    amount = share_of(base, rule.rate_bp)
    return Target(
        line_key=line.key,
        partner=credit.partner,
        type=TYPE_OF_POOL[credit.pool],
        rule_id=rule.id,
        base_minor=base,
        rate_bp=rule.rate_bp,
        amount_minor=amount,
        currency=line.currency,
        held_for_review=credit.held_for_review,
        uncapped_minor=amount,
        explanation=(
            f"{rule.label or rule.id}: {_percent(rule.rate_bp)} of {_money(base, line.currency)} "
            f"({_percent(credit.share_bp)} of the line's {rule.base}) is {_money(amount, line.currency)}"
        ),
    )


def _capped(line: RatedLine, targets: Sequence[Target], terms: ProgrammeTerms) -> tuple[Target, ...]:
    """Takes the excess from one type after the other, in proportion inside a type."""
    if terms.total_cap_bp is None:
        return tuple(targets)
    cap = share_of(line.net_minor, terms.total_cap_bp)
    excess = sum(target.amount_minor for target in targets) - cap
    result = list(targets)
    for commission_type in _shrink_order(terms):
        if excess <= 0:
            break
        places = [place for place, target in enumerate(result) if target.type == commission_type]
        amounts = [result[place].amount_minor for place in places]
        cut = min(excess, sum(amounts))
        for place, amount in zip(places, allocate(sum(amounts) - cut, amounts), strict=True):
            result[place] = _shrunk(result[place], amount, cap=cap, cap_bp=terms.total_cap_bp)
        excess -= cut
    return tuple(result)


def _shrink_order(terms: ProgrammeTerms) -> list[str]:
    """The published order; types it does not name come last, so that the cap always holds."""
    return list(dict.fromkeys([*terms.shrink_order, *(item.value for item in CommissionType)]))


def _shrunk(target: Target, amount: int, *, cap: int, cap_bp: int) -> Target:
    if amount == target.amount_minor:
        return target
    limit = f"all partners together get at most {_percent(cap_bp)} of the line, {_money(cap, target.currency)}"
    note = f"{target.explanation}; cap reached, {limit}: {_money(amount, target.currency)}"
    return replace(target, amount_minor=amount, explanation=note)


def _percent(basis_points: int) -> str:
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d} %" if part else f"{whole} %"


def _money(minor: int, currency: str) -> str:
    return f"{currency} {from_minor(minor, currency)}"
