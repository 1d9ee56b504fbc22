"""Tax in cents: per line, or once per rate over the whole invoice and then shared out so that nothing is lost."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from shop.tax.engine.sales import Treatment

CENT = Decimal("0.01")
PER_LINE, PER_INVOICE = "line", "invoice"


def tax_on(amount: Decimal, rate: Decimal) -> Decimal:
    """Return the tax on a net amount, rounded half-up to cents. Called once per line, never per unit."""
    return (amount * rate).quantize(CENT, rounding=ROUND_HALF_UP)


def shares(lines: Sequence[tuple[Decimal, Treatment]], *, rounding: str) -> list[Decimal]:
    """Return the tax of each (net, treatment), in their order.

    Per invoice, the lines of one treatment are taxed as one sum; each gets its own part rounded down, and the cents
    left over go to the largest remainders, of equal ones to the first.
    """
    if rounding == PER_LINE:
        return [tax_on(net, treatment.rate) for net, treatment in lines]
    found = [Decimal(0)] * len(lines)
    together: dict[Treatment, list[int]] = defaultdict(list)
    for place, (_net, treatment) in enumerate(lines):
        together[treatment].append(place)
    for treatment, places in together.items():
        exact = [lines[place][0] * treatment.rate for place in places]
        floors = [part.quantize(CENT, rounding=ROUND_FLOOR) for part in exact]
        total = sum(exact, Decimal(0)).quantize(CENT, rounding=ROUND_HALF_UP)
        left = int((total - sum(floors, Decimal(0))) / CENT)
        by_remainder = sorted(range(len(places)), key=lambda at: floors[at] - exact[at])
        for rank, at in enumerate(by_remainder):
            found[places[at]] = floors[at] + (CENT if rank < left else 0)
    return found


def main_treatment(lines: Sequence[tuple[Decimal, Treatment]]) -> Treatment:
    """Return the treatment of the largest part of the net: delivery is taxed like it, and pages speak of it."""
    sums: dict[Treatment, Decimal] = defaultdict(Decimal)
    for net, treatment in lines:
        sums[treatment] += net
    return max(sums, key=lambda treatment: sums[treatment])


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What bears one rate, delivery included."""

    rate: Decimal
    net: Decimal
    tax: Decimal

    @property
    def percent_text(self) -> str:
        return percent_text(self.rate)


def by_rate(rows: Iterable[tuple[Decimal, Decimal, Decimal]]) -> tuple[RateTotal, ...]:
    """Add up (rate, net, tax) per rate, the highest first."""
    found: dict[Decimal, RateTotal] = {}
    for rate, net, tax in rows:
        before = found.get(rate, RateTotal(rate, Decimal(0), Decimal(0)))
        found[rate] = RateTotal(rate, before.net + net, before.tax + tax)
    return tuple(sorted(found.values(), key=lambda total: -total.rate))


def percent_text(rate: Decimal) -> str:
    """Return a share as a person writes it: 25, 12.5."""
    return f"{(rate * 100).normalize():f}"
