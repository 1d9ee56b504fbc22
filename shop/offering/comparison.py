"""The products that a visitor compares: their ids in the session, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from shop.catalogue.attribute_words import text_of
from shop.catalogue.cards import Card, cards_for
from shop.catalogue.models import CatalogueEntry
from shop.catalogue.selectors import snapshot
from shop.catalogue.visibility import mode_of
from shop.offering.engine.comparison import Row, rows
from shop.pricing.contexts import PriceContext

MOST = 4
KEY = "compare"


@dataclass(frozen=True, slots=True)
class Chosen:
    product_id: int
    title: str
    href: str


class Full(Exception):
    """There are as many products in the comparison as fit on a page."""


def ids(request: HttpRequest) -> list[int]:
    """Return the compared products that this visitor may see, in the order in which they were added."""
    kept = request.session.get(KEY, []) if hasattr(request, "session") else []
    if not kept:
        return []
    catalogue = snapshot(getattr(request, "company_key", ""))
    return [pk for pk in kept if catalogue.has(pk)]


def add(request: HttpRequest, product_id: int) -> bool:
    """Add a product; False when the visitor sees no such product. Raises Full for a fifth."""
    if not snapshot(getattr(request, "company_key", "")).has(product_id):
        return False
    kept = ids(request)
    if product_id not in kept:
        if len(kept) >= MOST:
            raise Full
        request.session[KEY] = [*kept, product_id]
    return True


def remove(request: HttpRequest, product_id: int) -> None:
    request.session[KEY] = [pk for pk in ids(request) if pk != product_id]


def clear(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def chosen(request: HttpRequest) -> list[Chosen]:
    """Return what the bar shows: one query, none for an empty comparison."""
    kept = ids(request)
    if not kept:
        return []
    base = reverse("catalogue:index")
    found = {
        pk: Chosen(pk, title, f"{base}{slug}_{pk}/")
        for pk, title, slug in CatalogueEntry.objects.filter(pk__in=kept).values_list("pk", "title", "slug")
    }
    return [found[pk] for pk in kept if pk in found]


def context(request: HttpRequest) -> dict[str, object]:
    """Give templates `compared`; a page that does not show it asks nothing."""
    return {"compared": SimpleLazyObject(lambda: chosen(request))}


def table(product_ids: Sequence[int], *, prices: PriceContext) -> tuple[list[Card], list[Row]]:
    """Return the cards, at the visitor's prices, and the rows of facts below them: two queries and the prices'."""
    cards = cards_for(product_ids, context=prices, mode=mode_of(prices.company_key))
    entries = CatalogueEntry.objects.only("class_name", "detail").in_bulk(product_ids)
    return cards, rows(
        [
            {
                _("Kind of product"): entries[card.product_id].class_name,
                _("Category"): card.category,
                _("Availability"): str(card.stock_text),
                **{
                    name: text
                    for name, value in entries[card.product_id].detail["attributes"]
                    if (text := text_of(value))
                },
            }
            for card in cards
        ]
    )
