"""The goods of a return: what arrived, what it is worth, what goes back on the shelf, what is sent instead."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from shop.buying.errors import SoldOut
from shop.buying.services import stock
from shop.forks.order.models import Line
from shop.forks.partner.models import StockRecord
from shop.returns.errors import ReturnRefused
from shop.returns.models import ReturnLine, ReturnRequest
from shop.returns.services import grants, steps
from shop.returns.services.steps import State, Step

Outcome = ReturnLine.Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an inspection says of a return's line. The units that were received and not accepted are rejected."""

    condition: str  # ReturnLine.Condition
    accepted: int
    outcome: str  # ReturnLine.Outcome; "reject" with nothing accepted
    restock: int = 0  # units that are fit for sale; the others are scrapped


@transaction.atomic
def receive(*, request_id: int, quantities: Mapping[int, int], at: datetime, by: Any) -> ReturnRequest:
    """Write down how many units of each line (return line pk -> units) arrived. Raises ReturnRefused, NotNow."""
    request = steps.lock(request_id, Step.RECEIVE)
    lines = list(request.lines.select_related("line"))
    for line in lines:
        line.received = quantities.get(line.pk, 0)
        if not 0 <= line.received <= line.quantity:
            raise ReturnRefused(
                _("“%(title)s”: between 0 and %(most)d.") % {"title": line.line.title, "most": line.quantity}
            )
    if not any(line.received for line in lines):
        raise ReturnRefused(_("Nothing arrived yet. Write down at least one unit, or reject the return."))
    ReturnLine.objects.bulk_update(lines, ["received"])
    units = {str(line.pk): line.received for line in lines}
    return steps.move(request, Step.RECEIVE, State.RECEIVED, at=at, by=by, units=units)


@transaction.atomic
def inspect(
    *, request_id: int, findings: Mapping[int, Finding], at: datetime, by: Any, text: str = ""
) -> ReturnRequest:
    """Judge each received line (by pk), and put on the shelf what is fit for sale, once.

    A return of which nothing is accepted is rejected, which takes a `text` for the customer. Raises ReturnRefused, NotNow.
    """
    request = steps.lock(request_id, Step.INSPECT)
    lines = list(request.lines.select_related("line__stockrecord", "line__product"))
    for line in lines:
        _judge(line, findings.get(line.pk))
    is_rejected = not any(line.accepted for line in lines)
    if is_rejected and not text.strip():
        raise ReturnRefused(_("Say why nothing is accepted: the customer reads it."))
    ReturnLine.objects.bulk_update(lines, ["condition", "accepted", "outcome", "restocked"])
    _restock(lines)
    units = {str(line.pk): [line.outcome, line.accepted, line.restocked] for line in lines}
    to = State.REJECTED if is_rejected else State.INSPECTED
    return steps.move(request, Step.INSPECT, to, at=at, by=by, text=text, units=units)


@transaction.atomic
def replace(*, request_id: int, at: datetime, by: Any) -> ReturnRequest:
    """Take new units from the stock for what is replaced; they leave as a shipment of the same order, at no price.

    The order's line, its invoice and its commission stay as they are. Raises ReturnRefused: sold out, NotNow.
    """
    request = steps.lock(request_id, Step.REPLACE)
    lines = list(
        request.lines.filter(outcome=Outcome.REPLACE, accepted__gt=0)
        .select_related("line__product", "line__stockrecord")
        .order_by("line__stockrecord", "pk")
    )
    if not lines or request.replaced_at:
        raise ReturnRefused(_("Nothing of this return is to be replaced."))
    _allocate(lines)
    request.replaced_at = at
    to = grants.next_state(request)
    return steps.move(request, Step.REPLACE, to, at=at, by=by, units={str(row.line_id): row.accepted for row in lines})


@transaction.atomic
def refund_instead(*, request_id: int, at: datetime, by: Any) -> ReturnRequest:
    """Give money for what was to be replaced, such as goods that are sold out. Raises ReturnRefused, NotNow."""
    request = steps.lock(request_id, Step.REFUND_INSTEAD)
    if request.replaced_at or request.take_back_id:
        raise ReturnRefused(_("A part of this return is settled already. Refund the rest from the order's page."))
    if not request.lines.filter(outcome=Outcome.REPLACE).update(outcome=Outcome.REFUND):
        raise ReturnRefused(_("Nothing of this return is to be replaced."))
    return steps.move(request, Step.REFUND_INSTEAD, State.INSPECTED, at=at, by=by)


def _judge(line: ReturnLine, finding: Finding | None) -> None:
    received = line.received or 0
    if not received:
        line.accepted, line.outcome = 0, Outcome.REJECT
        return
    title = line.line.title
    if finding is None:
        raise ReturnRefused(_("“%s”: say what the inspection found.") % title)
    if not (0 <= finding.accepted <= received and 0 <= finding.restock <= received):
        raise ReturnRefused(_("“%(title)s”: between 0 and %(most)d.") % {"title": title, "most": received})
    if (finding.outcome == Outcome.REJECT) == bool(finding.accepted):
        raise ReturnRefused(_("“%s”: accept at least one unit, or reject the line and accept none.") % title)
    if finding.outcome == Outcome.REPLACE and not (line.line.product and line.line.stockrecord):
        raise ReturnRefused(_("“%s” is no longer sold. Refund it instead.") % title)
    line.condition, line.accepted = finding.condition, finding.accepted
    line.outcome, line.restocked = finding.outcome, finding.restock


def _restock(lines: list[ReturnLine]) -> None:
    """Add to the stock records in the order of their keys; goods whose stock nobody counts have no shelf."""
    units: Counter[int] = Counter()
    for line in lines:
        if line.restocked and line.line.stockrecord and line.line.can_track_allocations:
            units[line.line.stockrecord_id] += line.restocked
    for pk in sorted(units):
        StockRecord.objects.filter(pk=pk).update(num_in_stock=F("num_in_stock") + units[pk])


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line as `stock.allocate` asks for it."""

    product: Any
    product_id: int
    stockrecord_id: int
    quantity: int
    title: str


def _allocate(lines: list[ReturnLine]) -> None:
    rows = [row.line for row in lines]
    units = [
        _Unit(line.product, line.product_id, line.stockrecord_id, row.accepted or 0, line.title)
        for row, line in zip(lines, rows, strict=True)
    ]
    try:
        stock.allocate(units)
    except SoldOut as refusal:
        raise ReturnRefused(_("%s Refund it instead, or wait for new stock.") % refusal) from refusal
    for row in lines:
        if row.line.can_track_allocations:
            taken = Coalesce(F("num_allocated"), 0) + row.accepted
            Line.objects.filter(pk=row.line_id).update(num_allocated=taken)
