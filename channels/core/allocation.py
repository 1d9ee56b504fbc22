"""The only split in the code: exact integers by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` so that the parts sum to it exactly.

    Equal remainders go to the earlier index, so callers sort by their own tie rule first.
    When every weight is zero nobody is entitled, and every part is zero whatever the total.
    A negative total is the mirror image of the positive one.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    weight_sum = sum(weights)
    if weight_sum == 0:
        return [0] * len(weights)
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    parts = [total * weight // weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: -(total * weights[index] % weight_sum))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
