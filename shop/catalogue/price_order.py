"""The catalogue ordered and bounded by what one visitor pays, where that differs from the list prices."""

from __future__ import annotations

from array import array
from itertools import islice

from django.core.cache import cache
from django.db.models import Q
from django.db.models.functions import Coalesce
from oscar.apps.catalogue.models import Product

from shop.catalogue.caching import SECONDS, key_of
from shop.catalogue.cards import amounts_of, offer_prices, offers_of
from shop.catalogue.engine.filters import Filters
from shop.catalogue.engine.snapshot import NO_PRICE, Snapshot, repriced
from shop.catalogue.models import CatalogueEntry
from shop.pricing.contexts import PriceContext
from shop.pricing.gates import closed_to
from shop.pricing.models import ContractPrice, PriceEntry
from shop.pricing.selectors import Footing, footing_of, price_key

BATCH = 2000


def priced(catalogue: Snapshot, filters: Filters, context: PriceContext) -> Snapshot | None:
    """Return the catalogue at this visitor's prices; None where they differ from the list prices and nobody asks.

    Reckoned once for all who share the prices, when somebody first sorts or filters by them.
    """
    if not context.sees_prices:
        return None
    footing = footing_of(context)
    if footing.is_plain and not closed_to(context):
        return catalogue
    if not filters.asks_prices:
        return None
    index = catalogue.state.partition(".")[0]
    key = key_of("prices", index, price_key(context))
    kept: bytes | None = cache.get(key)
    if kept is None:
        prices = _prices(catalogue, footing, context)
        cache.set(key, prices.tobytes(), SECONDS)
    else:
        prices = array("q", kept)
    return repriced(catalogue, prices)


def _prices(catalogue: Snapshot, footing: Footing, context: PriceContext) -> array[int]:
    """The lowest price of each product in minor units: the list price, but for those that a list or contract names.

    What is hidden has none, as what is on request.
    """
    prices = array("q", catalogue.prices)
    for pk in closed_to(context) & catalogue.ordinals.keys():
        prices[catalogue.ordinals[pk]] = NO_PRICE
    lists = {link.list_id for asked in footing.lists for link in asked.links}
    named = Q(pk__in=PriceEntry.objects.filter(price_list__in=lists).values("product_id"))
    if footing.has_contracts:
        agreed = ContractPrice.objects.filter(company__key=context.company_key).values("product_id")
        named |= Q(pk__in=agreed)
    owners = Product.objects.filter(named).annotate(owner=Coalesce("parent_id", "pk")).order_by().values("owner")
    rows = CatalogueEntry.objects.filter(is_public=True, pk__in=owners).values("product_id", "offers", "currency")
    waiting = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(waiting, BATCH)):
        found = offer_prices((offer for row in batch for offer in offers_of(row)), context=context)
        for row in batch:
            amounts = amounts_of(row, found)
            ordinal = catalogue.ordinals.get(row["product_id"])
            if ordinal is not None:
                prices[ordinal] = int(min(amounts) * 100) if amounts else NO_PRICE
    return prices
