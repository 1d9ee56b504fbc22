"""Credit added up over many journeys without rounding, and its last split into printed digits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm

from channels.core.allocation import allocate


class Tally:
    """Numerators by denominator: journeys of one length share it, so adding is whole-number addition."""

    def __init__(self) -> None:
        self._parts: dict[int, defaultdict[str, int]] = {}

    def add(self, counts: Mapping[str, int], share: Fraction) -> None:
        if share:
            numerator = share.numerator
            part = self.part(share.denominator)
            for name, count in counts.items():
                part[name] += numerator * count

    def part(self, denominator: int) -> defaultdict[str, int]:
        """The numerators to add to by hand."""
        return self._parts.setdefault(denominator, defaultdict(int))

    def extend(self, other: Tally) -> None:
        for denominator, part in other._parts.items():
            mine = self.part(denominator)
            for name, numerator in part.items():
                mine[name] += numerator

    def credits(self) -> dict[str, Fraction]:
        scale = lcm(*self._parts)
        sums: defaultdict[str, int] = defaultdict(int)
        for denominator, part in self._parts.items():
            factor = scale // denominator
            for name, numerator in part.items():
                sums[name] += numerator * factor
        return {name: Fraction(number, scale) for name, number in sums.items() if number}


def printed(credits: Mapping[str, Fraction], *, names: Iterable[str], decimals: int) -> dict[str, Decimal]:
    """Split to `decimals` places by largest remainder, in the order of the names: the parts sum to the whole exactly.

    When the whole itself has more places (a value to the tenth of a cent), it gets them.
    """
    ordered = sorted({*names, *credits})
    whole = sum(credits.values(), Fraction(0))
    places = max(decimals, _places(whole))
    scale = lcm(*(credit.denominator for credit in credits.values()))
    weights = [int(credits.get(name, Fraction(0)) * scale) for name in ordered]
    parts = allocate(int(whole * 10**places), weights)
    return {name: plain(part, places) for name, part in zip(ordered, parts, strict=True)}


def plain(units: int, places: int) -> Decimal:
    """`units` / 10^places without trailing zeros and without an exponent."""
    while places and not units % 10:
        units, places = units // 10, places - 1
    return Decimal((0 if units >= 0 else 1, tuple(map(int, str(abs(units)))), -places))


def _places(whole: Fraction) -> int:
    """How many decimals write it exactly; 0 when none do, as for a third."""
    for places in range(40):
        if 10**places % whole.denominator == 0:
            return places
    return 0
