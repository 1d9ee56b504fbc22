"""Refund or cancel an order, whole or by units of its lines; the commission follows in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from channels import api
from channels.contracts import OrderEventFacts, OrderEventKind, ReversedLine, to_minor
from shop import facts
from shop.billing.models import Invoice
from shop.billing.services import credit_notes
from shop.forks.order.models import Line, Order
from shop.forks.partner.models import StockRecord
from shop.returns.engine import shares
from shop.returns.models import TakeBack, TakeBackLine
from shop.returns.services import repayments


class TakeBackError(Exception):
    """Nothing to take back, or more than was bought; the message says which line and how many remain."""


def remaining(order: Order) -> dict[int, int]:
    """Return the units of each line (by pk) that were not taken back yet."""
    lines = order.lines.annotate(taken=Coalesce(Sum("take_back_lines__quantity"), 0))
    return {line.pk: line.quantity - line.taken for line in lines}


@transaction.atomic
def take_back(
    *,
    order_id: int,
    quantities: Mapping[int, int],
    key: str,
    at: datetime,
    reason: str,
    by: User | None = None,
    restock: bool = False,
    settles_stock: bool = True,
) -> TakeBack:
    """Take back `quantities` (line pk -> units); paid orders are refunded, unpaid ones cancelled.

    What was paid too much then waits for finance as repayments. `settles_stock` False: the goods came back and their
    inspection put them where they belong. The same `key` again returns the first take-back and changes nothing. Raises
    TakeBackError.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if existing := TakeBack.objects.filter(key=key).first():
        return existing
    left = remaining(order)
    wanted = {pk: quantity for pk, quantity in quantities.items() if quantity}
    _check(order, wanted, left)
    invoice = Invoice.objects.select_for_update().filter(order=order).first()
    payments = repayments.lock_payments(invoice) if invoice else []
    paid = invoice is not None and invoice.state == Invoice.State.PAID
    kind = TakeBack.Kind.REFUND if paid else TakeBack.Kind.CANCELLATION
    record = TakeBack.objects.create(key=key, order=order, kind=kind, reason=reason, at=at, by=by)
    lines = _take_lines(record, wanted)
    if settles_stock:
        _settle_stock(lines, restock=restock)
    if invoice:
        credit_notes.issue(take_back=record, invoice=invoice)
        repayments.ask(take_back=record, invoice=invoice, payments=payments)
    if all(left[pk] == wanted.get(pk, 0) for pk in left):
        _close(order, invoice, paid=paid)
    api.record_order_event(_event(record, lines))
    return record


def _check(order: Order, wanted: Mapping[int, int], left: Mapping[int, int]) -> None:
    if not wanted:
        raise TakeBackError(f"Choose at least one unit of order {order.number} to take back.")
    for pk, quantity in wanted.items():
        if pk not in left or quantity < 0:
            raise TakeBackError(f"Line {pk} with quantity {quantity} is not part of order {order.number}.")
        if quantity > left[pk]:
            raise TakeBackError(f"Only {left[pk]} of line {pk} of order {order.number} remain to take back.")


def _take_lines(record: TakeBack, wanted: Mapping[int, int]) -> list[TakeBackLine]:
    """Give the taken units their part of each line and of the delivery, so that any sequence sums to the whole."""
    rows = list(record.order.lines.order_by("pk"))
    weights = [line.line_price_excl_tax for line in rows]
    net = shares.spread(record.order.shipping_excl_tax, weights)
    tax = shares.spread(record.order.shipping_incl_tax - record.order.shipping_excl_tax, weights)
    return [
        _take_line(record, line, wanted[line.pk], delivery=(net[place], net[place] + tax[place]))
        for place, line in enumerate(rows)
        if line.pk in wanted
    ]


def _take_line(record: TakeBack, line: Line, quantity: int, *, delivery: tuple[Decimal, Decimal]) -> TakeBackLine:
    totals = {
        "net": line.line_price_excl_tax,
        "gross": line.line_price_incl_tax,
        "delivery_net": delivery[0],
        "delivery_gross": delivery[1],
    }
    sums = {name: Coalesce(Sum(name), Decimal(0)) for name in totals}
    earlier = line.take_back_lines.aggregate(units=Coalesce(Sum("quantity"), 0), **sums)
    count = earlier["units"] + quantity
    parts = {name: shares.upto(total, count, line.quantity) - earlier[name] for name, total in totals.items()}
    return TakeBackLine.objects.create(take_back=record, line=line, quantity=quantity, **parts)


def _settle_stock(lines: list[TakeBackLine], *, restock: bool) -> None:
    """Free the units that were still allocated; shipped ones return to stock only when fit for sale again."""
    for taken in sorted(lines, key=lambda taken: taken.line.stockrecord_id or 0):
        line = taken.line
        if not line.stockrecord or not line.can_track_allocations:
            continue
        waiting = min(taken.quantity, line.num_allocated)
        if waiting:
            line.cancel_allocation(waiting)
        if restock and taken.quantity > waiting:
            returned = taken.quantity - waiting
            StockRecord.objects.filter(pk=line.stockrecord_id).update(num_in_stock=F("num_in_stock") + returned)


def _close(order: Order, invoice: Invoice | None, *, paid: bool) -> None:
    status = "Refunded" if paid else "Cancelled"
    if status in order.available_statuses():
        # Not set_status(): its line cascade would cancel allocations that were settled above already.
        Order.objects.filter(pk=order.pk).update(status=status)
    if invoice and not paid:
        Invoice.objects.filter(pk=invoice.pk).update(state=Invoice.State.CANCELLED)


def _event(record: TakeBack, lines: list[TakeBackLine]) -> OrderEventFacts:
    refunded = record.kind == TakeBack.Kind.REFUND
    keys = {line.pk: facts.line_key(record.order, place) for place, line in enumerate(facts.lines_of(record.order), 1)}
    return OrderEventFacts(
        key=f"take-back:{record.key}",
        order_number=record.order.number,
        kind=OrderEventKind.REFUNDED if refunded else OrderEventKind.CANCELLED,
        at=record.at,
        reason=record.reason,
        lines=tuple(
            ReversedLine(
                line_key=keys[taken.line_id],
                quantity=taken.quantity,
                net_minor=to_minor(taken.net, record.order.currency),
            )
            for taken in lines
        ),
    )
