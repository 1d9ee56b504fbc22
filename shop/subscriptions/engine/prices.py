"""What a renewal may cost: the price that a plan's rule proposes, and how much of a rise goes through unanswered.

Prices are net, of one unit for one interval, in cents; rates are basis points; every price is rounded once, half-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

BASIS = 10_000
CENT = Decimal("0.01")


class Rule(StrEnum):
    FIXED = "fixed"
    UPLIFT = "uplift"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A plan's rule and its rates; `cap_bp` None is no limit."""

    rule: str
    uplift_bp: int = 0
    cap_bp: int | None = None


def raised(price: Decimal, basis_points: int) -> Decimal:
    """Return the price after a rise."""
    return (price * (BASIS + basis_points) / BASIS).quantize(CENT, rounding=ROUND_HALF_UP)


def capped(old: Decimal, proposed: Decimal, cap_bp: int | None) -> Decimal:
    """Return the proposed price, but no more than the cap above the old one."""
    return proposed if cap_bp is None else min(proposed, raised(old, cap_bp))


def proposed(rise: Rise, *, old: Decimal, of_day: Decimal | None) -> Decimal | None:
    """Return the price that the rule asks; None where the rule needs a price of the day and there is none.

    A rule with a fixed rate is bound by the cap itself; the price of the day is bound only while nobody agreed to it.
    """
    if rise.rule == Rule.FIXED:
        return old
    if rise.rule == Rule.UPLIFT:
        return capped(old, raised(old, rise.uplift_bp), rise.cap_bp)
    return of_day


def due(rise: Rise, *, old: Decimal, asked: Decimal, agreed: Decimal | None, is_contract: bool) -> Decimal:
    """Return the price at which a renewal goes through.

    Never more than what the buyer agreed to; without a word, the old price raised up to the cap. A price that stands
    in a contract with the company was agreed to when it was signed.
    """
    if agreed is not None:
        return min(agreed, asked)
    return asked if is_contract else capped(old, asked, rise.cap_bp)
