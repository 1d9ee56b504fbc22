"""A list of products as one cacheable value: what the filters match, rendered, with nothing of the visitor in it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.catalogue import price_order, search
from shop.catalogue.caching import SECONDS, page_key
from shop.catalogue.cards import cards_for
from shop.catalogue.engine.filters import PRICE_SORTS, Filters, known
from shop.catalogue.engine.matching import Matched, match, without
from shop.catalogue.engine.snapshot import Node, Snapshot
from shop.pricing.contexts import PriceContext
from shop.pricing.selectors import price_key

SORT_LABELS: dict[str, str | Promise] = {
    "": gettext_lazy("Recommended"),
    "name": gettext_lazy("Name"),
    "price": gettext_lazy("Price, lowest first"),
    "-price": gettext_lazy("Price, highest first"),
    "newest": gettext_lazy("Newest"),
}


@dataclass(frozen=True, slots=True)
class ListPage:
    """Everything of a list that is the same for all who see these prices in this language."""

    results: str
    facets: str
    total: int
    address: str
    canonical: str
    previous: str
    next: str
    is_indexable: bool


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class CategoryLink:
    name: str
    href: str
    count: int
    is_current: bool
    level: int


@dataclass(frozen=True, slots=True)
class PageLink:
    number: int
    href: str


def category_href(node: Node) -> str:
    return reverse("catalogue:category", kwargs={"category_slug": node.full_slug, "pk": node.id})


def list_page(
    catalogue: Snapshot,
    filters: Filters,
    *,
    path: str,
    category: Node | None,
    context: PriceContext,
    mode: str,
    is_search: bool = False,
) -> ListPage:
    """Return the page from the cache, or make it: at most two queries, and none for what the resolver knows already."""
    filters = known(filters, catalogue)
    if not context.sees_prices:
        filters = filters.without_prices()
    key = page_key("list", catalogue.token, price_key(context), mode, path, filters)
    found: ListPage | None = cache.get(key)
    if found is None:
        found = _make(catalogue, filters, path=path, category=category, context=context, mode=mode, is_search=is_search)
        cache.set(key, found, SECONDS)
    return found


def _make(
    catalogue: Snapshot,
    filters: Filters,
    *,
    path: str,
    category: Node | None,
    context: PriceContext,
    mode: str,
    is_search: bool,
) -> ListPage:
    size = settings.OSCAR_PRODUCTS_PER_PAGE
    ranked = search.ranked_ids(filters.query, catalogue) if is_search else None
    scope = catalogue.everything if ranked is None else catalogue.bits_of(ranked)
    wide = scope
    scoped = category.id if category else filters.category
    if scoped is not None:
        scope &= catalogue.within(scoped)
    known_prices = price_order.priced(catalogue, filters, context)
    priced = known_prices or catalogue
    matched = match(priced, filters, scope=scope, wide=wide, ranked=ranked, page_size=size)
    pages = max(1, math.ceil(matched.total / size))
    if filters.page > pages:
        filters = replace(filters, page=pages)
        matched = match(priced, filters, scope=scope, wide=wide, ranked=ranked, page_size=size)

    def page_link(number: int) -> PageLink:
        return PageLink(number, replace(filters, page=number).address(path))

    previous = page_link(filters.page - 1) if filters.page > 1 else None
    following = page_link(filters.page + 1) if filters.page < pages else None
    results = {
        "cards": cards_for(matched.ids, context=context, mode=mode),
        "total": matched.total,
        "first": (filters.page - 1) * size + 1,
        "last": min(filters.page * size, matched.total),
        "page": filters.page,
        "previous": previous,
        "next": following,
        "page_links": _window(filters.page, pages, page_link),
        "chips": _chips(catalogue, filters, path),
        "clear": Filters(query=filters.query).address(path),
        "sorts": [
            (value, _("Relevance") if is_search and not value else label)
            for value, label in SORT_LABELS.items()
            if context.sees_prices or value not in PRICE_SORTS
        ],
        "filters": filters,
        "is_search": is_search,
        "icons": static("dist/icons.svg"),
        **_empty_help(catalogue, filters, matched, is_search=is_search),
    }
    facets = {
        "matched": matched,
        "filters": filters,
        "icons": static("dist/icons.svg"),
        "categories": _category_links(catalogue, matched, filters, category, path, is_search=is_search),
        "has_prices": context.sees_prices and matched.highest is not None,
        "lowest": matched.lowest // 100 if known_prices and matched.lowest is not None else "",
        "highest": -(-matched.highest // 100) if known_prices and matched.highest is not None else "",
    }
    plain = not filters.is_narrowed and not filters.sort and not is_search
    return ListPage(
        results=render_to_string("oscar/catalogue/partials/results.html", results),
        facets=render_to_string("oscar/catalogue/partials/facets.html", facets),
        total=matched.total,
        address=filters.address(path),
        canonical=Filters(page=filters.page).address(path),
        previous=previous.href if previous and plain else "",
        next=following.href if following and plain else "",
        is_indexable=plain and matched.total > 0,
    )


def _window(page: int, pages: int, link: Callable[[int], PageLink]) -> list[PageLink | None]:
    """First, last and the neighbours of the current page; None stands for what is left out between."""
    if pages < 2:
        return []
    shown = sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)})
    found: list[PageLink | None] = []
    for number in shown:
        if found and found[-1] and number - found[-1].number > 1:
            found.append(None)
        found.append(link(number))
    return found


def _chips(catalogue: Snapshot, filters: Filters, path: str) -> list[Chip]:
    chips = []
    if filters.category is not None:
        label = catalogue.nodes[filters.category].name
        chips.append(Chip(label, without(filters, "category").address(path)))
    chips += [
        Chip(catalogue.classes[slug].name, without(filters, "class", slug).address(path)) for slug in filters.classes
    ]
    for code, values in filters.attributes:
        for value in values:
            label = f"{catalogue.facets[code].name}: {value}"
            chips.append(Chip(label, without(filters, code, value).address(path)))
    if filters.price_min is not None or filters.price_max is not None:
        bounds = {"low": filters.price_min, "high": filters.price_max}
        if filters.price_max is None:
            label = _("From €%(low)s") % bounds
        elif filters.price_min is None:
            label = _("Up to €%(high)s") % bounds
        else:
            label = _("€%(low)s to €%(high)s") % bounds
        chips.append(Chip(label, without(filters, "price").address(path)))
    if filters.in_stock:
        chips.append(Chip(_("In stock"), without(filters, "in_stock").address(path)))
    return chips


def _category_links(
    catalogue: Snapshot, matched: Matched, filters: Filters, category: Node | None, path: str, *, is_search: bool
) -> list[CategoryLink]:
    """The way here and one level further; in a search a category narrows the hits, elsewhere it is a page."""
    current = category or (catalogue.nodes[filters.category] if filters.category is not None else None)
    way = catalogue.path_to(current.id) if current else []
    first = replace(filters, page=1)

    def link(node: Node, level: int) -> CategoryLink:
        is_current = current is not None and node.id == current.id
        if is_search:
            href = replace(first, category=None if is_current else node.id).address(path)
        else:
            href = first.address(category_href(node))
        return CategoryLink(node.name, href, matched.category_counts.get(node.id, 0), is_current, level)

    links = [link(node, level) for level, node in enumerate(way)]
    below = catalogue.children.get(current.id if current else None, [])
    links += [link(catalogue.nodes[pk], len(way)) for pk in below if pk in matched.category_counts]
    return links


def _empty_help(catalogue: Snapshot, filters: Filters, matched: Matched, *, is_search: bool) -> dict[str, object]:
    """For an empty list: a better spelling, and where else to look."""
    if matched.total:
        return {}
    mended = search.suggestion(filters.query, catalogue) if is_search else ""
    roots = [catalogue.nodes[pk] for pk in catalogue.children.get(None, []) if catalogue.within(pk)]
    return {
        "suggestion": mended,
        "suggestion_href": Filters(query=mended).address(reverse("search:search")) if mended else "",
        "elsewhere": [Chip(node.name, category_href(node)) for node in roots],
    }
