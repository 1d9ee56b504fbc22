"""What each source knows of many products at once: all tiers of each, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Prices, Tier, adjusted
from shop.pricing.models import ContractPrice, PriceEntry
from shop.pricing.selectors import Footing, Link, in_force

Known = Mapping[int, Sequence[Prices]]  # by product
Source = Callable[[PriceContext, Footing, Collection[int]], Known]
Row = tuple[int, Decimal, date | None, date | None]  # from quantity, price, valid from, valid to


def contract_prices(context: PriceContext, footing: Footing, products: Collection[int]) -> Known:
    """What was agreed with the company; each agreement by itself, the one from the largest quantity first."""
    if not footing.has_contracts:
        return {}
    rows = ContractPrice.objects.filter(
        in_force(context.on, end="expires"),
        company__key=context.company_key,
        currency=context.currency,
        product__in=products,
    ).order_by("-min_quantity")
    columns = ("product_id", "reference", "price", "min_quantity", "max_quantity", "valid_from", "expires")
    found: dict[int, list[Prices]] = defaultdict(list)
    for product_id, reference, *tier in rows.values_list(*columns):
        found[product_id].append(Prices(Origin.CONTRACT, (Tier(*tier),), reference))
    return found


def list_prices(context: PriceContext, footing: Footing, products: Collection[int]) -> Known:
    """The prices of each list in force; of a list and its parents the first that knows the product."""
    if not footing.lists:
        return {}
    rows = PriceEntry.objects.filter(
        in_force(context.on),
        price_list__in={link.list_id for asked in footing.lists for link in asked.links},
        product__in=products,
    ).order_by()
    columns = ("product_id", "price_list_id", "min_quantity", "price", "valid_from", "valid_to")
    entries: dict[int, dict[int, list[Row]]] = defaultdict(dict)
    for product_id, list_id, *row in rows.values_list(*columns):
        entries[product_id].setdefault(list_id, []).append(tuple(row))
    return {product_id: _of_lists(by_list, footing, context.currency) for product_id, by_list in entries.items()}


def _of_lists(by_list: Mapping[int, list[Row]], footing: Footing, currency: str) -> list[Prices]:
    found = []
    for asked in footing.lists:
        for link in asked.links:
            if rows := by_list.get(link.list_id):
                found.append(Prices(asked.origin, _tiers(rows, link, currency), asked.name, asked.may_merge))
                break
    return found


def _tiers(rows: list[Row], link: Link, currency: str) -> list[Tier]:
    if len(rows) > 1:
        rows.sort(key=lambda row: row[0])
    if not any(link.basis_points):
        return [Tier(price, first, None, begins, ends) for first, price, begins, ends in rows]
    return [
        Tier(adjusted(price, link.basis_points, currency), first, None, begins, ends, price)
        for first, price, begins, ends in rows
    ]


def stock_record_price(context: PriceContext, stockrecord: Any) -> tuple[Prices, ...]:
    """The list price, where the stock record has one in the currency asked for."""
    if stockrecord is None or stockrecord.price is None or stockrecord.price_currency != context.currency:
        return ()
    return (Prices(Origin.STOCK_RECORD, (Tier(stockrecord.price),)),)


# In order of precedence. An accepted quote goes in front; the stock record always comes last.
SOURCES: tuple[Source, ...] = (contract_prices, list_prices)
