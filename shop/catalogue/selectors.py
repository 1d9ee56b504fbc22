"""Reads of the catalogue for the rest of the shop."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from oscar.apps.catalogue.models import Category, Product, ProductAttributeValue

from shop.catalogue.cards import Card, cards_for
from shop.catalogue.engine.snapshot import Node, Row, Snapshot, build, narrowed, restocked
from shop.catalogue.engine.terms import commitment
from shop.catalogue.models import CatalogueEntry, StockState
from shop.catalogue.services import version
from shop.catalogue.visibility import hidden_from, mode_of
from shop.pricing.contexts import PriceContext
from shop.pricing.gating import is_open
from shop.segments.engine.visibility import NOTHING, Hidden, to_bytes, unpack

UNAVAILABLE = {StockState.OUT}

_lock = threading.Lock()
_loaded: Snapshot | None = None


MOST_VIEWS = 200


def snapshot(company_key: str = "") -> Snapshot:
    """The catalogue of this moment as the company may see it; '' is somebody about whom nothing is known."""
    hidden, whole = hidden_from(company_key), everything()
    if hidden == NOTHING:
        return whole
    views = _views(whole)
    found = views.get(hidden)
    if found is None:
        if len(views) >= MOST_VIEWS:
            views.clear()
        found = views[hidden] = view(whole, hidden)
    return found


@lru_cache(maxsize=1)
def _views(whole: Snapshot) -> dict[Hidden, Snapshot]:
    """What has been narrowed from this state; another state starts anew."""
    return {}


def view(whole: Snapshot, hidden: Hidden) -> Snapshot:
    """The same for all to whom the same is hidden, and so are the pages kept of it: its token is made of what is."""
    parts = to_bytes(hidden.products), to_bytes(hidden.categories)
    name = blake2b(b"|".join(blake2b(part).digest() for part in parts), digest_size=8).hexdigest()
    return narrowed(whole, name=name, without=unpack(hidden.products), closed=unpack(hidden.categories))


def everything() -> Snapshot:
    """The whole public catalogue, kept in the process until its version changes."""
    global _loaded  # noqa: PLW0603  one per process, replaced whole
    token = version.current()
    found = _loaded
    if found is not None and found.token == token:
        return found
    with _lock:
        if _loaded is None or _loaded.token.partition(".")[0] != token.partition(".")[0]:
            _loaded = load(token)
        elif _loaded.token != token:
            sold_out = CatalogueEntry.objects.filter(is_public=True, stock_state__in=UNAVAILABLE)
            _loaded = restocked(_loaded, token, sold_out.values_list("pk", flat=True))
        return _loaded


def load(token: str) -> Snapshot:
    columns = (
        "pk title class_slug class_name category_ids facets price_minor stock_state priority created_at upc variant_upcs"
    ).split()
    rows, codes = [], {}
    for pk, *values, created, upc, variants in (
        CatalogueEntry.objects.filter(is_public=True).order_by("pk").values_list(*columns).iterator(chunk_size=2000)
    ):
        title, slug, name, categories, facets, price, state, priority = values
        in_stock = state not in UNAVAILABLE
        rows.append(Row(pk, title, slug, name, categories, facets, price, in_stock, priority, created.timestamp()))
        codes.update({code.casefold(): pk for code in (*variants, upc) if code})
    return build(token, rows, nodes(), codes)


def nodes() -> list[Node]:
    """Browsable categories in tree order."""
    found: list[Node] = []
    by_path: dict[str, Node] = {}
    step = Category.steplen
    rows = Category.objects.filter(is_public=True, ancestors_are_public=True).order_by("path")
    for pk, name, slug, path, depth, text in rows.values_list("pk", "name", "slug", "path", "depth", "description"):
        parent = by_path.get(path[:-step])
        full = f"{parent.full_slug}/{slug}" if parent else slug
        node = Node(pk, name, slug, full, path, depth, parent.id if parent else None, text)
        by_path[path] = node
        found.append(node)
    return found


def cards(product_ids: Sequence[int], *, context: PriceContext) -> list[Card]:
    """Cards for a shelf, in the order of the ids; products that are not public, or not for this company, are left out."""
    if not is_open(sees_prices=context.sees_prices):
        return []
    hidden = hidden_from(context.company_key)
    return cards_for(
        [pk for pk in product_ids if not hidden.has_product(pk)], context=context, mode=mode_of(context.company_key)
    )


def term_months(product: Product) -> int | None:
    """Contract term of a subscription product: 0 is month by month, None is no subscription at all."""
    return terms_of([product])[product.pk]


def terms_of(products: Sequence[Product]) -> dict[int, int | None]:
    """`term_months` for many products in one query. A child without the attribute takes its parent's."""
    owners = {pk for product in products for pk in (product.pk, product.parent_id) if pk}
    found: dict[int, Any] = dict(
        ProductAttributeValue.objects.filter(product__in=owners, attribute__code="term_months").values_list(
            "product_id", "value_integer"
        )
    )
    return {
        product.pk: commitment(found.get(product.pk, found.get(product.parent_id) if product.parent_id else None))
        for product in products
    }
