"""Target minus posted: the one way in which commission changes after it was first accrued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from channels.commissions.engine.facts import Delta, Target

# (order line, partner, commission type) -> (base, amount) posted so far, both minor units
Key = tuple[str, str, str]
Posted = Mapping[Key, tuple[int, int]]


def deltas(targets: Iterable[Target], posted: Posted) -> tuple[Delta, ...]:
    """In a stable order, without zeros. What no target names any more is taken back whole."""
    wanted: dict[Key, Target] = {}
    for target in targets:
        key = (target.line_key, target.partner, str(target.type))
        if key in wanted:
            raise ValueError(f"two targets for {key}")
        wanted[key] = target
    plain = {(line, partner, str(kind)): amounts for (line, partner, kind), amounts in posted.items()}
    found = (_delta(key, wanted.get(key), *plain.get(key, (0, 0))) for key in sorted(wanted.keys() | plain.keys()))
    return tuple(delta for delta in found if delta.base_minor or delta.amount_minor)


def _delta(key: Key, target: Target | None, posted_base: int, posted_amount: int) -> Delta:
    line_key, partner, commission_type = key
    if target is None:
        text = "No longer credited: everything posted is taken back."
        return Delta(line_key, partner, commission_type, -posted_base, -posted_amount, explanation=text)
    return Delta(
        line_key=line_key,
        partner=partner,
        type=commission_type,
        base_minor=target.base_minor - posted_base,
        amount_minor=target.amount_minor - posted_amount,
        rule_id=target.rule_id,
        rate_bp=target.rate_bp,
        held_for_review=target.held_for_review,
        pool=target.pool,
        explanation=target.explanation,
    )
