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


def total(*, opening_minor: int, movements: Sequence[Movement], minimum_payable_minor: int = 0) -> StatementTotals:
    """Below the minimum, or negative, the whole closing balance carries over."""
    by_kind: dict[str, int] = {}
    for movement in movements:
        by_kind[movement.kind] = by_kind.get(movement.kind, 0) + movement.amount_minor
    moved = sum(by_kind.values())
    closing = opening_minor + moved
    payable = closing if closing > 0 and closing >= minimum_payable_minor else 0
    return StatementTotals(
        opening_minor=opening_minor,
        movements_minor=moved,
        closing_minor=closing,
        payable_minor=payable,
        carried_minor=closing - payable,
        by_kind=tuple(sorted(by_kind.items())),
    )
