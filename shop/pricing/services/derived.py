"""What the undercut guard is asked about: changed prices, and those that other lists derive from them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Product
from oscar.apps.partner.models import StockRecord

from channels.contracts import Channel
from shop.companies.models import Company
from shop.facts import product_class_word
from shop.pricing.engine.ladders import adjusted
from shop.pricing.guard import PriceChange
from shop.pricing.models import MAX_PARENTS, PriceEntry, PriceList


def changes_of_contract(company: Company, currency: str, prices: Iterable[Any]) -> list[PriceChange]:
    prices = list(prices)
    goods = _goods({price.product_id for price in prices}, currency)
    return [
        _change(goods[price.product_id], price.price, price.min_quantity, currency, company_key=str(company.key))
        for price in prices
    ]


def changes_of_list(
    price_list: PriceList, prices: Iterable[Any], basis_points: tuple[int, ...] = ()
) -> list[PriceChange]:
    """Prices as they stand in the list, after `basis_points`, and in each list below that has none of its own for the product.

    A list only for purchases through resellers holds no direct price.
    """
    prices = list(prices)
    goods = _goods({price.product_id for price in prices}, price_list.currency)
    found = []
    for asked, further, own in below(price_list, goods):
        if asked.channel != Channel.RESELLER:
            found += [
                _change(
                    goods[price.product_id],
                    adjusted(price.price, (*basis_points, *further), price_list.currency),
                    price.min_quantity,
                    price_list.currency,
                )
                for price in prices
                if price.product_id not in own
            ]
    return found


def below(
    price_list: PriceList, products: Iterable[int]
) -> Iterator[tuple[PriceList, tuple[int, ...], frozenset[int]]]:
    """Yield the list and all that derive from it: the adjustments on the way, and products known on the way."""
    level: list[tuple[PriceList, tuple[int, ...], frozenset[int]]] = [(price_list, (), frozenset())]
    yield level[0]
    for _depth in range(MAX_PARENTS):
        children = list(PriceList.objects.filter(parent__in=[found.pk for found, _points, _own in level]))
        if not children:
            return
        known: dict[int, set[int]] = defaultdict(set)
        entries = PriceEntry.objects.filter(price_list__in=children, product__in=list(products))
        for list_id, product_id in entries.values_list("price_list_id", "product_id").distinct():
            known[list_id].add(product_id)
        above = {found.pk: (points, own) for found, points, own in level}
        level = [
            (child, (*above[child.parent_id][0], child.adjust_bp), above[child.parent_id][1] | known[child.pk])
            for child in children
            if child.parent_id
        ]
        yield from level


def _goods(products: Iterable[int], currency: str) -> dict[int, dict[str, Any]]:
    """SKU, title, class and list price of each product, in two queries."""
    rows = Product.objects.filter(pk__in=products).select_related("product_class", "parent__product_class")
    goods: dict[int, dict[str, Any]] = {}
    for product in rows:
        kind = product.get_product_class()
        goods[product.pk] = {
            "sku": product.upc or str(product.pk),
            "title": product.get_title(),
            "product_class": product_class_word(kind.slug) if kind else "",
            "before": None,
        }
    records = StockRecord.objects.filter(product__in=goods).order_by("-pk")
    for product_id, sku, price, of in records.values_list("product_id", "partner_sku", "price", "price_currency"):
        goods[product_id] |= {"sku": sku, "before": price if of == currency else None}
    return goods


def _change(
    good: dict[str, Any], price: Decimal, quantity: int, currency: str, *, company_key: str = ""
) -> PriceChange:
    return PriceChange(
        **good, price=price, quantity=quantity, currency=currency, company_key=company_key, is_list_price=False
    )
