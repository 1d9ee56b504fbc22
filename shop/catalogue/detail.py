"""A product page as cacheable values: the texts that are the same for all who see these prices in this language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shop.catalogue.caching import SECONDS, page_key
from shop.catalogue.cards import cards_for, offer_prices
from shop.catalogue.engine.snapshot import Snapshot
from shop.catalogue.engine.terms import Offer, Term, compare
from shop.catalogue.listing import category_href
from shop.catalogue.models import CatalogueEntry, DocumentKind, PriceBasis, StockState
from shop.offering import quantities
from shop.offering.engine.quantities import FREE, Rule, snap
from shop.offering.models import Offering
from shop.offering.quantities import rule_of
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Step
from shop.pricing.gates import closed_to
from shop.pricing.gating import without_price
from shop.pricing.resolver import ResolvedPrice
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


@dataclass(frozen=True, slots=True)
class Calculation:
    """What commitments to a product come to for a quantity; `note` says why it is another than asked for."""

    product_id: int
    quantity: int
    rule: Rule
    terms: tuple[Term, ...]
    selected: Term | None
    currency: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant without a term: one row of the choice."""

    product_id: int
    sku: str
    title: str
    price: Decimal | None
    is_chosen: bool


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
    forget_hidden(entry, catalogue)
    href = reverse("catalogue:detail", kwargs={"product_slug": entry.slug, "pk": entry.pk})
    offers = offers_of(entry)
    prices = offer_prices(offers, context=context)
    sees_price = context.sees_prices and entry.pk not in closed_to(context)
    priced = at_prices(offers, prices)
    rule = rule_of(entry.product)
    own = [offer for offer in priced if entry.detail["variants"] or offer.product_id == entry.pk]
    terms = compare(priced, today=today)
    choices = [] if terms else choices_of(entry, priced, chosen)
    shown = [pk for pk in detail["recommended"] if catalogue.has(pk)]
    recommended = cards_for(shown[:RECOMMENDED], context=context, mode=mode)
    has_price = any(offer.price is not None for offer in own)
    buyable = has_price and entry.stock_state != StockState.OUT and bool(ROUTES[mode])
    hrefs = hrefs_of(entry)
    selected = chosen_term(terms, entry.pk if entry.pk in hrefs else chosen)
    calculated = Calculation(entry.pk, 1, rule, tuple(terms), selected, entry.currency)
    if terms and rule.lowest > 1:
        calculated = calculation(
            catalogue,
            entry,
            context=context,
            today=today,
            quantity=rule.lowest,
            chosen=selected.product_id if selected else None,
        )
    buy = {
        "entry": entry,
        "terms": terms,
        "selected": selected,
        "term_links": [(term, hrefs.get(term.product_id, "")) for term in terms],
        "choices": choices,
        "price": next((offer.price for offer in priced if offer.price is not None), None),
        "is_from": len({offer.price for offer in priced}) > 1,
        "no_price": without_price(sees_price),
        "sees_prices": sees_price,
        "here": href,
        "ladders": ladders_of(priced, prices),
        "explained": [(offer.title, prices[offer.product_id]) for offer in own if is_explained(offer, prices)],
        "lead_days": detail["lead_days"],
        "stock_text": StockState(entry.stock_state).label,
        "currency": entry.currency,
        "is_monthly": entry.price_basis == PriceBasis.MONTH,
    }
    below = {
        "description": mark_safe(detail["description"]),  # sanitised by gather.description_html
        "attributes": [(name, text) for name, value in detail["attributes"] if (text := text_of(value))],
        "documents": [{**item, "kind": DocumentKind(item["kind"]).label} for item in detail["documents"]],
        "recommended": recommended,
        "calculation": calculated,
        "entry": entry,
    }
    order = {
        "rule": rule,
        "rule_texts": quantities.terms(rule),
        "buyable": buyable,
        "is_out": entry.stock_state == StockState.OUT,
    }
    images = detail["images"]
    return ProductPage(
        product_id=entry.pk,
        title=entry.title,
        description=detail["meta_description"] or entry.summary,
        href=href,
        crumbs=crumbs_of(catalogue, entry),
        image=base_url + images[0]["large"] if images else "",
        media=render_to_string("oscar/catalogue/partials/gallery.html", {"images": images, "title": entry.title}),
        buy=render_to_string("oscar/catalogue/partials/buy.html", buy),
        order=render_to_string("oscar/catalogue/partials/order.html", order),
        below=render_to_string("oscar/catalogue/partials/below.html", below),
        structured=structured(entry, own, base_url=base_url, href=href),
        can_be_bought=buyable,
        has_offerings=entry.has_offerings,
        has_rule=rule != FREE,
    )


def entries() -> QuerySet[CatalogueEntry]:
    """The entries with what a product page needs beside them, in one query."""
    written = Offering.objects.filter(product=OuterRef("pk"))
    return CatalogueEntry.objects.select_related("product__quantity_rule").annotate(has_offerings=Exists(written))


def forget_hidden(entry: CatalogueEntry, catalogue: Snapshot) -> None:
    """Keep of an edition's other terms only those that this visitor may know of."""
    entry.detail["siblings"] = [
        other for other in entry.detail["siblings"] if other["id"] == entry.pk or catalogue.has(other["id"])
    ]


def at_prices(offers: Sequence[Offer], prices: Mapping[int, ResolvedPrice]) -> list[Offer]:
    return [
        replace(offer, price=prices[offer.product_id].amount if offer.product_id in prices else None)
        for offer in offers
    ]


def calculation(
    catalogue: Snapshot, entry: CatalogueEntry, *, context: PriceContext, today: date, quantity: int, chosen: int | None
) -> Calculation:
    """Return the terms of an edition for a quantity, snapped to the product's rule, at the prices of that quantity."""
    forget_hidden(entry, catalogue)
    rule = rule_of(entry.product)
    snapped = snap(quantity, rule)
    offers = offers_of(entry)
    prices = offer_prices(offers, context=context, quantity=snapped.quantity)
    terms = compare(at_prices(offers, prices), today=today, quantity=snapped.quantity)
    note = quantities.words(rule, snapped)
    return Calculation(entry.pk, snapped.quantity, rule, tuple(terms), chosen_term(terms, chosen), entry.currency, note)


def offers_of(entry: CatalogueEntry) -> list[Offer]:
    """What this page sells: its own product or children, or one edition in the terms of its siblings."""
    siblings = entry.detail["siblings"]
    if len(siblings) > 1:
        return [
            Offer(
                other["id"],
                other["upc"],
                other["title"],
                None if other["price"] is None else Decimal(other["price"]),
                other["term_months"],
                other["currency"],
            )
            for other in siblings
        ]
    variants = {variant["id"]: variant for variant in entry.detail["variants"]}
    return [
        Offer(
            product_id=pk,
            sku=variants[pk]["upc"] if pk in variants else entry.upc,
            title=variants[pk]["title"] if pk in variants else entry.title,
            price=None if price is None else Decimal(price),
            term_months=months,
            currency=entry.currency,
        )
        for pk, price, months in entry.offers
    ]


def ladders_of(offers: Sequence[Offer], prices: Mapping[int, ResolvedPrice]) -> list[tuple[str, tuple[Step, ...]]]:
    """What a unit costs by quantity, where that differs; terms have a table of their own."""
    found = [(offer.title, prices[offer.product_id].ladder) for offer in offers if offer.product_id in prices]
    return [(title, ladder) for title, ladder in found if len(ladder) > 1]


def is_explained(offer: Offer, prices: Mapping[int, ResolvedPrice]) -> bool:
    """A list price explains itself."""
    found = prices.get(offer.product_id)
    return found is not None and found.source != Origin.STOCK_RECORD


def hrefs_of(entry: CatalogueEntry) -> dict[int, str]:
    """Where each sibling's own page is; children have none."""
    base = reverse("catalogue:index")
    return {other["id"]: f"{base}{other['slug']}_{other['id']}/" for other in entry.detail["siblings"]}


def chosen_term(terms: Sequence[Term], chosen: int | None) -> Term | None:
    """The one asked for; else the yearly one, being what most buyers take; else the first."""
    wanted = next((term for term in terms if term.product_id == chosen), None)
    yearly = next((term for term in terms if term.months == 12), None)
    return wanted or yearly or next(iter(terms), None)


def choices_of(entry: CatalogueEntry, offers: Sequence[Offer], chosen: int | None) -> list[Choice]:
    if not entry.detail["variants"]:
        return []
    ids = [offer.product_id for offer in offers if offer.price is not None]
    marked = chosen if chosen in ids else next(iter(ids), None)
    texts = {
        variant["id"]: ", ".join(text for _name, value in variant["attributes"] if (text := text_of(value)))
        for variant in entry.detail["variants"]
    }
    return [
        Choice(
            offer.product_id,
            offer.sku,
            offer.title if offer.title != entry.title else texts[offer.product_id] or offer.sku,
            offer.price,
            offer.product_id == marked,
        )
        for offer in offers
    ]


def crumbs_of(catalogue: Snapshot, entry: CatalogueEntry) -> tuple[dict[str, str], ...]:
    way = catalogue.path_to(entry.category_ids[0]) if entry.category_ids else []
    crumbs = [{"title": _("Products"), "url": reverse("catalogue:index")}]
    crumbs += [{"title": node.name, "url": category_href(node)} for node in way]
    return (*crumbs, {"title": entry.title, "url": ""})


def text_of(value: Any) -> str:
    """An attribute's value in words; '' leaves its row out."""
    if value is None or value == "":
        return ""
    if value is True:
        return pgettext("attribute value", "Yes")
    if value is False:
        return pgettext("attribute value", "No")
    return ", ".join(value) if isinstance(value, list) else str(value)


AVAILABILITY = {
    StockState.IN_STOCK: "InStock",
    StockState.LOW: "LimitedAvailability",
    StockState.OUT: "OutOfStock",
    StockState.TO_ORDER: "PreOrder",
    StockState.SERVICE: "InStock",
}


def structured(entry: CatalogueEntry, offers: Sequence[Offer], *, base_url: str, href: str) -> str:
    """schema.org's Product as JSON that may stand inside a script element."""
    images = [base_url + image["large"] for image in entry.detail["images"]]
    facts = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": entry.title,
        "sku": entry.upc,
        "description": entry.summary,
        "image": images,
        "category": entry.main_category,
        "url": base_url + href,
        "offers": [
            {
                "@type": "Offer",
                "sku": offer.sku,
                "price": f"{offer.price:.2f}",
                "priceCurrency": offer.currency,
                "availability": f"https://schema.org/{AVAILABILITY[StockState(entry.stock_state)]}",
                "url": base_url + href,
            }
            for offer in offers
            if offer.price is not None
        ],
    }
    text = json.dumps({name: value for name, value in facts.items() if value}, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return mark_safe(text)  # every character that could end the script is escaped above
