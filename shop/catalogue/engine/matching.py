"""Which products match, how many of each facet value, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shop.catalogue.engine.filters import Filters
from shop.catalogue.engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One facet with its counts; each counts as if nothing were chosen in its own group."""

    name: str
    title: str
    options: tuple[Option, ...]

    @property
    def is_open(self) -> bool:
        return any(option.selected for option in self.options)


@dataclass(frozen=True, slots=True)
class Matched:
    total: int
    ids: tuple[int, ...]
    groups: tuple[Group, ...]
    classes: Group
    in_stock_count: int
    category_counts: dict[int, int]
    lowest: int | None
    highest: int | None


def match(
    snapshot: Snapshot,
    filters: Filters,
    *,
    scope: int,
    wide: int | None = None,
    ranked: Sequence[int] | None = None,
    page_size: int,
) -> Matched:
    """Apply the filters within a scope (a category, the hits of a search). `ranked` are hits in order of relevance.

    Categories are counted in `wide`, the scope before a category narrowed it: a way back up counts all it leads to.
    """
    wide = scope if wide is None else wide
    attribute_bits = {code: _any_of(snapshot.facets[code].values, values) for code, values in filters.attributes}
    class_bits = 0
    for slug in filters.classes:
        class_bits |= snapshot.classes[slug].values[slug]
    fixed = scope
    if filters.price_min is not None or filters.price_max is not None:
        priced = snapshot.priced_between(_minor(filters.price_min), _minor(filters.price_max))
        fixed, wide = fixed & priced, wide & priced
    stocked = fixed & snapshot.in_stock
    in_stock_base = fixed
    if filters.in_stock:
        fixed, wide = stocked, wide & snapshot.in_stock

    def within(skip: str | None = None, base: int = fixed) -> int:
        found = base
        if class_bits and skip != "class":
            found &= class_bits
        for code, chosen in attribute_bits.items():
            if skip != code:
                found &= chosen
        return found

    matching, around = within(), within(base=wide)
    order: Sequence[int] = snapshot.orders[filters.sort]
    if ranked is not None and not filters.sort:
        order = [snapshot.ordinals[pk] for pk in ranked if pk in snapshot.ordinals]
    start = (filters.page - 1) * page_size
    prices = _price_bounds(snapshot, scope)
    return Matched(
        total=matching.bit_count(),
        ids=tuple(snapshot.pick(matching, order, start, start + page_size)),
        groups=tuple(_groups(snapshot, filters, within)),
        classes=_class_group(snapshot, filters, within("class")),
        in_stock_count=(within(base=in_stock_base) & snapshot.in_stock).bit_count(),
        category_counts={
            pk: count for pk, held in snapshot.categories.items() if (count := (held & around).bit_count())
        },
        lowest=prices[0],
        highest=prices[1],
    )


def _any_of(values: dict[str, int], chosen: Sequence[str]) -> int:
    found = 0
    for value in chosen:
        found |= values[value]
    return found


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)


def _groups(snapshot: Snapshot, filters: Filters, within) -> list[Group]:  # type: ignore[no-untyped-def]
    chosen = dict(filters.attributes)
    everywhere = within()
    groups = []
    for code, facet in snapshot.facets.items():
        picked = chosen.get(code, ())
        base = within(code) if picked else everywhere
        options = tuple(
            Option(value, value, count, value in picked)
            for value, held in facet.values.items()
            if (count := (held & base).bit_count()) or value in picked
        )
        if len(options) > 1 or picked:
            groups.append(Group("a." + code, facet.name, options))
    return groups


def _class_group(snapshot: Snapshot, filters: Filters, base: int) -> Group:
    options = tuple(
        Option(slug, facet.name, count, slug in filters.classes)
        for slug, facet in snapshot.classes.items()
        if (count := (facet.values[slug] & base).bit_count()) or slug in filters.classes
    )
    return Group("class", "", options if len(options) > 1 or filters.classes else ())


def _price_bounds(snapshot: Snapshot, scope: int) -> tuple[int | None, int | None]:
    """Ends of the price order within the scope: the first hit from either side."""
    order = snapshot.orders["price"]
    mask = scope.to_bytes(len(snapshot.ids) // 8 + 1, "little")
    prices = snapshot.prices
    low = next((prices[n] for n in order if prices[n] >= 0 and mask[n >> 3] >> (n & 7) & 1), None)
    high = next((prices[n] for n in reversed(order) if prices[n] >= 0 and mask[n >> 3] >> (n & 7) & 1), None)
    return low, high


def without(filters: Filters, kind: str, value: str = "") -> Filters:
    """Return the filters with one choice removed: what the cross of a chip leads to."""
    first = replace(filters, page=1)
    if kind == "class":
        return replace(first, classes=tuple(slug for slug in first.classes if slug != value))
    if kind == "price":
        return replace(first, price_min=None, price_max=None)
    if kind == "in_stock":
        return replace(first, in_stock=False)
    if kind == "category":
        return replace(first, category=None)
    return first.with_values(kind, [chosen for chosen in dict(first.attributes)[kind] if chosen != value])
