"""A product as a list shows it: plain values, priced in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.catalogue.engine.terms import Offer, monthly
from shop.catalogue.models import CatalogueEntry, PriceBasis, StockState
from shop.pricing.contexts import PriceContext
from shop.pricing.resolver import PriceQuestion, resolve_prices

COLUMNS = (
    "product_id title slug upc main_category image_url image_width image_height currency offers price_basis "
    "stock_state facts"
).split()


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """The list price as the index holds it, in the shape that the resolver reads of a stock record."""

    price: Decimal | None
    price_currency: str


@dataclass(frozen=True, slots=True)
class IndexedProduct:
    pk: int

    @property
    def id(self) -> int:
        return self.pk


@dataclass(frozen=True, slots=True)
class Card:
    product_id: int
    title: str
    href: str
    upc: str
    category: str
    image_url: str
    image_width: int
    image_height: int
    amount: Decimal | None
    currency: str
    is_from: bool
    unit: str | Promise
    stock_state: str
    stock_text: str | Promise
    facts: tuple[str, ...]


def price_context(company_key: str) -> PriceContext:
    return PriceContext(company_key=company_key, at=timezone.now())


def cards_for(product_ids: Sequence[int], *, company_key: str = "") -> list[Card]:
    """Cards of the public products among these, in this order: one query, and whatever the resolver needs for all."""
    rows = {
        row["product_id"]: row
        for row in CatalogueEntry.objects.filter(pk__in=product_ids, is_public=True).values(*COLUMNS)
    }
    found = [rows[pk] for pk in product_ids if pk in rows]
    prices = offer_prices((offer for row in found for offer in offers_of(row)), company_key=company_key)
    base = reverse("catalogue:index")
    return [card_of(row, prices, base) for row in found]


def offers_of(row: dict[str, Any]) -> list[Offer]:
    return [
        Offer(pk, "", "", None if price is None else Decimal(price), months, row["currency"])
        for pk, price, months in row["offers"]
    ]


def offer_prices(offers: Iterable[Offer], *, company_key: str) -> dict[int, Decimal]:
    """What this company pays for each product that can be bought, as the resolver says."""
    answers = resolve_prices(
        context=price_context(company_key),
        questions=[
            PriceQuestion(
                key=offer.product_id,
                product=IndexedProduct(offer.product_id),
                stockrecord=IndexedRecord(offer.price, offer.currency),
            )
            for offer in offers
        ],
    )
    return {int(str(key)): answer.amount for key, answer in answers.items()}


def card_of(row: dict[str, Any], prices: dict[int, Decimal], base: str) -> Card:
    amounts = {
        monthly(prices[offer.product_id], offer.term_months) for offer in offers_of(row) if offer.product_id in prices
    }
    return Card(
        product_id=row["product_id"],
        title=row["title"],
        href=f"{base}{row['slug']}_{row['product_id']}/",
        upc=row["upc"],
        category=row["main_category"],
        image_url=row["image_url"],
        image_width=row["image_width"],
        image_height=row["image_height"],
        amount=min(amounts) if amounts else None,
        currency=row["currency"],
        is_from=len(amounts) > 1,
        unit=_("per month") if row["price_basis"] == PriceBasis.MONTH else "",
        stock_state=row["stock_state"],
        stock_text=StockState(row["stock_state"]).label,
        facts=tuple(row["facts"]),
    )
