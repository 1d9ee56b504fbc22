"""The one way in which a return moves: under its order's lock, with an event that stays."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from shop.forks.order.models import Order
from shop.returns.errors import NotNow
from shop.returns.models import ReturnEvent, ReturnRequest
from shop.returns.services import letters

State = ReturnRequest.State


class Step(StrEnum):
    """What somebody does about a return."""

    ASK = "ask"
    CANCEL = "cancel"
    APPROVE = "approve"
    REJECT = "reject"
    RECEIVE = "receive"
    INSPECT = "inspect"
    GRANT = "grant"
    REPLACE = "replace"
    REFUND_INSTEAD = "refund_instead"
    SETTLE = "settle"
    BOUNCE = "bounce"


# From which states a step may be taken.
STEPS: dict[Step, frozenset[State]] = {
    Step.CANCEL: frozenset({State.REQUESTED, State.APPROVED}),
    Step.APPROVE: frozenset({State.REQUESTED}),
    Step.REJECT: frozenset({State.REQUESTED, State.APPROVED, State.RECEIVED}),
    Step.RECEIVE: frozenset({State.APPROVED}),
    Step.INSPECT: frozenset({State.RECEIVED}),
    Step.GRANT: frozenset({State.INSPECTED}),
    Step.REPLACE: frozenset({State.INSPECTED}),
    Step.REFUND_INSTEAD: frozenset({State.INSPECTED}),
    Step.SETTLE: frozenset({State.GRANTED}),
    Step.BOUNCE: frozenset({State.REFUNDED}),
}


def may_take(step: Step, request: ReturnRequest) -> bool:
    return State(request.state) in STEPS[step]


def lock(request_id: int, step: Step) -> ReturnRequest:
    """Return the return under the locks of its order and its own. Raises NotNow where the step may not be taken."""
    order_id = ReturnRequest.objects.values_list("order_id", flat=True).get(pk=request_id)
    order = Order.objects.select_for_update().get(pk=order_id)
    rows = ReturnRequest.objects.select_for_update(of=("self",)).select_related("company", "requested_by")
    request = rows.get(pk=request_id)
    if not may_take(step, request):
        raise NotNow(request.reference)
    request.order = order
    return request


def move(
    request: ReturnRequest, step: Step, to: State, *, at: datetime, by: Any = None, text: str = "", **data: Any
) -> ReturnRequest:
    """Write the step down and tell whom it concerns after the commit. The return is locked, and the step allowed."""
    is_news = request.state != to or step == Step.ASK
    request.state, request.changed_at = to, at
    request.save(update_fields=["state", "changed_at", "take_back", "replaced_at"])
    ReturnEvent.objects.create(request=request, step=step, to_state=to, at=at, by=by, text=text, data=data)
    if is_news and step != Step.BOUNCE:
        letters.tell(request, text=text)
    return request
