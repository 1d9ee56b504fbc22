"""What each source knows of many products at once: all tiers of each, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Prices, Tier, adjusted
from shop.pricing.models import ContractPrice, PriceEntry
from shop.pricing.selectors import Footing, Link, in_force

Known = Mapping[int, Iterable[Prices]]  # by product; what is made of it can be gone through any number of times
Source = Callable[[PriceContext, Footing, Collection[int]], Known]
# Product, list, from quantity, price, valid from, valid to.
Row = tuple[int, int, int, Decimal, date | None, date | None]
COLUMNS = ("product_id", "price_list_id", "min_quantity", "price", "valid_from", "valid_to")


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
    entries: dict[int, dict[int, list[Row]]] = defaultdict(dict)
    for row in rows.values_list(*COLUMNS):
        entries[row[0]].setdefault(row[1], []).append(row)
    return {product_id: _InLists(by_list, footing, context.currency) for product_id, by_list in entries.items()}


class _InLists:
    """One product's prices in the lists in force, made when they are asked for: mostly the first is enough."""

    __slots__ = ("by_list", "currency", "footing")

    def __init__(self, by_list: Mapping[int, list[Row]], footing: Footing, currency: str) -> None:
        self.by_list, self.footing, self.currency = by_list, footing, currency

    def __iter__(self) -> Iterator[Prices]:
        for asked in self.footing.lists:
            for link in asked.links:
                if rows := self.by_list.get(link.list_id):
                    yield Prices(asked.origin, _tiers(rows, link, self.currency), asked.name, asked.may_merge)
                    break


def _tiers(rows: list[Row], link: Link, currency: str) -> list[Tier]:
    ordered = sorted(rows, key=itemgetter(2)) if len(rows) > 1 else rows
    if not any(link.basis_points):
        return [Tier(price, first, None, begins, ends) for _pk, _list, first, price, begins, ends in ordered]
    return [
        Tier(adjusted(price, link.basis_points, currency), first, None, begins, ends, price)
        for _pk, _list, first, price, begins, ends in ordered
    ]


def stock_record_price(context: PriceContext, stockrecord: Any) -> tuple[Prices, ...]:
    """The list price, where the stock record has one in the currency asked for."""
    if stockrecord is None or stockrecord.price is None or stockrecord.price_currency != context.currency:
        return ()
    return (Prices(Origin.STOCK_RECORD, (Tier(stockrecord.price),)),)


# In order of precedence. An accepted quote goes in front; the stock record always comes last.
SOURCES: tuple[Source, ...] = (contract_prices, list_prices)
