"""The weight of age: 2^(-age / half-life), in whole numbers that are the same on every machine.

Between whole half-lives the power is irrational; 60 decimal digits stand in for it. An age is cut into hours,
minutes, seconds, milliseconds and microseconds, each looked up in a table that fills as it is used: a million touches
cost a few multiplications each, and no power is computed twice.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

BITS = 192
_DIGITS = 60
_DAY = 86_400_000_000
_PLACES = (3_600_000_000, 60_000_000, 1_000_000, 1_000)


class _Powers(dict[int, int]):
    """2^(-number / per half-life), scaled by 2^BITS."""

    def __init__(self, per_half_life: Fraction) -> None:
        super().__init__()
        self._per_half_life = per_half_life

    def __missing__(self, number: int) -> int:
        with localcontext(prec=_DIGITS):
            exponent = Decimal(number * self._per_half_life.denominator) / Decimal(self._per_half_life.numerator)
            self[number] = power = int(Decimal(2) ** -exponent * (1 << BITS))
        return power


class HalfLife:
    def __init__(self, days: Fraction) -> None:
        if days <= 0:
            raise ValueError("a half-life must be positive")
        self._micros = days * _DAY
        self._tables = [(place, _Powers(self._micros / place)) for place in (*_PLACES, 1)]

    def weight(self, age_micros: int) -> tuple[int, int]:
        """Return (m, n) for m / 2^(BITS + n); m is exactly 2^BITS at every whole number of half-lives."""
        numerator, denominator = self._micros.numerator, self._micros.denominator
        halvings, rest = divmod(age_micros * denominator, numerator)
        if denominator != 1:
            rest //= denominator  # less than a microsecond is lost, of a half-life with odd fractions only
        power = 1 << BITS
        for place, table in self._tables:
            number, rest = divmod(rest, place)
            if number:
                power = power * table[number] >> BITS
            if not rest:
                break
        return power, halvings

    def exact(self, age_micros: int) -> Fraction:
        power, halvings = self.weight(age_micros)
        return Fraction(power, 1 << (BITS + halvings))

    def scaled(self, age_micros: int) -> int:
        """The weight as one whole number; 0 when older than BITS half-lives, which is 10^-58 of a fresh one."""
        power, halvings = self.weight(age_micros)
        return power >> halvings


@lru_cache(maxsize=16)
def half_life(days: Fraction) -> HalfLife:
    return HalfLife(days)
