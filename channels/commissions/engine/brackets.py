"""Brackets over a partner's cumulative base in a period: what the next order adds to what came before it.

    slab         the order as a whole at the rate that the base with it reaches; what came before stays as it was
    marginal     each part of the order at the rate of the bracket it falls into
    retroactive  everything in the period at the reached rate: crossing a threshold also tops up what came before

The last two telescope: however the base is cut into orders, their commissions add up to that of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from channels.core.money import BASIS, divide_half_up, share_of

Steps = Sequence[tuple[int, int]]  # (from, rate in bp), the first from 0, rising


def reached_rate(steps: Steps, total_minor: int) -> int:
    """Return the rate of the last bracket that the total is above; of the first at zero."""
    rate = steps[0][1]
    for start, rate_bp in steps:
        if total_minor <= start and start:
            break
        rate = rate_bp
    return rate


def added(kind: str, steps: Steps, *, before_minor: int, base_minor: int) -> int:
    """Return what `base_minor` earns on top of what came before it in the period; never less than nothing."""
    total = before_minor + base_minor
    if kind == "slab":
        return share_of(base_minor, reached_rate(steps, total))
    whole = _marginal if kind == "marginal" else _retroactive
    return max(0, whole(steps, total) - whole(steps, before_minor))


def _marginal(steps: Steps, total_minor: int) -> int:
    """Rounded once, on the whole: the parts of each bracket are added before."""
    exact = 0
    for index, (start, rate_bp) in enumerate(steps):
        if total_minor <= start:
            break
        end = steps[index + 1][0] if index + 1 < len(steps) else total_minor
        exact += (min(total_minor, end) - start) * rate_bp
    return divide_half_up(exact, BASIS)


def _retroactive(steps: Steps, total_minor: int) -> int:
    return share_of(total_minor, reached_rate(steps, total_minor))
