"""The lowest price that an offer can give each product: what the undercut guard holds against partners' prices.

Offers that meet in one basket are not combined here; the basket asks the guard again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q
from oscar.apps.partner.models import StockRecord

from shop.facts import product_class_word

CENT = Decimal("0.01")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Sold:
    """A product at its list price."""

    product_id: int
    sku: str
    title: str
    product_class: str
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Worst:
    """The lowest net for so many units of a product."""

    sold: Sold
    quantity: int
    net: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer's numbers, away from Oscar's models. `is_same_range`: what must be bought is what gets cheaper."""

    kind: str
    value: Decimal
    most_items: int | None
    condition_kind: str
    condition_value: Decimal
    is_same_range: bool

    @property
    def units(self) -> int:
        """How many units one application takes; one where the condition asks for a value."""
        return 1 if self.condition_kind == "Value" else max(1, int(self.condition_value))


def worst_of_offer(offer: Any) -> list[Worst]:
    """Return the lowest price of every product that the offer makes cheaper, in three queries."""
    benefit, condition = offer.benefit, offer.condition
    if benefit.proxy_class or not benefit.type or benefit.type.startswith("Shipping"):
        return []
    gets_cheaper = condition.range if benefit.type == "Fixed price" else benefit.range
    if gets_cheaper is None:
        return []
    terms = Terms(
        kind=benefit.type,
        value=Decimal(benefit.value or 0),
        most_items=benefit.max_affected_items,
        condition_kind=condition.type or "Count",
        condition_value=Decimal(condition.value or 1),
        is_same_range=benefit.range_id is None or benefit.range_id == condition.range_id,
    )
    return worst_prices(terms, sold_in(gets_cheaper))


def sold_in(range_: Any) -> list[Sold]:
    """Return what can be bought of a range; a parent's variants are in it with the parent."""
    members = range_.all_products().order_by().values("pk")
    rows = StockRecord.objects.filter(
        Q(product__in=members) | Q(product__parent__in=members), price__isnull=False, product__is_discountable=True
    )
    return [
        sold(row) for row in rows.select_related("product__product_class", "product__parent__product_class").distinct()
    ]


def sold(record: StockRecord) -> Sold:
    product = record.product
    return Sold(
        product_id=product.pk,
        sku=record.partner_sku,
        title=product.get_title(),
        product_class=product_class_word(product.get_product_class().slug),
        price=record.price,
        currency=record.price_currency,
    )


def worst_prices(terms: Terms, products: Sequence[Sold]) -> list[Worst]:
    """Return the worst case of each product by itself; products that cost nothing cannot be undercut."""
    worst = _WORST.get(terms.kind)
    ordered = sorted(products, key=lambda sold: sold.price)
    return [worst(terms, sold, ordered) for sold in ordered if sold.price > 0] if worst else []


def _percentage(terms: Terms, sold: Sold, products: Sequence[Sold]) -> Worst:
    return _less(sold, sold.price * min(terms.value, Decimal(100)) / 100)


def _fixed_unit(terms: Terms, sold: Sold, products: Sequence[Sold]) -> Worst:
    return _less(sold, min(terms.value, sold.price))


def _absolute(terms: Terms, sold: Sold, products: Sequence[Sold]) -> Worst:
    """The amount is shared by price over the discounted items: this product bears most with the cheapest beside it."""
    beside = Decimal(0)
    quantity = 1
    if terms.is_same_range:
        others = max(0, min(terms.units, terms.most_items or terms.units) - 1)
        cheapest = _cheapest(terms, sold, products, others)
        quantity += cheapest.count(sold)
        beside = sum((item.price for item in cheapest), Decimal(0))
        if terms.condition_kind == "Value":
            beside = max(Decimal(0), terms.condition_value - sold.price)
    total = sold.price + beside
    return _less(sold, min(terms.value, total) * sold.price * quantity / total, quantity)


def _multibuy(terms: Terms, sold: Sold, products: Sequence[Sold]) -> Worst:
    """The cheapest of the items is free: one unit, when what else must be bought is dearer or something else."""
    has_dearer = any(other.price >= sold.price and other.sku != sold.sku for other in products)
    if terms.units == 1 or not terms.is_same_range or has_dearer:
        return Worst(sold, 1, Decimal(0))
    return Worst(sold, terms.units, sold.price * (terms.units - 1))


def _fixed_price(terms: Terms, sold: Sold, products: Sequence[Sold]) -> Worst:
    """A set for one amount, shared by price: this product falls most with the dearest beside it."""
    if terms.condition_kind == "Value":
        return Worst(sold, 1, sold.price)
    others = [item for item in reversed(products) if item.sku != sold.sku or terms.condition_kind == "Count"]
    beside = (
        [others[0]] * (terms.units - 1) if terms.condition_kind == "Count" and others else others[: terms.units - 1]
    )
    quantity = 1 + beside.count(sold)
    total = sold.price + sum((item.price for item in beside), Decimal(0))
    return Worst(sold, quantity, _round(min(ONE, terms.value / total) * sold.price * quantity))


_WORST = {
    "Percentage": _percentage,
    "Absolute": _absolute,
    "Fixed": _fixed_unit,
    "Multibuy": _multibuy,
    "Fixed price": _fixed_price,
}


def _cheapest(terms: Terms, sold: Sold, products: Sequence[Sold], number: int) -> list[Sold]:
    """Return what stands beside the product at the least cost: distinct items where the condition asks for that."""
    if terms.condition_kind == "Coverage":
        return [item for item in products if item.sku != sold.sku][:number]
    return [products[0]] * number


def _less(sold: Sold, discount: Decimal, quantity: int = 1) -> Worst:
    return Worst(sold, quantity, sold.price * quantity - _round(discount))


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
