"""What a visitor chose, read leniently from an address: what is unknown or absurd is left out, never an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from shop.catalogue.engine.snapshot import Snapshot

SORTS = ("", "name", "price", "-price", "newest")
PRICE_SORTS = ("price", "-price")
ATTRIBUTE = "a."
MAX_VALUES = 30
MAX_QUERY = 200
MAX_PAGE = 1_000_000
MAX_PRICE = Decimal(10) ** 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Hashable, and in a fixed order, so that one choice has one cache key whatever order its parameters came in."""

    query: str = ""
    category: int | None = None
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool = False
    sort: str = ""
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        return bool(
            self.classes
            or self.attributes
            or self.in_stock
            or self.category is not None
            or self.price_min is not None
            or self.price_max is not None
        )

    @property
    def asks_prices(self) -> bool:
        return self.price_min is not None or self.price_max is not None or self.sort in PRICE_SORTS

    def without_prices(self) -> Filters:
        """For who may not see prices: an order or a bound would tell them."""
        sort = "" if self.sort in PRICE_SORTS else self.sort
        return replace(self, price_min=None, price_max=None, sort=sort)

    def with_values(self, code: str, values: Sequence[str]) -> Filters:
        others = [(key, chosen) for key, chosen in self.attributes if key != code]
        chosen = [*others, (code, tuple(sorted(values)))] if values else others
        return replace(self, attributes=tuple(sorted(chosen)), page=1)

    def pairs(self) -> list[tuple[str, str]]:
        """As address parameters; defaults are left out, so that each list has one canonical address."""
        found = [("q", self.query)] if self.query else []
        if self.category is not None:
            found.append(("category", str(self.category)))
        found += [("class", slug) for slug in self.classes]
        found += [(ATTRIBUTE + code, value) for code, values in self.attributes for value in values]
        for name, amount in (("price_min", self.price_min), ("price_max", self.price_max)):
            if amount is not None:
                found.append((name, f"{amount:f}"))
        if self.in_stock:
            found.append(("in_stock", "1"))
        if self.sort:
            found.append(("sort", self.sort))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def address(self, path: str) -> str:
        query = urlencode(self.pairs())
        return f"{path}?{query}" if query else path


def parse(parameters: Mapping[str, Sequence[str]]) -> Filters:
    """Read `{name: [values]}` as a query string gives it."""
    attributes = [
        (name[len(ATTRIBUTE) :], tuple(sorted({value for value in values if value})[:MAX_VALUES]))
        for name, values in parameters.items()
        if name.startswith(ATTRIBUTE) and any(values)
    ]
    sort = last(parameters, "sort")
    return Filters(
        query=clean_query(last(parameters, "q")),
        category=whole_number(last(parameters, "category")),
        classes=tuple(sorted(set(parameters.get("class", ()))))[:MAX_VALUES],
        attributes=tuple(sorted(attributes))[:MAX_VALUES],
        price_min=amount(last(parameters, "price_min")),
        price_max=amount(last(parameters, "price_max")),
        in_stock=last(parameters, "in_stock") == "1",
        sort=sort if sort in SORTS else "",
        page=min(max(whole_number(last(parameters, "page")) or 1, 1), MAX_PAGE),
    )


def known(filters: Filters, snapshot: Snapshot) -> Filters:
    """Leave out what the catalogue has never heard of: an old bookmark shows a list, not an empty page."""
    attributes = [
        (code, tuple(value for value in values if snapshot.facets[code].values.get(value, 0) & snapshot.everything))
        for code, values in filters.attributes
        if code in snapshot.facets
    ]
    return replace(
        filters,
        category=filters.category if filters.category in snapshot.nodes else None,
        classes=tuple(
            slug
            for slug in filters.classes
            if slug in snapshot.classes and snapshot.classes[slug].values[slug] & snapshot.everything
        ),
        attributes=tuple((code, values) for code, values in attributes if values),
    )


def last(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name) or ("",)
    return values[-1]


def clean_query(text: str) -> str:
    """Printable and short: control characters (NUL among them) never reach a database."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * MAX_QUERY])
    return " ".join(printable.split())[:MAX_QUERY].strip()


def amount(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not found.is_finite() or not 0 <= found < MAX_PRICE:
        return None
    return found.quantize(Decimal("0.01")).normalize() + 0


def whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
