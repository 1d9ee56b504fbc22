"""Price lists, contract prices, who they are for, and the history of every price.

All periods are half-open days of the store's time zone: from the first day to the day before the last; none is without an
end. Prices are net, of one unit, in the currency of their list or contract. `shop.pricing.services` writes all of this.
"""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Category, Product

from channels.contracts import Channel
from shop.companies.models import Company
from shop.segments.models import CustomerGroup

CHANNELS = ((Channel.DIRECT.value, _("Direct")), (Channel.RESELLER.value, _("Through a reseller")))
# How many lists may stand behind a list as its parents.
MAX_PARENTS = 3


class PriceList(models.Model):
    """Prices under one name. What a list has no price for, it takes from its parent, adjusted by basis points."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    channel = models.CharField(
        _("only for"), max_length=10, choices=CHANNELS, blank=True, help_text=_("Empty: however it is bought.")
    )
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("Of two lists for the same customers the higher one is asked first.")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until (not included)"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent list")
    )
    adjust_bp = models.IntegerField(
        _("adjustment of the parent's prices (basis points)"), default=0, help_text=_("-500 is five percent less.")
    )
    merge_allowed = models.BooleanField(
        _("lower tiers of other lists count too"),
        default=False,
        help_text=_(
            "Larger quantities may then take a lower price from a list behind this one that allows it as well."
        ),
    )

    class Meta:
        ordering = ("-priority", "code")
        constraints = (
            models.CheckConstraint(condition=Q(adjust_bp__gt=-10_000), name="price_list_adjusts_above_zero"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
                name="price_list_period",
            ),
        )
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")

    def __str__(self) -> str:
        return self.name


class PriceListAssignment(models.Model):
    """Whom a list is for: one company, a customer group, or everybody who buys through a channel."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="assignments")
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="price_list_assignments")
    group = models.ForeignKey(
        CustomerGroup, models.CASCADE, null=True, blank=True, related_name="price_list_assignments"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=CHANNELS, blank=True)

    class Meta:
        ordering = ("price_list_id", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(company__isnull=False, group=None, channel="")
                | Q(company=None, group__isnull=False, channel="")
                | (Q(company=None, group=None) & ~Q(channel="")),
                name="price_list_assigned_to_one",
            ),
            models.UniqueConstraint(
                fields=["price_list", "company"], condition=Q(company__isnull=False), name="price_list_company_once"
            ),
            models.UniqueConstraint(
                fields=["price_list", "group"], condition=Q(group__isnull=False), name="price_list_group_once"
            ),
            models.UniqueConstraint(
                fields=["price_list", "channel"], condition=~Q(channel=""), name="price_list_channel_once"
            ),
        )
        verbose_name = _("assignment of a price list")
        verbose_name_plural = _("assignments of price lists")

    def __str__(self) -> str:
        return f"{self.price_list}: {self.company or self.group or self.get_channel_display()}"


class PriceEntry(models.Model):
    """A price in a list from a quantity on. The periods of one product and quantity exclude each other."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="entries")
    product = models.ForeignKey(Product, models.CASCADE, related_name="price_entries")
    min_quantity = models.PositiveIntegerField(_("from quantity"), default=1)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until (not included)"), null=True, blank=True)

    class Meta:
        ordering = ("price_list_id", "product_id", "min_quantity", "valid_from")
        constraints = (
            # This order of columns is also the index behind the look-up of many products in many lists.
            models.UniqueConstraint(
                fields=["price_list", "product", "min_quantity", "valid_from"], name="price_entry_once"
            ),
            models.UniqueConstraint(
                fields=["price_list", "product", "min_quantity"],
                condition=Q(valid_from=None),
                name="price_entry_once_undated",
            ),
            models.CheckConstraint(condition=Q(min_quantity__gte=1) & Q(price__gte=0), name="price_entry_amounts"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
                name="price_entry_period",
            ),
        )
        verbose_name = _("price")
        verbose_name_plural = _("prices")

    def __str__(self) -> str:
        return f"{self.product_id} ≥ {self.min_quantity}: {self.price}"


class ContractPrice(models.Model):
    """What was agreed with one company for one product, between two quantities and until it expires."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="contract_prices")
    product = models.ForeignKey(Product, models.CASCADE, related_name="contract_prices")
    min_quantity = models.PositiveIntegerField(_("from quantity"), default=1)
    max_quantity = models.PositiveIntegerField(_("up to quantity"), null=True, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    expires = models.DateField(_("expires (not included)"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True)

    class Meta:
        ordering = ("company_id", "product_id", "min_quantity", "valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=["company", "product", "currency", "min_quantity", "valid_from"], name="contract_price_once"
            ),
            models.UniqueConstraint(
                fields=["company", "product", "currency", "min_quantity"],
                condition=Q(valid_from=None),
                name="contract_price_once_undated",
            ),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1)
                & Q(price__gte=0)
                & (Q(max_quantity=None) | Q(max_quantity__gte=F("min_quantity"))),
                name="contract_price_amounts",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(expires=None) | Q(valid_from__lt=F("expires")),
                name="contract_price_period",
            ),
        )
        verbose_name = _("contract price")
        verbose_name_plural = _("contract prices")

    def __str__(self) -> str:
        return f"{self.company_id}/{self.product_id} ≥ {self.min_quantity}: {self.price} {self.currency}"


class PriceRecord(models.Model):
    """One change of one price, or without a product of a list itself: append-only, and outlives what it is about."""

    is_append_only = True

    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    price_list = models.ForeignKey(
        PriceList, models.DO_NOTHING, null=True, db_constraint=False, related_name="history", verbose_name=_("list")
    )
    company = models.ForeignKey(
        Company, models.DO_NOTHING, null=True, db_constraint=False, related_name="price_history"
    )
    product = models.ForeignKey(
        Product, models.DO_NOTHING, null=True, db_constraint=False, related_name="price_history"
    )
    min_quantity = models.PositiveIntegerField(_("from quantity"), default=1)
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateField(_("valid from"), null=True)
    valid_to = models.DateField(_("valid until (not included)"), null=True)
    old = models.DecimalField(_("before"), max_digits=12, decimal_places=2, null=True)
    new = models.DecimalField(_("after"), max_digits=12, decimal_places=2, null=True)
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=["price_list", "product"], name="price_record_of_list"),
            models.Index(fields=["company", "product"], name="price_record_of_company"),
        )
        verbose_name = _("change of a price")
        verbose_name_plural = _("changes of prices")

    def __str__(self) -> str:
        return f"{self.product_id}: {self.old} → {self.new} {self.currency}"


class PriceGate(models.Model):
    """Prices for customers only: of a product with its versions, or of a category with all below it.

    A product may be kept open in a category that is not. `docs/algorithms/prices.md` says who a customer is.
    """

    product = models.OneToOneField(Product, models.CASCADE, null=True, blank=True, related_name="price_gate")
    category = models.OneToOneField(Category, models.CASCADE, null=True, blank=True, related_name="price_gate")
    is_open = models.BooleanField(_("shown to everybody"), default=False)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(product=None, category__isnull=False, is_open=False)
                | Q(product__isnull=False, category=None),
                name="price_gate_of_one",
            ),
        )
        verbose_name = _("hidden prices")
        verbose_name_plural = _("hidden prices")

    def __str__(self) -> str:
        return str(self.product or self.category)


def new_token() -> str:
    return secrets.token_hex(8)


class PriceVersion(models.Model):
    """A single row whose random token changes with every price; see CatalogueVersion for why it is no counter.

    `gate_token` changes with whose prices are hidden; it is empty while nobody's are.
    """

    token = models.CharField(max_length=16, default=new_token)
    gate_token = models.CharField(max_length=16, blank=True)

    class Meta:
        verbose_name = _("version of the prices")

    def __str__(self) -> str:
        return self.token
