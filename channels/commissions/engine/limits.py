"""What lowers or lifts an amount after its rate: floors and caps of a rule, the distributor's part, the total cap.

Each step keeps what is needed for a full refund to end at zero: an amount of nothing stays nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.commissions.engine.compiled import COUNTED, Programme, paid_counter
from channels.commissions.engine.earning import Earning, by_rule_and_partner
from channels.commissions.engine.facts import CommissionType
from channels.commissions.engine.rules import Limit
from channels.core.allocation import allocate
from channels.core.money import share_of

# Whose commission a distributor's part is taken out of, when it is inside.
_BELOW = (CommissionType.RESALE, CommissionType.RENEWAL, CommissionType.EXPANSION, CommissionType.REFERRAL)


def apply_rule_limits(earnings: Sequence[Earning], before: Mapping[str, int]) -> None:
    limited = [one for one in earnings if one.compiled.limits]
    for group in by_rule_and_partner(limited).values():
        for limit in group[0].compiled.limits:
            if limit.per == "line":
                for one in group:
                    _limit([one], limit, 0)
            else:
                first = group[0]
                name = paid_counter(first.compiled.rule, limit.per, first.line, first.credit.partner)
                _limit(group, limit, before.get(name, 0) if limit.per in COUNTED else 0)


def _limit(group: Sequence[Earning], limit: Limit, before: int) -> None:
    """A floor never pays more than the base itself, so that it fades out with the last refund."""
    first = group[0]
    bound = limit.amount_minor[first.line.currency]
    total = sum(one.amount for one in group)
    if limit.kind == "cap":
        wanted = min(total, max(0, bound - before))
    else:
        wanted = max(total, min(max(0, bound - before), sum(one.base for one in group)))
    if wanted == total:
        return
    weights = [one.amount for one in group] if total else [one.base for one in group]
    for one, amount in zip(group, allocate(wanted, weights), strict=True):
        one.change(amount, f"{limit.per}_{limit.kind}", bound, before=before)


def take_overrides_inside(line_earnings: Sequence[Earning]) -> None:
    """The distributor's part comes out of what the partners below it earn, and is never more than that."""
    overrides = [one for one in line_earnings if one.type == CommissionType.OVERRIDE]
    below = [one for one in line_earnings if one.type in _BELOW]
    if not overrides:
        return
    earned = sum(one.amount for one in below)
    wanted = sum(one.amount for one in overrides)
    taken = min(wanted, earned)
    for one, amount in zip(overrides, allocate(taken, [one.amount for one in overrides]), strict=True):
        one.change(amount, "override_bound", earned)
    for one, amount in zip(below, allocate(earned - taken, [one.amount for one in below]), strict=True):
        one.change(amount, "override_inside", taken)


def apply_total_cap(line_earnings: Sequence[Earning], programme: Programme) -> None:
    """Takes the excess from one type after the other, in proportion inside a type."""
    cap_bp = programme.terms.total_cap_bp
    if cap_bp is None or not line_earnings:
        return
    cap = share_of(line_earnings[0].line.net_minor, cap_bp)
    excess = sum(one.amount for one in line_earnings) - cap
    if excess <= 0:
        return
    for kind in programme.shrink_order:
        group = [one for one in line_earnings if one.type == kind]
        total = sum(one.amount for one in group)
        cut = min(excess, total)
        if cut:
            for one, amount in zip(group, allocate(total - cut, [one.amount for one in group]), strict=True):
                one.change(amount, "total_cap", cap, limit_bp=cap_bp)
            excess -= cut
        if excess <= 0:
            return
