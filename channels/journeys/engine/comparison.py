"""All models side by side: what each gives each channel, and where the policy's model stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from statistics import median

# The policy's model stands alone at a channel when it is beyond every other model, and by this much
# of the whole from the middle of them.
NOTICEABLE = Fraction(1, 50)


class Side(StrEnum):
    HIGHEST = "highest"
    LOWEST = "lowest"


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """`credits` in the order of the comparison's models; `middle` is the median of the models other than the policy's."""

    channel: str
    credits: tuple[Fraction, ...]
    chosen: Fraction
    middle: Fraction
    outlier: Side | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`moved` is the part of the whole that the policy's model gives to others than the middle of the other models does."""

    models: tuple[str, ...]
    chosen: str
    whole: Fraction
    rows: tuple[ChannelRow, ...]
    moved: Fraction

    @property
    def outliers(self) -> list[ChannelRow]:
        return sorted((row for row in self.rows if row.outlier), key=lambda row: -abs(row.chosen - row.middle))

    @property
    def largest(self) -> Fraction:
        return max((credit for row in self.rows for credit in row.credits), default=Fraction(0))


def compare(credits: Mapping[str, Mapping[str, Fraction]], *, chosen: str, channels: Sequence[str]) -> Comparison:
    """`credits` by model and channel; a model that credited nobody is left out. The largest channels come first."""
    shown = {model: found for model, found in credits.items() if found}
    whole = max((sum(found.values(), Fraction(0)) for found in shown.values()), default=Fraction(0))
    rows = [_row(channel, shown, chosen, whole) for channel in channels]
    moved = sum((abs(row.chosen - row.middle) for row in rows), Fraction(0)) / 2
    ordered = sorted(rows, key=lambda row: (-row.chosen, -max(row.credits, default=Fraction(0)), row.channel))
    return Comparison(tuple(shown), chosen, whole, tuple(ordered), moved / whole if whole else Fraction(0))


def _row(channel: str, shown: Mapping[str, Mapping[str, Fraction]], chosen: str, whole: Fraction) -> ChannelRow:
    credits = {model: found.get(channel, Fraction(0)) for model, found in shown.items()}
    own = credits.get(chosen)
    others = [credit for model, credit in credits.items() if model != chosen]
    middle = Fraction(median(others)) if others else own or Fraction(0)
    outlier = None
    if own is not None and others and abs(own - middle) >= NOTICEABLE * whole:
        if own > max(others):
            outlier = Side.HIGHEST
        elif own < min(others):
            outlier = Side.LOWEST
    return ChannelRow(channel, tuple(credits.values()), middle if own is None else own, middle, outlier)
