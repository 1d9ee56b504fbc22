"""What a partner pays for what it resells, and the lowest price anybody may advertise. Append-only: a change is a row."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.partners.models import ChannelPartner


class Source(models.TextChoices):
    AGREEMENT = "agreement", _("Agreed")
    PROMOTION = "promotion", _("Extended from a promotion")


class BuyTerm(models.Model):
    """An agreed price of one product, or a discount on list for a product, a class, or everything.

    The narrowest term in force wins, among equals the latest. A promotion that was extended to the partner is a term
    of its own: while it runs, the lower price holds.
    """

    is_append_only = True

    key = models.CharField(max_length=160, unique=True)
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="buy_terms")
    sku = models.CharField(_("SKU"), max_length=64, blank=True)
    product_class = models.CharField(_("product class"), max_length=60, blank=True)
    price_minor = models.BigIntegerField(null=True)
    discount_bp = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)  # of price_minor; a discount holds in any
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True)  # exclusive
    source = models.CharField(max_length=10, choices=Source, default=Source.AGREEMENT)
    reason = models.CharField(_("reason"), max_length=255)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("partner", "-valid_from", "-id")
        indexes = (models.Index(fields=["partner", "sku"], name="buy_term_lookup"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(price_minor__isnull=True, discount_bp__isnull=False, discount_bp__lte=10_000)
                | models.Q(price_minor__isnull=False, price_minor__gte=0, discount_bp__isnull=True)
                & ~models.Q(sku="")
                & ~models.Q(currency=""),
                name="buy_term_price_or_discount",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="buy_term_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.sku or self.product_class or '*'}"


class AdvertisedPrice(models.Model):
    """The minimum advertised price of a product. The latest agreed row in force holds, or a promotion's lower one."""

    is_append_only = True

    key = models.CharField(max_length=160, unique=True)
    sku = models.CharField(_("SKU"), max_length=64, db_index=True)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True)  # exclusive
    source = models.CharField(max_length=10, choices=Source, default=Source.AGREEMENT)
    reason = models.CharField(_("reason"), max_length=255)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("sku", "-valid_from", "-id")
        constraints = (
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="advertised_not_negative"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="advertised_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.sku} {self.price_minor} {self.currency}"
