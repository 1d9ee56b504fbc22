"""A naive reckoning of what everybody must have: whole orders in plain lists, every amount anew from what is left.

It knows nothing of runs, deltas, postings or accruals. What it remembers is what a bookkeeper would: when a hold ends,
which months are closed, what is objected to, and what was paid.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HOLD, RETURN_WINDOW = timedelta(days=14), timedelta(days=30)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder, ties to the earlier one."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def half_up(dividend: int, divisor: int) -> int:
    return (dividend * 2 + divisor) // (divisor * 2)


@dataclass(eq=False)
class Part:
    """What one partner earns on one sale: for its share, or because an objection was upheld (`added`)."""

    partner: str
    added: int = 0
    held_until: datetime | None = None
    is_held: bool = True
    is_gone: bool = False  # paid, or on its way
    is_known: bool = False  # it came to something once
    released: list[datetime] = field(default_factory=list)


@dataclass(eq=False)
class Sale:
    """An order of one line. `bands` are what was sold at which rate: (net, basis points)."""

    number: str
    placed_at: datetime
    bands: list[tuple[int, int]]
    shares: dict[str, int]
    contract: str = ""
    months: int = 1
    left: int = 0
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.net
        self.parts = [Part(name) for name, share in self.shares.items() if share]

    @property
    def net(self) -> int:
        return sum(net for net, _rate in self.bands)

    @property
    def is_held(self) -> bool:
        return any(part.is_held for part in self.parts)

    def earned(self, part: Part) -> int:
        if self.paid_at is None:
            return 0
        if part.added:
            return half_up(part.added * self.left, self.net)
        credited = [name for name, share in self.shares.items() if share]
        place = credited.index(part.partner)
        total = 0
        for base, (_net, rate) in zip(split(self.left, [net for net, _ in self.bands]), self.bands, strict=True):
            total += half_up(split(base, [self.shares[name] for name in credited])[place] * rate, 10_000)
        return total

    def taken_back(self) -> None:
        """Paid once more, it is earned anew: with a hold of its own, whatever became of the first."""
        self.paid_at = None
        for part in self.parts:
            part.held_until, part.is_held, part.is_gone, part.released = None, True, False, []

    def held_until(self) -> datetime | None:
        if self.paid_at is None:
            return None
        delivered = self.delivered_at or self.paid_at
        return max(self.paid_at + HOLD, delivered + RETURN_WINDOW)


@dataclass(eq=False)
class Objection:
    """A dispute of a sale by a partner; what it concerns is frozen until it is closed."""

    dispute_id: int
    sale: Sale
    by: str
    reaches_others: bool
    is_taken_up: bool = False
    is_open: bool = True

    def concerns(self, sale: Sale, part: Part) -> bool:
        return sale is self.sale and (self.reaches_others or part.partner == self.by)


@dataclass
class Reckoning:
    """All sales and objections, and what was paid out so far."""

    sales: list[Sale] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    closed_until: datetime | None = None
    paid_out: int = 0

    def earned(self, partner: str) -> int:
        return sum(sale.earned(part) for sale, part in self.parts() if part.partner == partner)

    def held(self, partner: str) -> int:
        return sum(sale.earned(part) for sale, part in self.parts() if part.partner == partner and part.is_held)

    def parts(self) -> Iterable[tuple[Sale, Part]]:
        return ((sale, part) for sale in self.sales for part in sale.parts)

    def bands(self, net: int, months: int, contract: str, rates: dict[str, int]) -> list[tuple[int, int]]:
        """A plan that costs more than the term before, for as long, is a renewal and an expansion."""
        before = next((sale for sale in reversed(self.sales) if sale.contract == contract), None)
        kept = net if before is None else min(net, half_up(before.net * months, before.months))
        return [(kept, rates["RENEWAL"])] + ([(net - kept, rates["EXPANSION"])] if kept < net else [])

    def rated(self, sale: Sale) -> None:
        """A payment starts the hold, and a delivery moves the end of what is still held."""
        until = sale.held_until()
        for part in sale.parts:
            part.is_known |= sale.earned(part) > 0
            if part.is_held and until:
                part.held_until = max(part.held_until or until, until)

    def time_passed(self, now: datetime) -> None:
        """Release what is due and not frozen, and close the months that are over."""
        for sale, part in self.parts():
            if part.is_held and part.held_until and part.held_until <= now and not self.is_frozen(sale, part):
                part.is_held = False
                part.released.append(max(part.held_until, self.closed_until or part.held_until))
        self.closed_until = datetime(now.year, now.month, 1, tzinfo=UTC)

    def is_frozen(self, sale: Sale, part: Part) -> bool:
        return any(row.is_open and row.concerns(sale, part) for row in self.objections)

    def objected(self, objection: Objection) -> None:
        """What was released and not paid is held again."""
        if objection not in self.objections:
            self.objections.append(objection)
        for sale, part in self.parts():
            if objection.concerns(sale, part) and not part.is_gone:
                part.is_held = True

    def closed(self, objection: Objection, now: datetime) -> None:
        objection.is_open = False
        for sale, part in self.parts():
            concerned = objection.concerns(sale, part) and not self.is_frozen(sale, part)
            if concerned and part.is_held and part.held_until:
                part.held_until = max(part.held_until, now)

    def settled(self, partner: str, since: datetime | None, until: datetime) -> list[Part]:
        """Return what a payout takes along: all that was released in the months it pays for and is not on hold again."""
        taken = [
            part
            for _sale, part in self.parts()
            if part.partner == partner and not part.is_held and not part.is_gone
            if any((since is None or since <= at) and at < until for at in part.released)
        ]
        for part in taken:
            part.is_gone = True
        return taken
