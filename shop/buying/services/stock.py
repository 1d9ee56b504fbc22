"""Stock taken by an order: never more than there is, whoever comes at the same time."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
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

    The rows are locked by pk before they are looked at, so that two buyers cannot both pass the check and two baskets
    cannot wait for each other.
    """
    needs = wanted(lines)
    if not needs:
        return
    _require(needs, StockRecord.objects.select_for_update())
    added = Case(*(When(pk=pk, then=Value(quantity)) for pk, (quantity, _line) in needs.items()))
    StockRecord.objects.filter(pk__in=needs).update(num_allocated=Coalesce(F("num_allocated"), Value(0)) + added)


def require_available(lines: Iterable[Any]) -> None:
    """Raise SoldOut early, without a lock: most late buyers learn it before an order is written."""
    _require(wanted(lines), StockRecord.objects.all())


def _require(needs: dict[int, tuple[int, Any]], records: QuerySet[StockRecord]) -> None:
    for record in records.filter(pk__in=needs).order_by("pk"):
        quantity, line = needs[record.pk]
        if record.net_stock_level < quantity:
            raise sold_out(line, record)


def sold_out(line: Any, record: StockRecord) -> SoldOut:
    return SoldOut(title=line.title, available=max(0, record.net_stock_level), product_id=line.product_id)
