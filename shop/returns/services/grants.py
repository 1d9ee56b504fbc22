"""Granting is not paying: the credit note, the commission, the credit, and the wish that finance pays, in one go."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shop.returns.errors import ReturnRefused
from shop.returns.models import ReturnLine, ReturnRequest
from shop.returns.services import settling, steps, take_backs
from shop.returns.services.steps import State, Step

Outcome = ReturnLine.Outcome


@transaction.atomic
def grant(*, request_id: int, at: datetime, by: Any) -> ReturnRequest:
    """Take back what is to be refunded; the money waits for finance. Raises ReturnRefused, NotNow.

    More than is left of the order, since staff took some of it back otherwise, is refused whole.
    """
    request = steps.lock(request_id, Step.GRANT)
    lines = request.lines.filter(outcome=Outcome.REFUND, accepted__gt=0)
    if request.take_back_id or not lines:
        raise ReturnRefused(_("Nothing of this return is to be refunded."))
    try:
        request.take_back = take_backs.take_back(
            order_id=request.order_id, quantities={line.line_id: line.accepted or 0 for line in lines},
            key=f"return:{request.reference}", reason=_("Return %s") % request.reference, at=at, by=by,
            settles_stock=False,
        )  # fmt: skip
    except take_backs.TakeBackError as refusal:
        raise ReturnRefused(str(refusal)) from refusal
    return steps.move(request, Step.GRANT, next_state(request), at=at, by=by)


def next_state(request: ReturnRequest) -> State:
    """Return where an inspected return stands, by what was granted and replaced so far."""
    outcomes = set(request.lines.filter(accepted__gt=0).values_list("outcome", flat=True))
    if Outcome.REPLACE in outcomes and not request.replaced_at:
        return State.INSPECTED
    if Outcome.REFUND not in outcomes:
        return State.REPLACED
    if request.take_back is None:
        return State.INSPECTED
    return State.REFUNDED if settling.is_settled(request.take_back) else State.GRANTED
