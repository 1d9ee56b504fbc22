"""Stock taken by an order: never more than there is, whoever comes at the same time."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from oscar.apps.partner.models import StockRecord

from shop.buying.errors import SoldOut


def wanted(lines: Iterable[Any]) -> dict[int, tuple[int, Any]]:
    """Return stock record pk -> (units over all lines, one of the lines), for products whose stock is kept."""
    units: dict[int, int] = defaultdict(int)
    example: dict[int, Any] = {}
    for line in lines:
        if line.product.get_product_class().track_stock:
            units[line.stockrecord_id] += line.quantity
            example[line.stockrecord_id] = line
    return {pk: (units[pk], example[pk]) for pk in sorted(units)}


def allocate(lines: Iterable[Any]) -> None:
    """Allocate all units or raise SoldOut; must run inside the order's transaction.

    Each UPDATE carries its own condition, so that two buyers cannot both pass the check; rows are taken by pk, so that
    two baskets cannot wait for each other.
    """
    for pk, (quantity, line) in wanted(lines).items():
        taken = (
            StockRecord.objects.filter(pk=pk)
            .filter(num_in_stock__gte=Coalesce(F("num_allocated"), Value(0)) + quantity)
            .update(num_allocated=Coalesce(F("num_allocated"), Value(0)) + quantity)
        )
        if not taken:
            raise sold_out(line, StockRecord.objects.get(pk=pk))


def require_available(lines: Iterable[Any]) -> None:
    """Raise SoldOut early, without a lock: most late buyers learn it before an order is written."""
    needs = wanted(lines)
    for record in StockRecord.objects.filter(pk__in=needs).order_by("pk"):
        quantity, line = needs[record.pk]
        if record.net_stock_level < quantity:
            raise sold_out(line, record)


def sold_out(line: Any, record: StockRecord) -> SoldOut:
    return SoldOut(title=line.product.get_title(), available=max(0, record.net_stock_level), product_id=line.product_id)
