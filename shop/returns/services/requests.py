"""What a customer asks for, and whether we want the goods back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.buying.services import numbers
from shop.forks.order.models import Order
from shop.registration.documents import Document
from shop.returns import eligibility
from shop.returns.errors import ReturnRefused
from shop.returns.models import ReturnDocument, ReturnLine, ReturnRequest
from shop.returns.services import steps
from shop.returns.services.steps import State, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Units of an order's line that somebody wants to send back."""

    line_id: int
    quantity: int
    reason: str  # ReturnLine.Reason
    wish: str  # one of ReturnLine.WISHES
    text: str = ""
    documents: Sequence[Document] = field(default=())


@transaction.atomic
def ask(*, order_id: int, key: UUID, lines: Sequence[Wanted], at: datetime, by: Any) -> ReturnRequest:
    """Ask to send units back. The same `key` again returns the first request and changes nothing.

    Raises ReturnRefused for nothing, and for more of a line than may come back on that day.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if existing := ReturnRequest.objects.filter(key=key, order=order).first():
        return existing
    _require_allowed(order, lines, at)
    request = ReturnRequest.objects.create(
        key=key,
        reference=f"R-{numbers.public_reference()}",
        order=order,
        company=order.purchase.company,
        requested_by=by,
        requested_at=at,
        changed_at=at,
    )
    for wanted in lines:
        _keep(request, wanted, at)
    return steps.move(request, Step.ASK, State.REQUESTED, at=at, by=by)


@transaction.atomic
def cancel(*, request_id: int, at: datetime, by: Any) -> ReturnRequest:
    """Take the request back, by the customer, before the goods are here. Raises NotNow."""
    return steps.move(steps.lock(request_id, Step.CANCEL), Step.CANCEL, State.CANCELLED, at=at, by=by)


@transaction.atomic
def approve(*, request_id: int, at: datetime, by: Any, text: str = "") -> ReturnRequest:
    """Let the goods come; the customer gets the slip that goes with them. Raises NotNow."""
    return steps.move(steps.lock(request_id, Step.APPROVE), Step.APPROVE, State.APPROVED, at=at, by=by, text=text)


@transaction.atomic
def reject(*, request_id: int, at: datetime, by: Any, text: str) -> ReturnRequest:
    """Refuse, with the reason that the customer reads. Raises NotNow."""
    return steps.move(steps.lock(request_id, Step.REJECT), Step.REJECT, State.REJECTED, at=at, by=by, text=text)


def _require_allowed(order: Order, lines: Sequence[Wanted], at: datetime) -> None:
    if not lines or len({wanted.line_id for wanted in lines}) != len(lines):
        raise ReturnRefused(_("Choose at least one unit to return."))
    found = {verdict.line.pk: verdict for verdict in eligibility.verdicts(order, on=timezone.localdate(at))}
    for wanted in lines:
        verdict = found.get(wanted.line_id)
        if verdict is None or wanted.quantity < 1:
            raise ReturnRefused(_("Choose among the lines of this order."))
        if wanted.quantity > verdict.units:
            why = verdict.why_not or _("Only %d may come back.") % verdict.units
            raise ReturnRefused(f"“{verdict.line.title}”: {why}")


def _keep(request: ReturnRequest, wanted: Wanted, at: datetime) -> None:
    line = ReturnLine.objects.create(
        request=request,
        line_id=wanted.line_id,
        quantity=wanted.quantity,
        reason=wanted.reason,
        text=wanted.text,
        wish=wanted.wish,
    )
    ReturnDocument.objects.bulk_create(
        ReturnDocument(
            line=line,
            content=document.content,
            media_type=document.media_type,
            size=len(document.content),
            uploaded_at=at,
        )
        for document in wanted.documents
    )
