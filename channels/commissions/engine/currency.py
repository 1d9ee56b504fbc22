"""Amounts in another currency, by stored rates: exact fractions until the one rounding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from channels.core.money import currency_exponent, divide_half_up


@dataclass(frozen=True, slots=True)
class Rate:
    """One `base` is worth `ratio` of `quote`, in whole units. `id` names the stored row."""

    base: str
    quote: str
    ratio: Fraction
    id: int = 0


@dataclass(frozen=True, slots=True)
class Quotation:
    """What one `source` is worth in `target`, and the rows it follows from: one, or two by way of a third currency."""

    source: str
    target: str
    ratio: Fraction
    rate_ids: tuple[int, ...] = ()

    def convert(self, amount_minor: int) -> int:
        """Return minor units of the target for minor units of the source, half-up."""
        numerator = amount_minor * self.ratio.numerator * 10 ** currency_exponent(self.target)
        return divide_half_up(numerator, self.ratio.denominator * 10 ** currency_exponent(self.source))


def quotation(source: str, target: str, rates: Iterable[Rate]) -> Quotation | None:
    """Return the direct rate, else its inverse, else the way over one third currency; None when there is none.

    Several ways over a third currency may differ by a little: the first of them in the alphabet counts.
    """
    if source == target:
        return Quotation(source, target, Fraction(1))
    known = {(rate.base, rate.quote): rate for rate in rates}
    direct = _step(source, target, known)
    if direct:
        return Quotation(source, target, *direct)
    for middle in sorted({code for pair in known for code in pair}):
        first, second = _step(source, middle, known), _step(middle, target, known)
        if first and second:
            return Quotation(source, target, first[0] * second[0], first[1] + second[1])
    return None


def _step(source: str, target: str, known: Mapping[tuple[str, str], Rate]) -> tuple[Fraction, tuple[int, ...]] | None:
    if direct := known.get((source, target)):
        return direct.ratio, (direct.id,)
    if inverse := known.get((target, source)):
        return 1 / inverse.ratio, (inverse.id,)
    return None
