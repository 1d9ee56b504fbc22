"""Parts of a period: what a number of its days costs, to the cent and without losing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Period:
    """A whole interval [start, end). A shortened first period lies at the end of the whole one that it belongs to."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def left(self, on: date) -> int:
        """Return the days from `on` to the end; the day itself counts."""
        return max(0, (self.end - max(on, self.start)).days)


def part(price: Decimal, period: Period, *, since: date) -> Decimal:
    """Return what the days from `since` on cost, of the price of one unit for the whole period, half-up."""
    return (price * period.left(since) / period.days).quantize(CENT, rounding=ROUND_HALF_UP)


def difference(old: tuple[Decimal, int], new: tuple[Decimal, int], period: Period, *, on: date) -> Decimal:
    """Return what a change on a day costs for the days left: (price of a unit, units) before and after.

    Each unit is prorated by itself, so that one of ten costs a tenth. Negative: something is given back.
    """
    before, after = (part(price, period, since=on) * units for price, units in (old, new))
    return after - before


def spread(total: Decimal, units: int) -> tuple[Decimal, Decimal]:
    """Return the price of a unit with which an order reaches a total, and the cents by which it exceeds it.

    An order's units have one price in whole cents; what does not divide is rounded up and owed back as credit.
    """
    cents = -(-int(total / CENT) // units)
    price = cents * CENT
    return price, price * units - total


def fee(interval_price: Decimal, intervals: int, basis_points: int) -> Decimal:
    """Return what leaving early costs: a rate of what is left of the commitment."""
    return (interval_price * intervals * basis_points / 10_000).quantize(CENT, rounding=ROUND_HALF_UP)
