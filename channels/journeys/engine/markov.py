"""Removal effects of a first-order Markov chain, solved and not simulated. Advises; never pays an order.

Transitions start -> x1 -> ... -> conversion | null are counted. p is the probability of reaching the conversion;
RE_c = 1 - p without c / p, where c's in-edges are sent to null; the credit is V * RE_c / sum(RE).

Removing c takes from p exactly the probability of ever visiting c times that of converting from c, so one inverse
of I - Q answers for all channels: with N = (I - Q)^-1, visits = (start N)_c / N_cc, h = N (to conversion), and
p * RE_c = visits * h_c. Up to EXACT_UP_TO channels this is done in whole numbers without rounding, above that with
DIGITS decimal digits. I - Q is diagonally dominant, so elimination needs no pivoting and nothing grows; what is
lost is about the number of digits in the longest expected journey, far below any digit that is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

EXACT_UP_TO = 40
DIGITS = 38

Matrix = list[list[int]]


@dataclass(frozen=True, slots=True)
class Chain:
    """Counts of a first-order chain. What leaves a channel and goes nowhere named here ends in null."""

    channels: tuple[str, ...]
    starts: Mapping[str, int]
    steps: Mapping[tuple[str, str], int]
    conversions: Mapping[str, int]
    nulls: Mapping[str, int]

    @classmethod
    def of(cls, paths: Iterable[tuple[Sequence[str], int, int]]) -> Chain:
        """From (touches, conversions, nulls); plain, for a few paths."""
        starts: dict[str, int] = {}
        steps: dict[tuple[str, str], int] = {}
        ends: tuple[dict[str, int], dict[str, int]] = ({}, {})
        for touches, conversions, nulls in paths:
            weight = conversions + nulls
            if not touches or not weight:
                continue
            starts[touches[0]] = starts.get(touches[0], 0) + weight
            for step in pairwise(touches):
                steps[step] = steps.get(step, 0) + weight
            for end, count in zip(ends, (conversions, nulls), strict=True):
                end[touches[-1]] = end.get(touches[-1], 0) + count
        return cls.counted(starts, steps, *ends)

    @classmethod
    def counted(
        cls,
        starts: Mapping[str, int],
        steps: Mapping[tuple[str, str], int],
        conversions: Mapping[str, int],
        nulls: Mapping[str, int],
    ) -> Chain:
        channels = sorted({*starts, *(name for step in steps for name in step)})
        return cls(tuple(channels), starts, steps, conversions, nulls)

    def balance(self) -> Matrix:
        """D (I - Q): each row's outgoing count on the diagonal, less the counts of its steps."""
        place = {name: number for number, name in enumerate(self.channels)}
        rows = [[0] * len(self.channels) for _ in self.channels]
        for name, number in place.items():
            rows[number][number] = self.conversions.get(name, 0) + self.nulls.get(name, 0)
        for (one, other), count in self.steps.items():
            rows[place[one]][place[one]] += count
            rows[place[one]][place[other]] -= count
        return rows


@dataclass(frozen=True, slots=True)
class Removal:
    """`probability` of converting, and the removal effect of each channel."""

    probability: Fraction
    effects: Mapping[str, Fraction]

    def credits(self, total: int | Fraction) -> dict[str, Fraction]:
        """`total` shared in proportion to the effects; {} when nothing ever converted."""
        whole = sum(self.effects.values(), Fraction(0))
        if not whole:
            return {}
        return {name: total * effect / whole for name, effect in self.effects.items()}


def removal(chain: Chain, *, exact_up_to: int = EXACT_UP_TO) -> Removal:
    if not chain.channels or not any(chain.conversions.values()):
        return Removal(Fraction(0), dict.fromkeys(chain.channels, Fraction(0)))
    if len(chain.channels) <= exact_up_to:
        inverse, scale = _whole_inverse(chain.balance())
    else:
        inverse, scale = _decimal_inverse(chain.balance())
    return _effects(chain, inverse, scale)


def _effects(chain: Chain, inverse: Matrix, scale: int) -> Removal:
    """`inverse` is `scale` times the inverse of the balance; both are whole numbers."""
    starts = [chain.starts.get(name, 0) for name in chain.channels]
    converting = [chain.conversions.get(name, 0) for name in chain.channels]
    journeys = sum(starts)
    reach = [sum(part * count for part, count in zip(row, converting, strict=True)) for row in inverse]
    visits = [0] * len(starts)
    for count, row in zip(starts, inverse, strict=True):
        if count:
            visits = [found + count * part for found, part in zip(visits, row, strict=True)]
    won = sum(count * part for count, part in zip(starts, reach, strict=True))
    effects = {
        name: Fraction(visits[number] * reach[number], inverse[number][number] * won) if won else Fraction(0)
        for number, name in enumerate(chain.channels)
    }
    return Removal(Fraction(won, journeys * scale), effects)


def _whole_inverse(rows: Matrix) -> tuple[Matrix, int]:
    """Fraction-free Gauss-Jordan, in place: the adjugate and the determinant. Every division is exact."""
    n, before = len(rows), 1
    for pivot in range(n):
        top = rows[pivot]
        head = top[pivot]
        for number, row in enumerate(rows):
            if number == pivot:
                continue
            factor = row[pivot]
            new = [(head * own - factor * other) // before for own, other in zip(row, top, strict=True)]
            new[pivot] = -factor
            rows[number] = new
        top[pivot] = before
        before = head
    return rows, before


def _decimal_inverse(rows: Matrix) -> tuple[Matrix, int]:
    with localcontext(prec=DIGITS):
        # Scaled by the largest count, so that no part of the inverse is below one.
        largest = max(row[number] for number, row in enumerate(rows))
        found = [[Decimal(count) / largest for count in row] for row in rows]
        for pivot in range(len(found)):
            top = found[pivot]
            head = 1 / top[pivot]
            top = [part * head for part in top]
            top[pivot] = head
            found[pivot] = top
            for number, row in enumerate(found):
                factor = row[pivot]
                if number == pivot or not factor:
                    continue
                new = [own - factor * other for own, other in zip(row, top, strict=True)]
                new[pivot] = -factor * head
                found[number] = new
        scale = 10**DIGITS
        return [[int(part * scale) for part in row] for row in found], largest * scale
