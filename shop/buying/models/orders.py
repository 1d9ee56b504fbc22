"""What an order carries beside Oscar's tables."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.contracts import Channel, Medium
from shop.companies.models import Company, CostCentre, Location

CHANNEL_LABELS = {Channel.DIRECT: _("Directly from us"), Channel.RESELLER: _("Through a reseller")}


class OrderNumber(models.Model):
    """A sequence that every database has: the pk of each new row. A rolled back order leaves a gap."""

    def __str__(self) -> str:
        return str(self.pk)


class PurchaseDetails(models.Model):
    """How an order was bought. Written once, with the order."""

    order = models.OneToOneField("order.Order", on_delete=models.PROTECT, related_name="purchase")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="purchases")
    public_ref = models.CharField(_("reference"), max_length=20, unique=True)  # random; the only key in buyers' URLs
    channel = models.CharField(_("channel"), max_length=10, choices=[(c.value, CHANNEL_LABELS[c]) for c in Channel])
    medium = models.CharField(_("came through"), max_length=20, choices=[(m.value, m.value) for m in Medium])
    partner_code = models.CharField(_("channel partner"), max_length=40, blank=True)
    partner_name = models.CharField(max_length=200, blank=True)  # as it was then
    purchase_order_number = models.CharField(_("purchase order number"), max_length=64, blank=True)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.PROTECT, related_name="purchases")
    cost_centre = models.ForeignKey(
        CostCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="purchases"
    )
    cycle = models.PositiveSmallIntegerField(_("renewal"), default=0)
    country = models.CharField(_("country"), max_length=2)
    payment_method = models.CharField(
        _("paid by"), max_length=10, choices=Company.PaymentMethod, default=Company.PaymentMethod.INVOICE
    )
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms (days)"))
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=5, decimal_places=4)
    tax_code = models.CharField(max_length=20)  # of most of it; shop.tax keeps each line's

    class Meta:
        verbose_name = _("purchase details")
        verbose_name_plural = _("purchase details")
        indexes = (models.Index(fields=["company", "purchase_order_number"], name="purchase_company_po"),)

    def __str__(self) -> str:
        return f"{self.order.number} ({self.public_ref})"


class LineDetails(models.Model):
    """The contract side of a subscription's order line."""

    line = models.OneToOneField("order.Line", on_delete=models.PROTECT, related_name="details")
    term_months = models.PositiveSmallIntegerField()  # 0: monthly, without obligation
    subscription_key = models.CharField(max_length=64, db_index=True)  # the same through all renewals

    class Meta:
        verbose_name_plural = _("line details")

    def __str__(self) -> str:
        return self.subscription_key


class OrderParticipant(models.Model):
    """Somebody's part in a purchase. Filled when the order is placed; what is mailed follows the part."""

    class Part(models.TextChoices):
        BUYER = "buyer", _("Buyer")
        APPROVER = "approver", _("Approver")
        SPECIFIER = "specifier", _("Specifier")
        USER = "user", _("User")
        PAYER = "payer", _("Payer")
        CHANNEL_CONTACT = "channel_contact", _("Channel contact")
        PLACED_BY = "placed_by", _("Placed by")

    order = models.ForeignKey("order.Order", on_delete=models.CASCADE, related_name="participants")
    part = models.CharField(_("part"), max_length=20, choices=Part)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)

    class Meta:
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint(fields=["order", "part", "email"], name="order_participant_once"),)
        verbose_name = _("person involved in an order")
        verbose_name_plural = _("people involved in orders")

    def __str__(self) -> str:
        return f"{self.name or self.email} ({self.get_part_display()})"
