"""The flat index that lists, search and product pages read, and the documents of a product."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelsearch import index
from oscar.apps.catalogue.models import Product


class StockState(models.TextChoices):
    """What a buyer is told; the values are those of components/stock.html."""

    IN_STOCK = "in", _("In stock")
    LOW = "low", _("Few left")
    OUT = "out", _("Out of stock")
    TO_ORDER = "order", _("Made to order")
    SERVICE = "service", _("Available")


class PriceBasis(models.TextChoices):
    """What the indexed price pays for; `price_minor` of a MONTH price is the monthly equivalent."""

    ONCE = "once", _("one-off")
    MONTH = "month", _("per month")


class CatalogueEntry(index.Indexed, models.Model):
    """One row for each product that can appear in a list: stand-alone and parent products, never children.

    Derived data: `services.index` writes it, and it can be thrown away and rebuilt at any time.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="catalogue_entry")
    is_public = models.BooleanField(db_index=True)
    title = models.CharField(max_length=255)
    slug = models.CharField(max_length=255)
    upc = models.CharField(max_length=64, blank=True, db_index=True)
    variant_upcs = models.JSONField(default=list)
    class_slug = models.CharField(max_length=128)
    class_name = models.CharField(max_length=128)
    category_ids = models.JSONField(default=list)
    main_category = models.CharField(max_length=255, blank=True)
    summary = models.CharField(max_length=320, blank=True)
    image_url = models.CharField(max_length=400, blank=True)
    image_width = models.PositiveSmallIntegerField(default=0)
    image_height = models.PositiveSmallIntegerField(default=0)
    currency = models.CharField(max_length=3)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    price_minor = models.BigIntegerField(null=True)
    price_basis = models.CharField(max_length=5, choices=PriceBasis, default=PriceBasis.ONCE)
    has_price_range = models.BooleanField(default=False)
    # What can be bought: [product id, list price as text or null, term in months or null] for it or each child.
    offers = models.JSONField(default=list)
    stock_state = models.CharField(max_length=7, choices=StockState)
    facets = models.JSONField(default=dict)
    facts = models.JSONField(default=list)
    search_text = models.TextField(blank=True)
    priority = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    # Written set-based by services.index, which hands the rows to the search index itself.
    search_auto_update = False
    search_fields = [
        index.SearchField("title", boost=4),
        index.SearchField("search_codes", boost=4),
        index.SearchField("search_text"),
        index.AutocompleteField("title"),
        index.AutocompleteField("search_codes"),
        index.AutocompleteField("class_name"),
        index.AutocompleteField("main_category"),
        index.FilterField("is_public"),
    ]

    class Meta:
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue entries")

    def __str__(self) -> str:
        return self.title

    def search_codes(self) -> str:
        return " ".join([self.upc, *self.variant_upcs])


def new_token() -> str:
    return secrets.token_hex(8)


class CatalogueVersion(models.Model):
    """A single row whose tokens change with the index: one with any change, one when only stock states flipped.

    `audience_token` changes when visibility rules or site profiles do; it is empty while there are none.

    Random tokens, not counters: after a rollback a counter would name two different states alike.
    """

    token = models.CharField(max_length=16, default=new_token)
    stock_token = models.CharField(max_length=16, default=new_token)
    audience_token = models.CharField(max_length=16, blank=True)

    class Meta:
        verbose_name = _("catalogue version")

    def __str__(self) -> str:
        return self.token


class DocumentKind(models.TextChoices):
    DATASHEET = "datasheet", _("Datasheet")
    MANUAL = "manual", _("Manual")
    CERTIFICATE = "certificate", _("Certificate")
    DRAWING = "drawing", _("Drawing")
    SOFTWARE = "software", _("Software")


class ProductDocument(models.Model):
    """A file that belongs to a product: its datasheet, manual or certificate."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind, default=DocumentKind.DATASHEET)
    file = models.FileField(_("file"), upload_to="documents/")
    language = models.CharField(_("language"), max_length=5, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("product document")
        verbose_name_plural = _("product documents")

    def __str__(self) -> str:
        return self.title
