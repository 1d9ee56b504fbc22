"""A product as schema.org describes one, for search engines."""

import json
from collections.abc import Sequence

from django.utils.safestring import mark_safe

from shop.catalogue.engine.terms import Offer
from shop.catalogue.models import CatalogueEntry, StockState

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
