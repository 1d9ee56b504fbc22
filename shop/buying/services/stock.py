"""Stock taken by an order: never more than there is, whoever comes at the same time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from oscar.apps.partner.models import StockRecord

from shop.buying.errors import SoldOut

NONE: Mapping[int, int] = {}


def wanted(lines: Iterable[Any], *, held: Mapping[int, int] = NONE) -> dict[int, tuple[int, Any]]:
    """Return stock record pk -> (units over all lines, one of the lines), for products whose stock is kept.

    What is `held` for these lines already, by stock record, is not wanted again.
    """
    units: dict[int, int] = defaultdict(int)
    example: dict[int, Any] = {}
    for line in lines:
        if line.product.get_product_class().track_stock:
            units[line.stockrecord_id] += line.quantity
            example[line.stockrecord_id] = line
    missing = {pk: units[pk] - held.get(pk, 0) for pk in sorted(units)}
    return {pk: (quantity, example[pk]) for pk, quantity in missing.items() if quantity > 0}


def allocate(lines: Iterable[Any], *, held: Mapping[int, int] = NONE) -> None:
    """Allocate all units not `held` yet, or raise SoldOut; must run inside the order's transaction.

    The rows are locked by pk before they are looked at, so that two buyers cannot both pass the check and two baskets
    cannot wait for each other.
    """
    needs = wanted(lines, held=held)
    if not needs:
        return
    _require(needs, StockRecord.objects.select_for_update())
    _add({pk: quantity for pk, (quantity, _line) in needs.items()})


def give_back(units: Mapping[int, int]) -> None:
    """Undo an allocation, by stock record; the rows are locked in the same order as for taking."""
    list(StockRecord.objects.select_for_update().filter(pk__in=units).order_by("pk").values_list("pk"))
    _add({pk: -quantity for pk, quantity in units.items()})


def _add(units: Mapping[int, int]) -> None:
    added = Case(*(When(pk=pk, then=Value(quantity)) for pk, quantity in units.items()))
    StockRecord.objects.filter(pk__in=units).update(num_allocated=Coalesce(F("num_allocated"), Value(0)) + added)


def require_available(lines: Iterable[Any], *, held: Mapping[int, int] = NONE) -> None:
    """Raise SoldOut early, without a lock: most late buyers learn it before an order is written."""
    if needs := wanted(lines, held=held):
        _require(needs, StockRecord.objects.all())


def _require(needs: dict[int, tuple[int, Any]], records: QuerySet[StockRecord]) -> None:
    for record in records.filter(pk__in=needs).order_by("pk"):
        quantity, line = needs[record.pk]
        if record.net_stock_level < quantity:
            raise sold_out(line, record)


def sold_out(line: Any, record: StockRecord) -> SoldOut:
    return SoldOut(title=line.title, available=max(0, record.net_stock_level), product_id=line.product_id)
