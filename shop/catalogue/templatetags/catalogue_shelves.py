"""Products and categories in content pages: named by SKU or slug, read from the index, priced for the visitor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import ngettext
from oscar.apps.catalogue.models import Product
from oscar.apps.wishlists.models import Line

from shop.catalogue.cards import Card
from shop.catalogue.engine.snapshot import Node, Snapshot
from shop.catalogue.listing import category_href
from shop.catalogue.selectors import cards, snapshot
from shop.catalogue.visibility import sees_product
from shop.pricing.contexts import of_request
from shop.pricing.gating import is_open

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tile:
    """A category as a tile of the front page."""

    title: str
    href: str
    text: str
    meta: str
    image_url: str
    image_width: int
    image_height: int


@register.simple_tag(takes_context=True)
def product_shelf(
    context: dict[str, Any], *, skus: Sequence[str] = (), category: str = "", limit: int = 4
) -> list[Card]:
    """Return cards of the chosen SKUs in their order, else of the newest products of a category (slug), else of all."""
    prices = of_request(context.get("request"))
    catalogue = snapshot(prices.company_key)
    if skus:
        ids = [pk for sku in skus if (pk := catalogue.find(sku)) is not None]
    else:
        node = _node(catalogue, category)
        matching = catalogue.within(node.id) if node else catalogue.everything
        ids = catalogue.pick(matching, catalogue.orders["newest"], 0, limit)
    return cards(ids[:limit], context=prices)


@register.simple_tag(takes_context=True)
def product_cards(context: dict[str, Any], items: Iterable[Product | Line]) -> list[Card]:
    """Return cards of products, or of a wish list's lines; a version stands for its parent."""
    products = (item.product if isinstance(item, Line) else item for item in items)
    ids = dict.fromkeys(product.parent_id or product.pk for product in products if product)
    return cards(list(ids), context=of_request(context.get("request")))


@register.simple_tag(takes_context=True)
def category_tiles(context: dict[str, Any], *, slugs: Sequence[str] = ()) -> list[Tile]:
    """Return the named categories, or those of the top level, each with the picture of its first product."""
    prices = of_request(context.get("request"))
    if not is_open(sees_prices=prices.sees_prices):
        return []
    catalogue = snapshot(prices.company_key)
    named = [_node(catalogue, slug) for slug in slugs] if slugs else _top(catalogue)
    nodes = [node for node in named if node]
    first = {node.id: _first_product(catalogue, node) for node in nodes}
    pictures = {card.product_id: card for card in cards([pk for pk in first.values() if pk], context=prices)}
    return [_tile(catalogue, node, pictures.get(first[node.id] or 0)) for node in nodes]


@register.simple_tag(takes_context=True)
def is_known(context: dict[str, Any], product: Product | None) -> bool:
    """Whether the product is still there, and not hidden from this visitor."""
    if product is None or not product.is_public:
        return False
    company_key = getattr(context.get("request"), "company_key", "")
    return sees_product(company_key, product.parent_id or product.pk)


def _tile(catalogue: Snapshot, node: Node, card: Card | None) -> Tile:
    count = catalogue.within(node.id).bit_count()
    return Tile(
        title=node.name,
        href=category_href(node),
        text=node.description,
        meta=ngettext("%(count)d product", "%(count)d products", count) % {"count": count},
        image_url=card.image_url if card else "",
        image_width=card.image_width if card else 0,
        image_height=card.image_height if card else 0,
    )


def _node(catalogue: Snapshot, slug: str) -> Node | None:
    return next((node for node in catalogue.nodes.values() if slug and node.slug == slug), None)


def _top(catalogue: Snapshot) -> list[Node]:
    return [catalogue.nodes[pk] for pk in catalogue.children.get(None, [])]


def _first_product(catalogue: Snapshot, node: Node) -> int | None:
    order = next(iter(catalogue.orders.values()))
    ids = catalogue.pick(catalogue.within(node.id), order, 0, 1)
    return ids[0] if ids else None
