"""The whole public catalogue as bit sets: one integer for each facet value, one bit for each product.

Counting a facet value within a filter is one AND and one bit count, so that sixty counts over 100,000 products take
well under a millisecond and need no query. A snapshot never changes; a new version of the catalogue is a new snapshot.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

NO_PRICE = -1
NARROWED = "~"


@dataclass(frozen=True, slots=True)
class Row:
    """What the snapshot takes from one entry."""

    product_id: int
    title: str
    class_slug: str
    class_name: str
    category_ids: Sequence[int]
    facets: dict[str, dict[str, object]]
    price_minor: int | None
    in_stock: bool
    priority: int
    created: float


@dataclass(frozen=True, slots=True)
class Node:
    """A browsable category."""

    id: int
    name: str
    slug: str
    full_slug: str
    path: str
    depth: int
    parent_id: int | None
    description: str = ""


@dataclass(slots=True)
class Facet:
    name: str
    values: dict[str, int]


@dataclass(slots=True, eq=False)
class Snapshot:
    token: str
    ids: list[int] = field(default_factory=list)
    ordinals: dict[int, int] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    everything: int = 0
    nodes: dict[int, Node] = field(default_factory=dict)
    children: dict[int | None, list[int]] = field(default_factory=dict)
    categories: dict[int, int] = field(default_factory=dict)
    classes: dict[str, Facet] = field(default_factory=dict)
    facets: dict[str, Facet] = field(default_factory=dict)
    in_stock: int = 0
    prices: array[int] = field(default_factory=lambda: array("q"))
    orders: dict[str, array[int]] = field(default_factory=dict)
    by_priority: array[int] = field(default_factory=lambda: array("I"))

    @property
    def state(self) -> str:
        """The state of the whole catalogue that this was narrowed from."""
        return self.token.partition(NARROWED)[0]

    def has(self, product_id: int) -> bool:
        """Whether the product is listed for whom this is."""
        ordinal = self.ordinals.get(product_id)
        return ordinal is not None and bool(self.everything >> ordinal & 1)

    def find(self, code: str) -> int | None:
        """Return the listed product with this article number, its own or a version's."""
        product_id = self.codes.get(code.casefold())
        return product_id if product_id is not None and self.has(product_id) else None

    def within(self, category_id: int) -> int:
        """The products of a category and all below it."""
        return self.categories.get(category_id, 0) & self.everything

    def bits_of(self, product_ids: Iterable[int]) -> int:
        found = bits((self.ordinals[pk] for pk in product_ids if pk in self.ordinals), len(self.ids))
        return found & self.everything

    def priced_between(self, low: int | None, high: int | None) -> int:
        low, high = 0 if low is None else low, (1 << 62) if high is None else high
        return bits((n for n, price in enumerate(self.prices) if low <= price <= high), len(self.ids))

    def pick(self, matching: int, order: Sequence[int], start: int, stop: int) -> list[int]:
        """Return the product ids of one page of the matching products in this order."""
        if matching.bit_count() == len(order) == len(self.ids):
            chosen = order[start:stop]
        else:
            mask = matching.to_bytes(len(self.ids) // 8 + 1, "little")
            chosen = [n for n in order if mask[n >> 3] >> (n & 7) & 1][start:stop]
        return [self.ids[n] for n in chosen]

    def path_to(self, category_id: int) -> list[Node]:
        found: list[Node] = []
        node = self.nodes.get(category_id)
        while node:
            found.insert(0, node)
            node = self.nodes.get(node.parent_id) if node.parent_id else None
        return found


def bits(ordinals: Iterable[int], size: int) -> int:
    buffer = bytearray(size // 8 + 1)
    for n in ordinals:
        buffer[n >> 3] |= 1 << (n & 7)
    return int.from_bytes(buffer, "little")


def build(token: str, rows: Sequence[Row], nodes: Sequence[Node], codes: dict[str, int] | None = None) -> Snapshot:
    """`codes` are casefolded article numbers, children's among them, with the product that lists them."""
    size = len(rows)
    snapshot = Snapshot(token=token, codes=codes or {})
    snapshot.ids = [row.product_id for row in rows]
    snapshot.titles = [row.title for row in rows]
    snapshot.ordinals = {pk: n for n, pk in enumerate(snapshot.ids)}
    snapshot.everything = (1 << size) - 1
    snapshot.in_stock = bits((n for n, row in enumerate(rows) if row.in_stock), size)
    snapshot.prices = array("q", (NO_PRICE if row.price_minor is None else row.price_minor for row in rows))
    _add_facets(snapshot, rows)
    _add_categories(snapshot, rows, nodes)
    snapshot.orders = _orders(rows)
    snapshot.by_priority = array("I", sorted(range(size), key=lambda n: (-rows[n].priority, rows[n].product_id)))
    snapshot.orders[""] = _recommended(snapshot)
    return snapshot


def restocked(snapshot: Snapshot, token: str, sold_out: Iterable[int]) -> Snapshot:
    """Return the same catalogue with other products sold out: far cheaper than reading all of it again."""
    found = replace(snapshot, token=token, in_stock=snapshot.everything & ~snapshot.bits_of(sold_out))
    found.orders = {**snapshot.orders, "": _recommended(found)}
    return found


def repriced(snapshot: Snapshot, prices: array[int]) -> Snapshot:
    """Return the same catalogue at other prices, one for each ordinal (NO_PRICE where there is none)."""
    by_name = snapshot.orders["name"]
    orders = {
        "price": array("I", sorted(by_name, key=lambda n: (prices[n] < 0, prices[n]))),
        "-price": array("I", sorted(by_name, key=lambda n: (prices[n] < 0, -prices[n]))),
    }
    return replace(snapshot, prices=prices, orders={**snapshot.orders, **orders})


def narrowed(snapshot: Snapshot, *, name: str, without: Container[int], closed: Container[int]) -> Snapshot:
    """Return the catalogue of somebody who does not know of some products and categories; all else is shared.

    `categories` and `facets` stay whole: whatever is shown of them is counted within `everything`. A category whose
    parent is closed moves up to the nearest one that is not.
    """
    nodes: dict[int, Node] = {}
    for pk, node in snapshot.nodes.items():
        if pk not in closed:
            above = next((step.id for step in reversed(snapshot.path_to(pk)[:-1]) if step.id in nodes), None)
            nodes[pk] = replace(node, parent_id=above)
    children: dict[int | None, list[int]] = defaultdict(list)
    for node in nodes.values():
        children[node.parent_id].append(node.id)
    listed = bits((n for n, pk in enumerate(snapshot.ids) if pk not in without), len(snapshot.ids))
    token = f"{snapshot.token}{NARROWED}{name}"
    return replace(snapshot, token=token, everything=listed, nodes=nodes, children=children)


def _recommended(snapshot: Snapshot) -> array[int]:
    """By priority, with what is sold out last."""
    mask = snapshot.in_stock.to_bytes(len(snapshot.ids) // 8 + 1, "little")
    stocked = [n for n in snapshot.by_priority if mask[n >> 3] >> (n & 7) & 1]
    sold_out = [n for n in snapshot.by_priority if not mask[n >> 3] >> (n & 7) & 1]
    return array("I", stocked + sold_out)


def _add_facets(snapshot: Snapshot, rows: Sequence[Row]) -> None:
    size = len(rows)
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    names: dict[str, str] = {}
    classes: dict[str, list[int]] = defaultdict(list)
    class_names: dict[str, str] = {}
    for n, row in enumerate(rows):
        classes[row.class_slug].append(n)
        class_names[row.class_slug] = row.class_name
        for code, group in row.facets.items():
            names[code] = str(group["name"])
            for value in group["values"]:  # type: ignore[attr-defined]
                found[code][value].append(n)
    snapshot.facets = {
        code: Facet(names[code], {value: bits(owners, size) for value, owners in sorted(values.items())})
        for code, values in sorted(found.items(), key=lambda item: names[item[0]])
    }
    snapshot.classes = {
        slug: Facet(class_names[slug], {slug: bits(owners, size)})
        for slug, owners in sorted(classes.items(), key=lambda item: class_names[item[0]])
    }


def _add_categories(snapshot: Snapshot, rows: Sequence[Row], nodes: Sequence[Node]) -> None:
    """A category holds the products of all below it."""
    snapshot.nodes = {node.id: node for node in nodes}
    snapshot.children = defaultdict(list)
    for node in nodes:
        snapshot.children[node.parent_id].append(node.id)
    above = {node.id: [step.id for step in snapshot.path_to(node.id)] for node in nodes}
    owners: dict[int, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        for category_id in row.category_ids:
            for step in above.get(category_id, ()):
                owners[step].append(n)
    snapshot.categories = {node.id: bits(owners[node.id], len(rows)) for node in nodes}


def _orders(rows: Sequence[Row]) -> dict[str, array[int]]:
    numbers = range(len(rows))

    def ordered(key) -> array[int]:  # type: ignore[no-untyped-def]
        return array("I", sorted(numbers, key=key))

    def price(n: int) -> int:
        found = rows[n].price_minor
        return (1 << 62) if found is None else found

    names = [row.title.casefold() for row in rows]
    return {
        "name": ordered(lambda n: (names[n], rows[n].product_id)),
        "price": ordered(lambda n: (price(n), names[n])),
        "-price": ordered(lambda n: (price(n) == 1 << 62, -price(n), names[n])),
        "newest": ordered(lambda n: (-rows[n].created, -rows[n].product_id)),
    }
