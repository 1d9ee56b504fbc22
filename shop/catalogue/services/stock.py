"""Stock states follow sales without a refresh of the index."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from oscar.apps.catalogue.models import Product
from oscar.apps.partner.models import StockRecord

from shop.catalogue.models import CatalogueEntry, StockState
from shop.catalogue.services import version

DEFAULT_LOW = 5


def state_of(*, tracked: bool, records: Iterable[tuple[int | None, int | None, int | None]]) -> StockState:
    """Judge the records (in stock, allocated, threshold) of a product and its children."""
    levels = [(in_stock - (allocated or 0), low) for in_stock, allocated, low in records if in_stock is not None]
    if not tracked:
        return StockState.SERVICE
    if not levels:
        return StockState.TO_ORDER
    available = sum(max(level, 0) for level, _ in levels)
    threshold = max((low if low is not None else DEFAULT_LOW) for _, low in levels)
    if available <= 0:
        return StockState.OUT
    return StockState.LOW if available <= threshold else StockState.IN_STOCK


def schedule(*, product_ids: Collection[int]) -> None:
    ids = tuple(product_ids)
    transaction.on_commit(lambda: settle(product_ids=ids), robust=True)  # a stale badge never fails an order


def settle(*, product_ids: Collection[int]) -> int:
    """Write the stock state where it flipped; most orders flip none and write nothing. Returns the rows written."""
    canonical = set(
        Product.objects.filter(pk__in=product_ids)
        .annotate(canonical=Coalesce(F("parent_id"), F("pk")))
        .values_list("canonical", flat=True)
    )
    states = current_states(canonical)
    changed = 0
    for state in StockState:
        ids = [pk for pk, found in states.items() if found == state]
        if ids:
            changed += CatalogueEntry.objects.filter(pk__in=ids).exclude(stock_state=state).update(stock_state=state)
    if changed:
        version.bump(stock_only=True)
    return changed


def current_states(canonical: Collection[int]) -> dict[int, StockState]:
    tracked = dict(Product.objects.filter(pk__in=canonical).values_list("pk", "product_class__track_stock"))
    records: dict[int, list[tuple[int | None, int | None, int | None]]] = {pk: [] for pk in tracked}
    rows = (
        StockRecord.objects.annotate(canonical=Coalesce(F("product__parent_id"), F("product_id")))
        .filter(canonical__in=canonical)
        .values("canonical", "product_id")
        .annotate(in_stock=Sum("num_in_stock"), allocated=Sum("num_allocated"), low=Sum("low_stock_threshold"))
        .values_list("canonical", "in_stock", "allocated", "low")
    )
    for pk, in_stock, allocated, low in rows:
        records[pk].append((in_stock, allocated, low))
    return {pk: state_of(tracked=bool(tracked[pk]), records=records[pk]) for pk in tracked}
