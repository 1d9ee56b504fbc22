"""What is special about renewals: upgrades, the uplift over a hold-out, and a term that had several stewards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from channels.core.allocation import allocate
from channels.core.money import BASIS, divide_half_up


def upgrade_parts(net_minor: int, sold_minor: int, previous_minor: int) -> tuple[int, int]:
    """Split what is left of a renewal into what the term before cost, and what came on top.

    A refund takes from both in proportion. A renewal at the old price or below is all renewal: nothing of the term
    before is taken back, for that was served.
    """
    kept = min(sold_minor, max(0, previous_minor))
    renewal, expansion = allocate(net_minor, [kept, sold_minor - kept])
    return renewal, expansion


def unexpired_minor(net_minor: int, start: date, end: date, on: date) -> int:
    """Return the part of an advance for the term [start, end) that is not served on a day; the day itself is not."""
    days = (end - start).days
    if days <= 0:
        raise ValueError(f"a term from {start} to {end} has no days")
    left = (end - min(max(on, start), end)).days
    return divide_half_up(net_minor * left, days)


def uplift_minor(base_minor: int, renewal_rate_bp: int, baseline_rate_bp: int) -> int:
    """Return the part of a renewal that would not have come without a steward: (rate - baseline) / rate of it."""
    gain = renewal_rate_bp - baseline_rate_bp
    return divide_half_up(base_minor * gain, renewal_rate_bp) if gain > 0 else 0


def is_held_out(company: str, holdout_bp: int) -> bool:
    """Say whether a company is renewed without a steward, as the baseline: the same company always, whoever asks.

    Raising the share adds companies and takes none out.
    """
    return int.from_bytes(sha256(f"hold-out:{company}".encode()).digest()[:8]) % BASIS < holdout_bp


def shares_by_days(stewards: Sequence[tuple[str, date]], start: date, end: date) -> list[tuple[str, int]]:
    """Split 10,000 bp of the term [start, end) between its stewards, each from its day until the next one's.

    The first has the term from its start, whenever it came. By largest remainder, ties to the earlier steward.
    """
    days: dict[str, int] = {}
    for index, (partner, since) in enumerate(stewards):
        first = start if index == 0 else min(max(since, start), end)
        until = min(max(stewards[index + 1][1], start), end) if index + 1 < len(stewards) else end
        days[partner] = days.get(partner, 0) + max(0, (until - first).days)
    parts = allocate(BASIS, list(days.values()))
    return [(partner, share) for partner, share in zip(days, parts, strict=True) if share]
