"""What a partner pays for a product at a moment, and the lowest price that does not undercut it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.core.money import BASIS, share_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """An agreed price per unit (of one SKU), or a discount on list; `is_promotion` when a promotion was extended."""

    id: int
    valid_from: datetime
    valid_to: datetime | None = None
    sku: str = ""
    product_class: str = ""
    price_minor: int | None = None
    discount_bp: int | None = None
    currency: str = ""
    is_promotion: bool = False

    def covers(self, product: Product, at: datetime) -> bool:
        if not self.valid_from <= at or (self.valid_to is not None and at >= self.valid_to):
            return False
        if self.price_minor is not None and self.currency != product.currency:
            return False
        return self.sku in ("", product.sku) and self.product_class in ("", product.product_class)

    def price_of(self, list_minor: int) -> int:
        if self.price_minor is not None:
            return self.price_minor
        return list_minor - share_of(list_minor, self.discount_bp or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a term is looked up for. `list_minor` is the list price of one unit."""

    sku: str
    product_class: str
    list_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTerms:
    """One partner's terms, and the margin its agreement promises it on top of its buy price."""

    partner: int
    code: str
    name: str
    margin_bp: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertised:
    """A minimum advertised price per unit."""

    id: int
    sku: str
    price_minor: int
    currency: str
    valid_from: datetime
    valid_to: datetime | None = None
    is_promotion: bool = False


@dataclass(frozen=True, slots=True)
class BuyPrice:
    minor: int
    term: Term


def buy_price(terms: Sequence[Term], product: Product, *, at: datetime) -> BuyPrice | None:
    """Return the agreed price, or a promotion's while that is lower; None without a term.

    The narrowest agreed term wins (SKU, then class, then everything), among equals the latest.
    """
    found = [term for term in terms if term.covers(product, at)]
    agreed = [term for term in found if not term.is_promotion]
    if not agreed:
        return None
    best = max(agreed, key=lambda term: (bool(term.sku), bool(term.product_class), term.valid_from, term.id))
    promoted = [term for term in found if term.is_promotion]
    prices = [(term.price_of(product.list_minor), term.id, term) for term in (best, *promoted)]
    minor, _, term = min(prices, key=lambda price: price[:2])
    return BuyPrice(minor, term)


def advertised_price(rows: Iterable[Advertised], product: Product, *, at: datetime) -> int | None:
    """Return the latest agreed minimum, or a promotion's while that is lower; None without one."""
    found = [
        row
        for row in rows
        if row.sku == product.sku
        and row.currency == product.currency
        and row.valid_from <= at
        and (row.valid_to is None or at < row.valid_to)
    ]
    agreed = [row for row in found if not row.is_promotion]
    if not agreed:
        return None
    latest = max(agreed, key=lambda row: (row.valid_from, row.id))
    return min(row.price_minor for row in (latest, *(row for row in found if row.is_promotion)))


def floor_of(buy_minor: int, margin_bp: int) -> int:
    """Return the lowest direct price of one unit that leaves the partner its minimum margin."""
    return buy_minor + share_of(buy_minor, margin_bp)


def extended_buy_price(*, buy_minor: int, margin_bp: int, direct_minor: int, list_minor: int) -> int:
    """Return the buy price of one unit that goes with a promotion: lowered in the proportion of the direct price to
    list, and at least so far that the direct price no longer undercuts it."""
    highest = direct_minor * BASIS // (BASIS + margin_bp)
    while floor_of(highest + 1, margin_bp) <= direct_minor:
        highest += 1
    while highest > 0 and floor_of(highest, margin_bp) > direct_minor:
        highest -= 1
    proportional = buy_minor * min(direct_minor, list_minor) // list_minor if list_minor else 0
    return min(buy_minor, proportional, highest)
