"""What happened to a placed order: kept as an event that owes a rating."""

from datetime import datetime
from typing import Any

from celery import signature
from django.db import transaction

from channels.commissions.models import RatingRun
from channels.commissions.selectors.remaining import TAKES_BACK, Remaining, remaining
from channels.commissions.services import locks
from channels.contracts import OrderEventFacts, ReversedLine
from channels.journeys.models import OrderEvent, OrderRecord


class UnknownOrder(LookupError):
    """No order with this number was recorded."""


class InvalidReversal(ValueError):
    """A refund or cancellation names a line that is not there, or takes back more than is left of it."""


@transaction.atomic
def record_order_event(facts: OrderEventFacts) -> None:
    """Keep an event and owe the order a rating, all in the caller's transaction. The same key again changes nothing.

    A refund or cancellation without lines takes back everything that is left. After the commit a task rates the order;
    when the task is lost, the pending run is found by `heal`. Raises UnknownOrder or InvalidReversal.
    """
    if OrderEvent.objects.filter(key=facts.key).exists():
        return
    order = OrderRecord.objects.filter(number=facts.order_number).first()
    if order is None:
        raise UnknownOrder(f"order {facts.order_number} was never recorded")
    locks.lock_orders([order.pk])
    if OrderEvent.objects.filter(key=facts.key).exists():
        return  # a twin was faster
    event = OrderEvent.objects.create(
        key=facts.key,
        order=order,
        kind=facts.kind.value,
        at=facts.at,
        lines=_reversed_lines(order, facts),
        reason=facts.reason[:255],
    )
    run = RatingRun.objects.create(order=order, event=event, cause=event.key, created_at=facts.at)
    transaction.on_commit(lambda: send_rating(run.pk), robust=True)


def owe_rating(*, order_id: int, cause: str, reason: str, at: datetime) -> None:
    """Make the order's commission follow a decision after the commit; the same cause again changes nothing."""
    owed, is_new = RatingRun.objects.get_or_create(
        order_id=order_id, cause=cause, defaults={"created_at": at, "reason": reason[:300]}
    )
    if is_new:
        transaction.on_commit(lambda: send_rating(owed.pk), robust=True)


def send_rating(run_id: int) -> None:
    """Hand a run to the task, by name: tasks import services, never the other way round."""
    signature("channels.commissions.tasks.rate_order").delay(run_id)


def _reversed_lines(order: OrderRecord, facts: OrderEventFacts) -> list[dict[str, Any]]:
    if facts.kind not in TAKES_BACK:
        if facts.lines:
            raise InvalidReversal(f"{facts.key}: only refunds and cancellations take lines back")
        return []
    left = remaining(order.lines.all(), order.events.all())
    lines = facts.lines or _everything(left)
    if not lines:
        raise InvalidReversal(f"{facts.key}: nothing is left of order {order.number} to take back")
    for line in lines:
        left[line.line_key] = _after(facts.key, line, left.get(line.line_key))
    return [{"line_key": line.line_key, "quantity": line.quantity, "net_minor": line.net_minor} for line in lines]


def _everything(left: dict[str, Remaining]) -> tuple[ReversedLine, ...]:
    return tuple(
        ReversedLine(line_key=key, quantity=line.quantity, net_minor=line.net_minor)
        for key, line in left.items()
        if line.quantity or line.net_minor
    )


def _after(event_key: str, line: ReversedLine, left: Remaining | None) -> Remaining:
    """Return what the line leaves; raise when it is not all there."""
    if left is None:
        raise InvalidReversal(f"{event_key}: the order has no line {line.line_key}")
    if line.quantity < 0 or line.net_minor < 0 or not (line.quantity or line.net_minor):
        raise InvalidReversal(f"{event_key}: {line.line_key} takes back nothing, or less than nothing")
    if line.quantity > left.quantity or line.net_minor > left.net_minor:
        raise InvalidReversal(
            f"{event_key}: {line.line_key} takes back {line.quantity} units and {line.net_minor}, "
            f"but {left.quantity} units and {left.net_minor} are left"
        )
    return Remaining(left.quantity - line.quantity, left.net_minor - line.net_minor, None)
