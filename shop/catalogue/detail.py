"""A product page as cacheable values: the texts that are the same for all who see these prices in this language."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
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
    below: str
    structured: str
    can_be_bought: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant without a term: one row of the choice."""

    product_id: int
    sku: str
    title: str
    price: Decimal | None
    is_chosen: bool


def product_page(
    catalogue: Snapshot, product_id: int, *, company_key: str, base_url: str, today: date, chosen: int | None = None
) -> ProductPage | None:
    """Return the page of a public product, from the cache or made with two queries; None when it is not listed.

    `today` is part of the key: the renewal dates of terms count from it.
    """
    if not catalogue.has(product_id):
        return None
    key = page_key("product", catalogue.token, company_key, product_id, chosen, today, base_url)
    found: ProductPage | None = cache.get(key)
    if found is None:
        entry = CatalogueEntry.objects.get(pk=product_id)
        found = make(catalogue, entry, company_key=company_key, base_url=base_url, today=today, chosen=chosen)
        cache.set(key, found, SECONDS)
    return found


def make(
    catalogue: Snapshot, entry: CatalogueEntry, *, company_key: str, base_url: str, today: date, chosen: int | None
) -> ProductPage:
    detail = entry.detail
    # Of an edition's other terms only those that this visitor may know of.
    detail["siblings"] = [
        other for other in detail["siblings"] if other["id"] == entry.pk or catalogue.has(other["id"])
    ]
    href = reverse("catalogue:detail", kwargs={"product_slug": entry.slug, "pk": entry.pk})
    offers = offers_of(entry)
    prices = offer_prices(offers, company_key=company_key)
    priced = [
        Offer(offer.product_id, offer.sku, offer.title, prices.get(offer.product_id), offer.term_months, offer.currency)
        for offer in offers
    ]
    own = [offer for offer in priced if entry.detail["variants"] or offer.product_id == entry.pk]
    terms = compare(priced, today=today)
    choices = [] if terms else choices_of(entry, priced, chosen)
    shown = [pk for pk in detail["recommended"] if catalogue.has(pk)]
    recommended = cards_for(shown[:RECOMMENDED], company_key=company_key)
    buyable = entry.stock_state != StockState.OUT and any(offer.price is not None for offer in own)
    hrefs = hrefs_of(entry)
    selected = chosen_term(terms, entry.pk if entry.pk in hrefs else chosen)
    buy = {
        "entry": entry,
        "terms": terms,
        "selected": selected,
        "term_links": [(term, hrefs.get(term.product_id, "")) for term in terms],
        "choices": choices,
        "price": next((offer.price for offer in priced if offer.price is not None), None),
        "is_from": len({offer.price for offer in priced}) > 1,
        "lead_days": detail["lead_days"],
        "buyable": buyable,
        "stock_text": StockState(entry.stock_state).label,
        "currency": entry.currency,
        "is_monthly": entry.price_basis == PriceBasis.MONTH,
    }
    below = {
        "description": mark_safe(detail["description"]),  # sanitised by gather.description_html
        "attributes": [(name, text) for name, value in detail["attributes"] if (text := text_of(value))],
        "documents": [{**item, "kind": DocumentKind(item["kind"]).label} for item in detail["documents"]],
        "recommended": recommended,
        "terms": terms,
        "entry": entry,
        "currency": entry.currency,
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
        below=render_to_string("oscar/catalogue/partials/below.html", below),
        structured=structured(entry, own, base_url=base_url, href=href),
        can_be_bought=buyable,
    )


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
