"""A product page as cacheable values: the texts that are the same for all who see these prices in this language."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from shop.catalogue import product_offers
from shop.catalogue.attribute_words import text_of
from shop.catalogue.caching import SECONDS, page_key
from shop.catalogue.cards import cards_for
from shop.catalogue.engine.snapshot import Snapshot
from shop.catalogue.listing import category_href
from shop.catalogue.models import CatalogueEntry, DocumentKind, PriceBasis, StockState
from shop.catalogue.product_offers import OnOffer
from shop.catalogue.structured_data import structured
from shop.offering import quantities
from shop.offering.engine.quantities import FREE
from shop.offering.models import Offering
from shop.offering.quantities import rule_of
from shop.pricing.contexts import PriceContext
from shop.pricing.gates import closed_to
from shop.pricing.gating import without_price
from shop.pricing.selectors import price_key
from shop.segments.engine.profiles import ROUTES

RECOMMENDED = 4


@dataclass(frozen=True, slots=True)
class ProductPage:
    product_id: int
    title: str
    description: str
    href: str
    crumbs: tuple[dict[str, str], ...]
    image: str
    media: str
    buy: str
    order: str
    below: str
    structured: str
    can_be_bought: bool
    has_offerings: bool
    has_rule: bool


def product_page(
    catalogue: Snapshot,
    product_id: int,
    *,
    context: PriceContext,
    mode: str,
    base_url: str,
    today: date,
    chosen: int | None = None,
) -> ProductPage | None:
    """Return the page of a public product, from the cache or made with two queries; None when it is not listed.

    `mode` is what the store does for the visitor: where nothing can be ordered, nothing can be put into a basket.
    `today` is part of the key: the renewal dates of terms count from it.
    """
    if not catalogue.has(product_id):
        return None
    key = page_key("product", catalogue.token, price_key(context), mode, product_id, chosen, today, base_url)
    found: ProductPage | None = cache.get(key)
    if found is None:
        entry = entries().get(pk=product_id)
        found = make(catalogue, entry, context=context, mode=mode, base_url=base_url, today=today, chosen=chosen)
        cache.set(key, found, SECONDS)
    return found


def make(
    catalogue: Snapshot,
    entry: CatalogueEntry,
    *,
    context: PriceContext,
    mode: str,
    base_url: str,
    today: date,
    chosen: int | None,
) -> ProductPage:
    detail = entry.detail
    product_offers.forget_hidden(entry, catalogue)
    href = reverse("catalogue:detail", kwargs={"product_slug": entry.slug, "pk": entry.pk})
    sold = product_offers.on_offer(entry, context=context, today=today, chosen=chosen)
    calculated = product_offers.first_calculation(catalogue, entry, sold, context=context, today=today)
    shown = [pk for pk in detail["recommended"] if catalogue.has(pk)]
    recommended = cards_for(shown[:RECOMMENDED], context=context, mode=mode)
    has_price = any(offer.price is not None for offer in sold.own)
    buyable = has_price and entry.stock_state != StockState.OUT and bool(ROUTES[mode])
    images = detail["images"]
    return ProductPage(
        product_id=entry.pk,
        title=entry.title,
        description=detail["meta_description"] or entry.summary,
        href=href,
        crumbs=crumbs_of(catalogue, entry),
        image=base_url + images[0]["large"] if images else "",
        media=_render("gallery", {"images": images, "title": entry.title}),
        buy=_render("buy", _buy(entry, sold, context=context, href=href)),
        order=_render("order", _order(entry, buyable=buyable)),
        below=_render("below", {**_below(entry), "recommended": recommended, "calculation": calculated}),
        structured=structured(entry, sold.own, base_url=base_url, href=href),
        can_be_bought=buyable,
        has_offerings=entry.has_offerings,
        has_rule=rule_of(entry.product) != FREE,
    )


def _render(part: str, context: dict[str, Any]) -> str:
    return str(render_to_string(f"oscar/catalogue/partials/{part}.html", context))


def _buy(entry: CatalogueEntry, sold: OnOffer, *, context: PriceContext, href: str) -> dict[str, Any]:
    """What it costs, and what there is to choose from."""
    sees_price = context.sees_prices and entry.pk not in closed_to(context)
    hrefs = product_offers.hrefs_of(entry)
    return {
        "entry": entry,
        "terms": sold.terms,
        "selected": sold.selected,
        "term_links": [(term, hrefs.get(term.product_id, "")) for term in sold.terms],
        "choices": sold.choices,
        "price": next((offer.price for offer in sold.offers if offer.price is not None), None),
        "is_from": len({offer.price for offer in sold.offers}) > 1,
        "no_price": without_price(sees_price),
        "sees_prices": sees_price,
        "here": href,
        "ladders": product_offers.ladders_of(sold.offers, sold.prices),
        "explained": product_offers.explained(sold.own, sold.prices),
        "lead_days": entry.detail["lead_days"],
        "stock_text": StockState(entry.stock_state).label,
        "currency": entry.currency,
        "includes_vat": context.includes_vat,
        "is_monthly": entry.price_basis == PriceBasis.MONTH,
    }


def _order(entry: CatalogueEntry, *, buyable: bool) -> dict[str, Any]:
    """In which quantities it goes into the basket, if at all."""
    rule = rule_of(entry.product)
    is_out = entry.stock_state == StockState.OUT
    return {"rule": rule, "rule_texts": quantities.terms(rule), "buyable": buyable, "is_out": is_out}


def _below(entry: CatalogueEntry) -> dict[str, Any]:
    """Description, data and documents."""
    detail = entry.detail
    return {
        "description": mark_safe(detail["description"]),  # sanitised by gather.description_html
        "attributes": [(name, text) for name, value in detail["attributes"] if (text := text_of(value))],
        "documents": [{**item, "kind": DocumentKind(item["kind"]).label} for item in detail["documents"]],
        "entry": entry,
    }


def entries() -> QuerySet[CatalogueEntry]:
    """The entries with what a product page needs beside them, in one query."""
    written = Offering.objects.filter(product=OuterRef("pk"))
    return CatalogueEntry.objects.select_related("product__quantity_rule").annotate(has_offerings=Exists(written))


def crumbs_of(catalogue: Snapshot, entry: CatalogueEntry) -> tuple[dict[str, str], ...]:
    way = catalogue.path_to(entry.category_ids[0]) if entry.category_ids else []
    crumbs = [{"title": _("Products"), "url": reverse("catalogue:index")}]
    crumbs += [{"title": node.name, "url": category_href(node)} for node in way]
    return (*crumbs, {"title": entry.title, "url": ""})
