"""Reads Oscar's tables for a batch of products and makes their index entries, without saving them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import nh3
from django.conf import settings
from django.utils.html import linebreaks, strip_tags
from django.utils.text import Truncator
from oscar.apps.catalogue.models import (
    Product,
    ProductAttributeValue,
    ProductCategory,
    ProductImage,
    ProductRecommendation,
)
from oscar.apps.partner.models import StockRecord

from shop.catalogue.engine.terms import monthly
from shop.catalogue.models import CatalogueEntry, PriceBasis, ProductDocument
from shop.catalogue.services import images
from shop.catalogue.services.attributes import facets_of, facts_of, read_values
from shop.catalogue.services.stock import state_of

HTML = re.compile(r"</?(p|ul|ol|li|h[1-6]|br|table|strong|em|b|i|a|div)\b", re.IGNORECASE)


@dataclass
class Source:
    """All that Oscar knows of a batch, by product."""

    products: dict[int, Product]
    children: dict[int, list[Product]]
    values: dict[int, dict[str, dict[str, Any]]]
    records: dict[int, StockRecord]
    images: dict[int, list[ProductImage]]
    documents: dict[int, list[ProductDocument]]
    recommended: dict[int, list[int]]
    categories: dict[int, list[int]]
    names: dict[int, str] = field(default_factory=dict)
    siblings: dict[int, list[Product]] = field(default_factory=dict)


def entries_for(canonical: Collection[int]) -> list[CatalogueEntry]:
    source = read(canonical)
    return [entry_of(product, source) for product in source.products.values()]


def read(canonical: Collection[int]) -> Source:
    products = {
        product.pk: product
        for product in Product.objects.filter(pk__in=canonical, parent=None).select_related("product_class")
    }
    children: dict[int, list[Product]] = defaultdict(list)
    for child in Product.objects.filter(parent__in=products, is_public=True).order_by("pk"):
        children[child.parent_id].append(child)
    siblings = read_siblings(products)
    families = (*children.values(), *siblings.values())
    everyone = {*products, *(member.pk for family in families for member in family)}
    records: dict[int, StockRecord] = {}
    for record in StockRecord.objects.filter(product__in=everyone).order_by("pk"):
        records.setdefault(record.product_id, record)
    recommended: dict[int, list[int]] = defaultdict(list)
    rows = ProductRecommendation.objects.filter(primary__in=products).order_by("-ranking", "pk")
    for primary, other in rows.values_list("primary_id", "recommendation_id"):
        recommended[primary].append(other)
    categories, names = read_categories(products)
    return Source(
        products=products,
        children=children,
        values=read_values(everyone),
        records=records,
        images=_by_product(ProductImage.objects.filter(product__in=products).order_by("display_order", "pk")),
        documents=_by_product(ProductDocument.objects.filter(product__in=products)),
        recommended=recommended,
        categories=categories,
        names=names,
        siblings=siblings,
    )


def read_siblings(canonical: Collection[int]) -> dict[int, list[Product]]:
    """Stand-alone products that are one edition in several terms: same class, same edition, a term each."""
    editions = dict(
        ProductAttributeValue.objects.filter(
            product__in=canonical, product__structure=Product.STANDALONE, attribute__code="edition"
        )
        .exclude(value_option=None)
        .values_list("product_id", "value_option_id")
    )
    if not editions:
        return {}
    rows = ProductAttributeValue.objects.filter(
        value_option__in=set(editions.values()),
        attribute__code="edition",
        product__structure=Product.STANDALONE,
        product__is_public=True,
    ).select_related("product")
    families: dict[tuple[int, int], list[Product]] = defaultdict(list)
    of: dict[int, tuple[int, int]] = {}
    for row in rows.order_by("product_id"):
        families[row.product.product_class_id, row.value_option_id].append(row.product)
        of[row.product_id] = (row.product.product_class_id, row.value_option_id)
    return {pk: families[of[pk]] for pk in editions if pk in of}


def _by_product(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.product_id].append(row)
    return found


def read_categories(products: Collection[int]) -> tuple[dict[int, list[int]], dict[int, str]]:
    """Browsable categories of each product, deepest first, and their names."""
    found: dict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    rows = ProductCategory.objects.filter(
        product__in=products, category__is_public=True, category__ancestors_are_public=True
    ).order_by("-category__depth", "category__path")
    for product_id, category_id, name in rows.values_list("product_id", "category_id", "category__name"):
        found[product_id].append(category_id)
        names[category_id] = name
    return found, names


def entry_of(product: Product, source: Source) -> CatalogueEntry:
    children = source.children[product.pk]
    values = source.values[product.pk]
    variants = [variant_of(child, product, source) for child in children]
    siblings = [variant_of(other, other, source) for other in source.siblings.get(product.pk, ())]
    own = variant_of(product, product, source)
    offers = variants if product.is_parent else [own]
    pictures = [picture for image in source.images[product.pk] if (picture := images.sized(image, title=product.title))]
    first = pictures[0] if pictures else {}
    categories = source.categories[product.pk]
    return CatalogueEntry(
        product=product,
        is_public=product.is_public,
        title=product.title,
        slug=product.slug,
        upc=product.upc or "",
        variant_upcs=[variant["upc"] for variant in variants if variant["upc"]],
        class_slug=product.product_class.slug if product.product_class else "",
        class_name=product.product_class.name if product.product_class else "",
        category_ids=categories,
        main_category=source.names[categories[0]] if categories else "",
        summary=Truncator(" ".join(strip_tags(product.description).split())).chars(200),
        image_url=first.get("card", ""),
        image_width=first.get("card_width", 0),
        image_height=first.get("card_height", 0),
        stock_state=state_of(
            tracked=bool(product.product_class and product.product_class.track_stock),
            records=[
                (record.num_in_stock, record.num_allocated, record.low_stock_threshold)
                for owner in (product, *children)
                if (record := source.records.get(owner.pk))
            ],
        ),
        facets=facets_of([values, *(source.values[child.pk] for child in children)]),
        facts=facts_of(values),
        search_text=search_text(product, values),
        priority=product.priority,
        created_at=product.date_created,
        detail={
            "description": description_html(product.description),
            "meta_description": product.meta_description or "",
            "attributes": [[item["name"], item["value"]] for code, item in values.items() if code not in HIDDEN],
            "images": pictures,
            "documents": [
                {"title": item.title, "kind": item.kind, "url": item.file.url, "language": item.language}
                for item in source.documents[product.pk]
            ],
            "variants": variants,
            "siblings": [other for other in siblings if other["term_months"] is not None],
            "recommended": source.recommended[product.pk],
            "lead_days": values.get("lead_days", {}).get("value"),
        },
        **price_of(offers),
    )


# Shown elsewhere on the page than in the table of attributes.
HIDDEN = {"term_months", "monthly_price", "lead_days"}


def variant_of(product: Product, parent: Product, source: Source) -> dict[str, Any]:
    values, record = source.values[product.pk], source.records.get(product.pk)
    months = values.get("term_months", {}).get("value")
    return {
        "id": product.pk,
        "upc": product.upc or "",
        "title": product.title or parent.title,
        "slug": product.slug,
        "term_months": months,
        "edition": values.get("edition", {}).get("value"),
        "price": str(record.price) if record and record.price is not None else None,
        "currency": record.price_currency if record else settings.OSCAR_DEFAULT_CURRENCY,
        "attributes": [[item["name"], item["value"]] for code, item in values.items() if code not in HIDDEN],
    }


def price_of(offers: list[dict[str, Any]]) -> dict[str, Any]:
    """The lowest price; for contract terms the lowest monthly equivalent."""
    priced = [offer for offer in offers if offer["price"] is not None]
    months = [offer["term_months"] for offer in offers if offer["term_months"] is not None]
    facts: dict[str, Any] = {
        "currency": priced[0]["currency"] if priced else settings.OSCAR_DEFAULT_CURRENCY,
        "price": None,
        "price_minor": None,
        "price_basis": PriceBasis.MONTH if months else PriceBasis.ONCE,
        "has_price_range": False,
        "offers": [[offer["id"], offer["price"], offer["term_months"]] for offer in offers],
    }
    if priced:
        prices = {monthly(Decimal(offer["price"]), offer["term_months"]) for offer in priced}
        lowest = min(prices)
        facts |= {
            "price": lowest,
            "price_minor": int(lowest * 100),
            "has_price_range": len(prices) > 1,
        }
    return facts


def search_text(product: Product, values: dict[str, dict[str, Any]]) -> str:
    """Everything in one text, the title too: all words of a query must be found in it."""
    parts = [product.title, strip_tags(product.description)]
    for item in values.values():
        value = item["value"]
        parts.append(" ".join(value) if isinstance(value, list) else value if isinstance(value, str) else "")
    return " ".join(part for part in parts if part)


def description_html(text: str) -> str:
    """Sanitised markup from the dashboard's editor, or paragraphs from plain text."""
    if HTML.search(text):
        return nh3.clean(text, link_rel="noopener")
    return str(linebreaks(text.strip(), autoescape=True))
