"""Whether an order is paid: what its events say of it, in the order in which they were recorded."""

from collections.abc import Iterable
from datetime import datetime

from channels.contracts import OrderEventKind
from channels.journeys.models import OrderEvent

DECIDES = (OrderEventKind.PAID, OrderEventKind.UNPAID)


def paid_since(events: Iterable[OrderEvent]) -> datetime | None:
    """Return when the order was paid; None before, and again once the payer's bank took the money back."""
    since: datetime | None = None
    for event in sorted(events, key=lambda event: event.pk):
        if event.kind == OrderEventKind.PAID:
            since = min(since, event.at) if since else event.at
        elif event.kind == OrderEventKind.UNPAID:
            since = None
    return since
