"""What search engines are told of the catalogue."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from shop.catalogue.engine.snapshot import Node
from shop.catalogue.listing import category_href
from shop.catalogue.models import CatalogueEntry
from shop.catalogue.selectors import snapshot
from shop.catalogue.visibility import hidden_from
from shop.pricing.gating import Access, access
from shop.segments.engine.visibility import unpack


class CatalogueSitemap(Sitemap):
    """Every product that everybody may see, once for each language."""

    changefreq = "weekly"
    i18n = True
    alternates = True
    limit = 5000

    def items(self) -> QuerySet[CatalogueEntry, Any] | list[CatalogueEntry]:
        if access() == Access.LOGIN:
            return []
        fields = ("pk", "slug", "product__date_updated")
        found = CatalogueEntry.objects.filter(is_public=True).select_related("product").only(*fields).order_by("pk")
        hidden = unpack(hidden_from("").products)
        return [entry for entry in found if entry.pk not in hidden] if hidden else found

    def location(self, item: CatalogueEntry) -> str:
        return reverse("catalogue:detail", kwargs={"product_slug": item.slug, "pk": item.pk})

    def lastmod(self, item: CatalogueEntry) -> datetime:
        return item.product.date_updated


class CategorySitemap(Sitemap):
    """Categories that hold something."""

    changefreq = "weekly"
    i18n = True
    alternates = True

    def items(self) -> list[Node]:
        catalogue = snapshot()
        if access() == Access.LOGIN:
            return []
        return [node for node in catalogue.nodes.values() if catalogue.within(node.id)]

    def location(self, item: Node) -> str:
        return category_href(item)
