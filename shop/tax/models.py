"""Tax as data: the rates of countries, what the seller is registered for, exemptions, and what each order kept."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import ProductClass

from shop.companies.models import Company, Location
from shop.forks.order.models import Line, Order

PERIOD_IN_ORDER = Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))


class RateCode(models.TextChoices):
    """Which of a country's rates; `zero` is 0 in every country."""

    STANDARD = "standard", _("Standard rate")
    REDUCED = "reduced", _("Reduced rate")
    LOW = "low", _("Second reduced rate")
    ZERO = "zero", _("Zero rate")


class Reason(models.TextChoices):
    """Why a line bears the tax it bears; the values are written into orders and never change."""

    DOMESTIC = "domestic", _("Sale within the country")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge")
    INTRA_EU = "intra_eu", _("Intra-Community supply")
    EXPORT = "export", _("Export")
    DESTINATION = "destination", _("Rate of the country of destination")
    ORIGIN = "origin", _("Rate of the seller's country")
    EXEMPT = "exempt", _("Exempt")


class TaxRate(models.Model):
    """A country's rate from one day to another; `rate` is a share (0.2500), `valid_to` the first day without it."""

    country = models.CharField(_("country"), max_length=2)
    code = models.CharField(_("kind"), max_length=10, choices=RateCode, default=RateCode.STANDARD)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("ends before"), null=True, blank=True)

    class Meta:
        ordering = ("country", "code", "-valid_from")
        constraints = (
            models.UniqueConstraint(fields=["country", "code", "valid_from"], name="tax_rate_once"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_is_a_share"),
            models.CheckConstraint(condition=PERIOD_IN_ORDER, name="tax_rate_period"),
        )
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")

    def __str__(self) -> str:
        return f"{self.country} {self.code} {self.rate}"


class ProductRate(models.Model):
    """Which rate a kind of product bears, where it is not the standard rate."""

    product_class = models.OneToOneField(ProductClass, models.CASCADE, related_name="tax_rate")
    code = models.CharField(_("kind"), max_length=10, choices=RateCode)

    class Meta:
        ordering = ("product_class",)
        verbose_name = _("rate of a kind of product")
        verbose_name_plural = _("rates of kinds of products")

    def __str__(self) -> str:
        return f"{self.product_class}: {self.code}"


class Seller(models.Model):
    """Who sells, as the tax office knows it. One row is current; orders keep the code."""

    class Rounding(models.TextChoices):
        LINE = "line", _("per line")
        INVOICE = "invoice", _("per invoice")

    class WithoutVatId(models.TextChoices):
        SELLER = "seller", _("the rate of our country")
        DESTINATION = "destination", _("the rate of the buyer's country")

    code = models.SlugField(_("code"), max_length=20, unique=True)
    country = models.CharField(_("country"), max_length=2)
    rounding = models.CharField(_("tax is rounded"), max_length=10, choices=Rounding, default=Rounding.LINE)
    without_vat_id = models.CharField(
        _("buyers in the European Union without a valid VAT id pay"),
        max_length=12,
        choices=WithoutVatId,
        default=WithoutVatId.SELLER,
    )
    is_current = models.BooleanField(_("current"), default=False)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_current_seller"),
        )
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")

    def __str__(self) -> str:
        return self.code


class Registration(models.Model):
    """A country besides its own in which the seller is registered: sales there are domestic ones."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="registrations")
    country = models.CharField(_("country"), max_length=2)
    number = models.CharField(_("number"), max_length=32)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("ends before"), null=True, blank=True)

    class Meta:
        ordering = ("seller", "country", "valid_from")
        constraints = (
            models.UniqueConstraint(fields=["seller", "country", "valid_from"], name="tax_registration_once"),
            models.CheckConstraint(condition=PERIOD_IN_ORDER, name="tax_registration_period"),
        )
        verbose_name = _("tax registration")
        verbose_name_plural = _("tax registrations")

    def __str__(self) -> str:
        return f"{self.country} {self.number}"


class ExemptionCertificate(models.Model):
    """A company's document that frees it from a country's tax; for one location, or for all of them.

    Kept in the database like an applicant's: no address of the media folder leads to it. `state` is changed by
    `services.certificates` alone. What exempts is an accepted one on a day within its period, so that a late sweep
    frees nobody a day too long.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for us")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")

    company = models.ForeignKey(Company, models.CASCADE, related_name="exemption_certificates")
    location = models.ForeignKey(
        Location, models.CASCADE, null=True, blank=True, related_name="exemption_certificates",
        verbose_name=_("location"),
    )  # fmt: skip
    country = models.CharField(_("country"), max_length=2)
    number = models.CharField(_("number"), max_length=60)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("last day"))
    content = models.BinaryField()
    media_type = models.CharField(_("type"), max_length=20)  # found in the content, whatever the browser said
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, db_index=True)
    uploaded_at = models.DateTimeField(_("uploaded"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    checked_at = models.DateTimeField(_("checked"), null=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # the company reads it
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="exemption_period"),
            models.UniqueConstraint(fields=["company", "sha256"], name="exemption_file_once"),
        )
        indexes = (models.Index(fields=["company", "state", "valid_to"], name="exemption_of_company"),)
        verbose_name = _("exemption certificate")
        verbose_name_plural = _("exemption certificates")

    def __str__(self) -> str:
        return f"{self.number} ({self.country})"


class OrderTax(models.Model):
    """How an order was taxed, as it was decided when it was placed. Written once; credits are computed from it."""

    is_append_only = True

    order = models.OneToOneField(Order, models.PROTECT, related_name="tax")
    seller = models.CharField(_("seller"), max_length=20)
    seller_country = models.CharField(_("seller's country"), max_length=2)
    provider = models.CharField(_("worked out by"), max_length=40)
    rounding = models.CharField(_("tax is rounded"), max_length=10, choices=Seller.Rounding)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)
    evidence = models.JSONField(default=dict, blank=True)  # shop.tax.engine.sales.Evidence
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("tax of an order")
        verbose_name_plural = _("taxes of orders")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.tax}"


class OrderTaxLine(models.Model):
    """The tax of one line of an order, or of its delivery (no `line`); the shares add up to the order's tax."""

    is_append_only = True

    order_tax = models.ForeignKey(OrderTax, models.PROTECT, related_name="lines")
    line = models.OneToOneField(Line, models.PROTECT, null=True, related_name="tax")
    country = models.CharField(_("country"), max_length=2)
    code = models.CharField(_("kind"), max_length=10, choices=RateCode)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4)
    base = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ("order_tax", "pk")
        verbose_name = _("tax of an order's line")
        verbose_name_plural = _("taxes of an order's lines")

    def __str__(self) -> str:
        return f"{self.reason} {self.rate}: {self.tax}"
