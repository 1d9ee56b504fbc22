"""Which of the prices that apply to a product holds for a quantity, and where it changes.

`docs/algorithms/prices.md` works through examples, which a test runs.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from channels.contracts import from_minor, to_minor

WHOLE = 10_000


class Origin(StrEnum):
    """Where a price comes from, in the order in which the first hit is looked for."""

    QUOTE = "quote"
    CONTRACT = "contract"
    COMPANY_LIST = "company_list"
    GROUP_LIST = "group_list"
    CHANNEL_LIST = "channel_list"
    STOCK_RECORD = "stock_record"


class Rule(StrEnum):
    """How one of several prices is chosen."""

    FIRST_HIT = "first_hit"
    MINIMUM = "minimum"


class Tier(NamedTuple):
    """The net price of a unit for `first` to `last` units (None: any more), and the half-open days of its validity.

    An adjusted price keeps its `base` in the parent list.
    """

    amount: Decimal
    first: int = 1
    last: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    base: Decimal | None = None

    def holds(self, quantity: int) -> bool:
        return self.first <= quantity and (self.last is None or quantity <= self.last)


class Prices(NamedTuple):
    """All tiers of one product in one list or contract, by rising `first`. `name` is the list's, or the reference."""

    origin: Origin
    tiers: Sequence[Tier]
    name: str = ""
    may_merge: bool = False

    def at(self, quantity: int) -> Tier | None:
        """Return the tier of the largest first quantity that holds."""
        return next((tier for tier in reversed(self.tiers) if tier.holds(quantity)), None)


class Hit(NamedTuple):
    prices: Prices
    tier: Tier


class Step(NamedTuple):
    """From so many units on, a unit costs the amount."""

    quantity: int
    amount: Decimal


def choose(candidates: Iterable[Prices], quantity: int, rule: Rule) -> Hit | None:
    """Return what holds for the quantity; None when nothing does.

    Candidates come in order of precedence, and no more of them are asked for than it takes.
    """
    hits = (Hit(prices, tier) for prices in candidates if (tier := prices.at(quantity)))
    if rule == Rule.MINIMUM:
        return min(hits, key=_amount, default=None)
    first = next(hits, None)
    if first is None or not first.prices.may_merge:
        return first
    larger = [hit for hit in hits if hit.prices.may_merge and hit.tier.first > first.tier.first]
    return min((first, *larger), key=_amount)


def _amount(hit: Hit) -> Decimal:
    return hit.tier.amount


def ladder(candidates: Sequence[Prices], rule: Rule) -> tuple[Step, ...]:
    """Return each quantity at which the price of a unit changes; it starts where there is a price at all."""
    quantities = {tier.first for prices in candidates for tier in prices.tiers}
    quantities |= {tier.last + 1 for prices in candidates for tier in prices.tiers if tier.last is not None}
    steps: list[Step] = []
    for quantity in sorted(quantities):
        hit = choose(candidates, quantity, rule)
        if hit and (not steps or steps[-1].amount != hit.tier.amount):
            steps.append(Step(quantity, hit.tier.amount))
    return tuple(steps)


def next_saving(steps: Sequence[Step], quantity: int) -> Step | None:
    """Return the nearest larger quantity at which a unit costs less than now."""
    now = next((step.amount for step in reversed(steps) if step.quantity <= quantity), None)
    return next((step for step in steps if now is not None and step.quantity > quantity and step.amount < now), None)


def adjusted(amount: Decimal, basis_points: Iterable[int], currency: str) -> Decimal:
    """Return the amount after each adjustment in turn, rounded once, half-up, to the currency's smallest unit."""
    for points in basis_points:
        amount = amount * (WHOLE + points) / WHOLE
    return from_minor(to_minor(amount, currency), currency)
