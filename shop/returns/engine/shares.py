"""Parts of money in whole cents whose sum is the whole, whatever the sequence."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def spread(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Return the parts of a total (in cents, not below zero) by weight: largest remainder, the first among equals.

    The parts add up to the total. Weights that are all zero count alike; no weights: no parts.
    """
    if not weights:
        return []
    whole = sum(weights)
    shares = list(weights) if whole else [Decimal(1)] * len(weights)
    cents = int(total / CENT)
    exact = [cents * share / sum(shares) for share in shares]
    parts = [int(part) for part in exact]
    neediest = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in neediest[: cents - sum(parts)]:
        parts[place] += 1
    return [part * CENT for part in parts]


def upto(total: Decimal, count: int, units: int) -> Decimal:
    """Return what the first `count` of `units` are of a total, in cents; all of them are all of it."""
    return (total * count / units).quantize(CENT, ROUND_HALF_UP)
