"""Goods during the history: enough of everything while it is played, and the shelves of the fixtures afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, Sum
from oscar.apps.partner.models import StockAlert, StockRecord

from shop.demo.catalogue_file import ProductRow
from shop.forks.order.models import Line, Order

PLENTY = 10_000
# Status by age: what was placed longer ago than this has come that far.
STATUSES = ((12, "Complete"), (5, "Shipped"), (2, "In progress"))


def fill_shelves() -> None:
    StockRecord.objects.filter(num_in_stock__isnull=False).update(num_in_stock=PLENTY)


def ship(*, now: datetime) -> None:
    """Old orders have left the house: their status says so, and they hold no stock any more."""
    for days, status in STATUSES:
        waiting = Order.objects.filter(status="Received", date_placed__lt=now - timedelta(days=days))
        waiting.update(status=status)
    gone = Q(order__status__in=("Complete", "Shipped", "Refunded", "Cancelled"))
    Line.objects.filter(gone).update(num_allocated=0)
    for status in ("Complete", "Shipped", "In progress"):
        Line.objects.filter(order__status=status).update(status=status)


def set_shelves(rows: Sequence[ProductRow]) -> None:
    """What the fixtures say is free to sell, on top of what open orders hold."""
    held = dict(
        Line.objects.filter(num_allocated__gt=0)
        .values("stockrecord_id")
        .annotate(units=Sum("num_allocated"))
        .values_list("stockrecord_id", "units")
    )
    free = {row.sku: row.stock for row in rows if row.stock is not None}
    records = list(StockRecord.objects.filter(partner_sku__in=free))
    for record in records:
        record.num_allocated = held.get(record.pk, 0)
        record.num_in_stock = free[record.partner_sku] + record.num_allocated
    StockRecord.objects.bulk_update(records, ["num_allocated", "num_in_stock"])
    StockAlert.objects.filter(stockrecord__num_in_stock__gt=F("stockrecord__low_stock_threshold")).delete()
