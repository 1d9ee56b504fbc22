"""What selling costs, per channel and stage: touches, commission, payment fees and support.

Each cost is counted once and belongs to one order, or to no order yet; nothing is multiplied by being joined.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from channels.core.money import share_of

ACQUIRE, GROW, RETAIN = "acquire", "grow", "retain"
STAGES = (ACQUIRE, GROW, RETAIN)
NO_ORDER = "none"  # the channel of a touch that no order followed
PAYMENT, SUPPORT = "payment", "support"


@dataclass(frozen=True, slots=True)
class OrderFact:
    id: int
    company: int
    channel: str
    cycle: int
    currency: str
    net_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TouchFact:
    at: datetime
    company: int | None
    kind: str
    medium: str
    cost_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CommissionFact:
    """Commission booked for an order in the period, of all partners and types."""

    order: int
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RateFact:
    id: int
    kind: str
    channel: str  # empty: every channel
    rate_bp: int
    flat_minor: int
    currency: str
    valid_from: datetime
    valid_to: datetime | None

    def covers(self, order: OrderFact) -> bool:
        if self.currency != order.currency or self.channel not in ("", order.channel):
            return False
        return self.valid_from <= order.at and (self.valid_to is None or order.at < self.valid_to)


@dataclass(slots=True)
class Cell:
    """One channel and stage in one currency."""

    orders: int = 0
    net_minor: int = 0
    touches_minor: int = 0
    commission_minor: int = 0
    payment_minor: int = 0
    support_minor: int = 0

    @property
    def cost_minor(self) -> int:
        return self.touches_minor + self.commission_minor + self.payment_minor + self.support_minor


@dataclass(slots=True)
class TouchCell:
    number: int = 0
    cost_minor: int = 0


@dataclass(slots=True)
class Report:
    """`cells` by (channel, stage, currency), `touches` by (kind, medium, channel, stage, currency)."""

    cells: dict[tuple[str, str, str], Cell] = field(default_factory=dict)
    touches: dict[tuple[str, str, str, str, str], TouchCell] = field(default_factory=dict)


def stages_of(orders: Iterable[OrderFact]) -> dict[int, str]:
    """Return each order's stage: a renewal retains, a company's first order acquires, any other grows.

    `orders` are by time, and hold the first one of each company.
    """
    seen: set[int] = set()
    stages = {}
    for order in orders:
        stages[order.id] = RETAIN if order.cycle else (GROW if order.company in seen else ACQUIRE)
        seen.add(order.company)
    return stages


def cost_of_selling(
    orders: Sequence[OrderFact],
    touches: Iterable[TouchFact],
    commissions: Iterable[CommissionFact],
    rates: Sequence[RateFact],
    *,
    start: datetime,
    end: datetime,
) -> Report:
    """Return the costs of [start, end). `orders` are by time; the rest is of the period.

    Of the orders it takes those of the period, those that commission was booked for, and of each company with one of
    these or with a touch the first order there is and the next one after the period. More make no difference.
    """
    stages, report = stages_of(orders), Report()
    by_id = {order.id: order for order in orders}
    by_company: dict[int, list[OrderFact]] = {}
    for order in orders:
        by_company.setdefault(order.company, []).append(order)
        if start <= order.at < end:
            cell = _cell(report, order.channel, stages[order.id], order.currency)
            cell.orders += 1
            cell.net_minor += order.net_minor
            cell.payment_minor += _fee(PAYMENT, order, rates)
            cell.support_minor += _fee(SUPPORT, order, rates)
    for commission in commissions:
        order = by_id[commission.order]
        cell = _cell(report, order.channel, stages[order.id], commission.currency)
        cell.commission_minor += commission.amount_minor
    for touch in touches:
        channel, stage = _place_of(touch, by_company, stages)
        _cell(report, channel, stage, touch.currency).touches_minor += touch.cost_minor
        key = (touch.kind, touch.medium, channel, stage, touch.currency)
        found = report.touches.setdefault(key, TouchCell())
        found.number += 1
        found.cost_minor += touch.cost_minor
    return report


def _place_of(touch: TouchFact, by_company: dict[int, list[OrderFact]], stages: dict[int, str]) -> tuple[str, str]:
    """A touch belongs to the next order of its company; without one, to what it can still lead to."""
    orders = by_company.get(touch.company, []) if touch.company is not None else []
    place = bisect_left(orders, touch.at, key=lambda order: order.at)
    if place < len(orders):
        return orders[place].channel, stages[orders[place].id]
    return NO_ORDER, GROW if orders else ACQUIRE


def _fee(kind: str, order: OrderFact, rates: Sequence[RateFact]) -> int:
    found = [rate for rate in rates if rate.kind == kind and rate.covers(order)]
    if not found:
        return 0
    rate = max(found, key=lambda rate: (bool(rate.channel), rate.valid_from, rate.id))
    return share_of(order.net_minor, rate.rate_bp) + rate.flat_minor


def _cell(report: Report, channel: str, stage: str, currency: str) -> Cell:
    return report.cells.setdefault((channel, stage, currency), Cell())
