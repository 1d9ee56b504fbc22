"""A product as a list shows it: plain values, priced in bulk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.catalogue.engine.terms import Offer, monthly
from shop.catalogue.models import CatalogueEntry, PriceBasis, StockState
from shop.offering.models import Offering
from shop.pricing.contexts import PriceContext
from shop.pricing.gates import closed_to
from shop.pricing.gating import without_price
from shop.pricing.resolver import PriceQuestion, ResolvedPrice, resolve_prices, with_tax
from shop.segments.engine.profiles import ROUTES
from shop.tax.shown import shares_for

COLUMNS = (
    "product_id title slug upc main_category image_url image_width image_height currency offers price_basis "
    "stock_state facts"
).split()
OFFERED = Exists(Offering.objects.filter(product=OuterRef("pk")))


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


class Call(StrEnum):
    """What a card asks its reader to do; grid.html has the words."""

    BUY = "buy"
    CHOOSE = "choose"
    ASK = "ask"
    NONE = ""


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
    no_price: str | Promise
    currency: str
    is_from: bool
    unit: str | Promise
    stock_state: str
    stock_text: str | Promise
    facts: tuple[str, ...]
    call: Call
    includes_vat: bool = False


def cards_for(product_ids: Sequence[int], *, context: PriceContext, mode: str) -> list[Card]:
    """Cards of the public products among these, in this order: one query, and whatever the resolver needs for all.

    `mode` is what the store does for the visitor: it decides what each card calls to.
    """
    shown = CatalogueEntry.objects.filter(pk__in=product_ids, is_public=True).annotate(has_offerings=OFFERED)
    rows = {row["product_id"]: row for row in shown.values(*COLUMNS, "has_offerings")}
    found = [rows[pk] for pk in product_ids if pk in rows]
    prices = shown_prices([offer for row in found for offer in offers_of(row)], context=context)
    base = reverse("catalogue:index")
    closed = closed_to(context)
    made = (
        card_of(row, prices, base, without_price(context.sees_prices and row["product_id"] not in closed), mode)
        for row in found
    )
    return [replace(card, includes_vat=True) for card in made] if context.includes_vat else list(made)


def offers_of(row: Mapping[str, Any]) -> list[Offer]:
    return [
        Offer(pk, "", "", None if price is None else Decimal(price), months, row["currency"])
        for pk, price, months in row["offers"]
    ]


def offer_prices(offers: Iterable[Offer], *, context: PriceContext, quantity: int = 1) -> dict[int, ResolvedPrice]:
    """What a visitor pays for each of so many units of each product that can be bought, as the resolver says."""
    answers = resolve_prices(
        context=context,
        questions=[
            PriceQuestion(
                key=offer.product_id,
                product=IndexedProduct(offer.product_id),
                stockrecord=IndexedRecord(offer.price, offer.currency),
                quantity=quantity,
            )
            for offer in offers
        ],
    )
    return {int(str(key)): answer for key, answer in answers.items()}


def shown_prices(offers: Sequence[Offer], *, context: PriceContext, quantity: int = 1) -> dict[int, ResolvedPrice]:
    """`offer_prices` as pages show them: with tax to those who are to see it so."""
    prices = offer_prices(offers, context=context, quantity=quantity)
    if not context.includes_vat:
        return prices
    shares = shares_for(prices, company_key=context.company_key, on=context.on)
    return {pk: with_tax(price, shares[pk]) for pk, price in prices.items()}


def amounts_of(row: Mapping[str, Any], prices: Mapping[int, ResolvedPrice]) -> set[Decimal]:
    """What the offers of a row cost; terms by month."""
    return {
        monthly(prices[offer.product_id].amount, offer.term_months)
        for offer in offers_of(row)
        if offer.product_id in prices
    }


def card_of(
    row: dict[str, Any], prices: Mapping[int, ResolvedPrice], base: str, no_price: str | Promise, mode: str
) -> Card:
    amounts = amounts_of(row, prices)
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
        no_price=no_price,
        currency=row["currency"],
        is_from=len(amounts) > 1,
        unit=_("per month") if row["price_basis"] == PriceBasis.MONTH else "",
        stock_state=row["stock_state"],
        stock_text=StockState(row["stock_state"]).label,
        facts=tuple(row["facts"]),
        call=call_of(row, has_price=bool(amounts), mode=mode),
    )


def call_of(row: Mapping[str, Any], *, has_price: bool, mode: str) -> Call:
    """Return what the card calls to. What has to be chosen first is on its own page."""
    if not ROUTES[mode]:
        return Call.ASK
    if not has_price or row["stock_state"] == StockState.OUT:
        return Call.NONE
    is_plain = len(row["offers"]) == 1 and row["price_basis"] == PriceBasis.ONCE and not row["has_offerings"]
    return Call.BUY if is_plain else Call.CHOOSE
