"""Keeps CatalogueEntry in step with Oscar's tables: set-based, a constant number of queries for each batch."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models.functions import Coalesce
from modelsearch.backends import get_search_backends
from oscar.apps.catalogue.models import Product

from shop.catalogue.models import CatalogueEntry
from shop.catalogue.services import version
from shop.catalogue.services.gather import entries_for, read_siblings
from shop.segments.services import visibility

BATCH = 400
WRITTEN = [field.name for field in CatalogueEntry._meta.concrete_fields if not field.primary_key]

_waiting = threading.local()


def refresh(*, product_ids: Collection[int]) -> int:
    """Write the entries of these products, or of the parents when they are children. Returns the rows written."""
    canonical = set(
        Product.objects.filter(pk__in=product_ids).values_list(Coalesce("parent_id", "pk"), flat=True).order_by()
    )
    canonical |= {other.pk for family in read_siblings(canonical).values() for other in family}
    with transaction.atomic():
        visibility.follow(product_ids=canonical)  # first: what a category hides is never listed without that
        return _write(sorted(canonical), gone=set(product_ids) - canonical)


def rebuild(*, progress: Callable[[str], object] = str) -> int:
    """Write every entry anew and drop those without a product. Returns the rows written."""
    visibility.rebuild()
    ids = list(Product.objects.filter(parent=None).order_by("pk").values_list("pk", flat=True))
    gone = set(CatalogueEntry.objects.exclude(pk__in=Product.objects.filter(parent=None)).values_list("pk", flat=True))
    for start in range(0, len(ids) or 1, BATCH):
        batch = ids[start : start + BATCH]
        _write(batch, gone=gone if start == 0 else set())
        progress(f"Catalogue index: {min(start + BATCH, len(ids))} of {len(ids)}")
    return len(ids)


@transaction.atomic
def _write(canonical: list[int], *, gone: Collection[int]) -> int:
    entries = entries_for(canonical)
    if gone:
        CatalogueEntry.objects.filter(pk__in=gone).delete()
    if entries:
        CatalogueEntry.objects.bulk_create(
            entries, update_conflicts=True, unique_fields=["product"], update_fields=WRITTEN
        )
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(CatalogueEntry, entries)
    version.bump()
    return len(entries)


def schedule(*, product_ids: Collection[int]) -> None:
    """Refresh after the commit, once for all that one transaction changed."""
    if _is_paused():
        return
    _pending().update(product_ids)
    transaction.on_commit(_run)


def schedule_rebuild() -> None:
    if _is_paused():
        return
    _waiting.whole = True
    transaction.on_commit(_run)


def _run() -> None:
    ids, whole = set(_pending()), getattr(_waiting, "whole", False)
    _pending().clear()
    _waiting.whole = False
    if whole:
        rebuild()
    elif ids:
        refresh(product_ids=ids)


def _pending() -> set[int]:
    if not hasattr(_waiting, "ids"):
        _waiting.ids = set()
    return _waiting.ids


def _is_paused() -> bool:
    return getattr(_waiting, "paused", 0) > 0


@contextmanager
def paused() -> Iterator[None]:
    """No refresh for each save while a loader fills the catalogue; it calls rebuild() itself at the end."""
    _waiting.paused = getattr(_waiting, "paused", 0) + 1
    try:
        yield
    finally:
        _waiting.paused -= 1
