"""What contracts and lists know of many products at once: all tiers of each, in one query."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import BigIntegerField, CharField, IntegerField, QuerySet, Value

from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Prices, Tier, adjusted
from shop.pricing.models import ContractPrice, PriceEntry
from shop.pricing.selectors import Footing, Link, in_force

Known = Mapping[int, Iterable[Prices]]  # by product; what is made of it can be gone through any number of times
# Product, list (None: a contract's), from quantity, price, valid from, valid to, up to quantity, reference.
Row = tuple[int, int | None, int, Decimal, date | None, date | None, int | None, str | None]


def known_prices(context: PriceContext, footing: Footing, products: Collection[int]) -> Known:
    """What contracts and lists in force say of the products: one query, none where nothing is in force."""
    asked: list[QuerySet[Any, Row]] = []
    if footing.has_contracts:
        asked.append(_contract_rows(context, products))
    if footing.lists:
        asked.append(_list_rows(context, footing, products))
    if not asked:
        return {}
    rows = asked[0].union(*asked[1:], all=True) if asked[1:] else asked[0]
    by_product: dict[int, dict[int | None, list[Row]]] = defaultdict(dict)
    for row in rows:
        by_product[row[0]].setdefault(row[1], []).append(row)
    return {product_id: _Known(found, footing, context.currency) for product_id, found in by_product.items()}


def _contract_rows(context: PriceContext, products: Collection[int]) -> QuerySet[ContractPrice, Row]:
    found = ContractPrice.objects.filter(
        in_force(context.on, end="expires"),
        company__key=context.company_key,
        currency=context.currency,
        product__in=products,
    ).order_by()
    no_list = Value(None, output_field=BigIntegerField())
    columns = ("min_quantity", "price", "valid_from", "expires", "max_quantity", "reference")
    return found.values_list("product_id", no_list, *columns)


def _list_rows(context: PriceContext, footing: Footing, products: Collection[int]) -> QuerySet[PriceEntry, Row]:
    found = PriceEntry.objects.filter(
        in_force(context.on),
        price_list__in={link.list_id for asked in footing.lists for link in asked.links},
        product__in=products,
    ).order_by()
    no_end, no_reference = Value(None, output_field=IntegerField()), Value(None, output_field=CharField())
    columns = ("product_id", "price_list_id", "min_quantity", "price", "valid_from", "valid_to")
    return found.values_list(*columns, no_end, no_reference)


class _Known:
    """One product's prices in order of precedence, made when they are asked for: mostly the first is enough.

    Each agreement stands by itself, the one from the largest quantity first; of a list and its parents the first that
    knows the product answers.
    """

    __slots__ = ("by_list", "currency", "footing")

    def __init__(self, by_list: Mapping[int | None, list[Row]], footing: Footing, currency: str) -> None:
        self.by_list, self.footing, self.currency = by_list, footing, currency

    def __iter__(self) -> Iterator[Prices]:
        for row in sorted(self.by_list.get(None, ()), key=itemgetter(2), reverse=True):
            _pk, _list, first, price, begins, ends, last, reference = row
            yield Prices(Origin.CONTRACT, (Tier(price, first, last, begins, ends),), reference or "")
        for asked in self.footing.lists:
            for link in asked.links:
                if rows := self.by_list.get(link.list_id):
                    yield Prices(asked.origin, _tiers(rows, link, self.currency), asked.name, asked.may_merge)
                    break


def _tiers(rows: list[Row], link: Link, currency: str) -> list[Tier]:
    ordered = sorted(rows, key=itemgetter(2)) if len(rows) > 1 else rows
    if not any(link.basis_points):
        return [Tier(price, first, None, begins, ends) for _pk, _list, first, price, begins, ends, *_none in ordered]
    return [
        Tier(adjusted(price, link.basis_points, currency), first, None, begins, ends, price)
        for _pk, _list, first, price, begins, ends, *_none in ordered
    ]


def stock_record_price(context: PriceContext, stockrecord: Any) -> tuple[Prices, ...]:
    """The list price, where the stock record has one in the currency asked for."""
    if stockrecord is None or stockrecord.price is None or stockrecord.price_currency != context.currency:
        return ()
    return (Prices(Origin.STOCK_RECORD, (Tier(stockrecord.price),)),)


def agreed_price(amount: Decimal | None) -> tuple[Prices, ...]:
    """What was agreed for one line alone."""
    return () if amount is None else (Prices(Origin.QUOTE, (Tier(amount),)),)
