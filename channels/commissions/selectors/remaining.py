"""What refunds and cancellations have left of an order's lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from channels.contracts import OrderEventKind
from channels.core.money import divide_half_up
from channels.journeys.models import OrderEvent, OrderLine

TAKES_BACK = (OrderEventKind.REFUNDED, OrderEventKind.CANCELLED)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of one line. `cost_minor` follows the units: money given back without goods keeps the cost."""

    quantity: int
    net_minor: int
    cost_minor: int | None


def remaining(lines: Iterable[OrderLine], events: Iterable[OrderEvent]) -> dict[str, Remaining]:
    """Return what is left of each line, by line key; the order of the events does not matter."""
    quantities: dict[str, int] = {}
    nets: dict[str, int] = {}
    for event in events:
        if event.kind in TAKES_BACK:
            for part in event.lines:
                key = part["line_key"]
                quantities[key] = quantities.get(key, 0) + part["quantity"]
                nets[key] = nets.get(key, 0) + part["net_minor"]
    return {
        line.key: _left(line, line.quantity - quantities.get(line.key, 0), line.net_minor - nets.get(line.key, 0))
        for line in lines
    }


def _left(line: OrderLine, quantity: int, net_minor: int) -> Remaining:
    cost = None if line.cost_minor is None else divide_half_up(line.cost_minor * quantity, max(line.quantity, 1))
    return Remaining(quantity, net_minor, cost)
