"""Statement arithmetic: opening + movements = closing, and what of it is paid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of what the partner is owed: positive when it earned, negative when reversed."""

    kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class StatementTotals:
    opening_minor: int
    movements_minor: int
    closing_minor: int
    payable_minor: int
    carried_minor: int
    by_kind: tuple[tuple[str, int], ...] = ()


def total(
    *,
    opening_minor: int,
    movements: Sequence[Movement],
    asked_before_minor: int = 0,
    minimum_payable_minor: int = 0,
    is_paid_here: bool = True,
) -> StatementTotals:
    """What is owed is paid whole, less what earlier statements ask for already.

    Below the minimum, or negative, it carries over; and always where the partner is paid in another currency.
    """
    by_kind: dict[str, int] = {}
    for movement in movements:
        by_kind[movement.kind] = by_kind.get(movement.kind, 0) + movement.amount_minor
    moved = sum(by_kind.values())
    closing = opening_minor + moved
    free = closing - asked_before_minor
    payable = free if is_paid_here and free > 0 and free >= minimum_payable_minor else 0
    return StatementTotals(
        opening_minor=opening_minor,
        movements_minor=moved,
        closing_minor=closing,
        payable_minor=payable,
        carried_minor=closing - payable,
        by_kind=tuple(sorted(by_kind.items())),
    )
