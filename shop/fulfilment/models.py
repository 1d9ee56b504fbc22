"""How orders travel: the ways of delivery and their charges as rules, the day that was wished for, the shipments."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company
from shop.forks.order.models import Line, Order
from shop.segments.models import CustomerGroup


class DeliveryMethod(models.Model):
    """A way of delivery. Orders keep its code; one that was used is switched off, not deleted."""

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=80)  # the English source text; shown through gettext
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("position", "code")
        verbose_name = _("delivery method")
        verbose_name_plural = _("delivery methods")

    def __str__(self) -> str:
        return gettext(self.name)


class ShippingRule(models.Model):
    """What a method costs whom, and how long it takes. Of the rules that fit a delivery the most particular one counts.

    `docs/algorithms/shipping.md` says which that is. A rule without `is_offered` takes the method away.
    """

    method = models.ForeignKey(DeliveryMethod, models.PROTECT, related_name="rules", verbose_name=_("method"))
    company = models.ForeignKey(
        Company, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    group = models.ForeignKey(
        CustomerGroup, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("customer group")
    )
    countries = models.JSONField(_("countries"), default=list, blank=True)  # two-letter codes; []: everywhere
    is_offered = models.BooleanField(_("offered"), default=True)
    first_day = models.PositiveSmallIntegerField(_("working days from"), default=1)
    last_day = models.PositiveSmallIntegerField(_("working days to"), default=1)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("method", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(company=None) | Q(group=None), name="shipping_rule_one_audience"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="shipping_rule_days"),
        )
        verbose_name = _("delivery rule")
        verbose_name_plural = _("delivery rules")

    def __str__(self) -> str:
        return f"{self.method_id} ({self.pk})"


class ShippingCharge(models.Model):
    """A rule's charge in a currency, net, from a weight of the whole delivery upwards."""

    rule = models.ForeignKey(ShippingRule, models.CASCADE, related_name="charges")
    currency = models.CharField(_("currency"), max_length=3)
    from_grams = models.PositiveIntegerField(_("from (grams)"), default=0)
    charge = models.DecimalField(_("charge"), max_digits=10, decimal_places=2)
    free_from = models.DecimalField(
        _("free from"), max_digits=12, decimal_places=2, null=True, blank=True
    )  # net goods of the basket

    class Meta:
        ordering = ("rule", "currency", "from_grams")
        constraints = (
            models.UniqueConstraint(fields=["rule", "currency", "from_grams"], name="shipping_charge_once"),
            models.CheckConstraint(condition=Q(charge__gte=0), name="shipping_charge_positive"),
        )
        verbose_name = _("delivery charge")
        verbose_name_plural = _("delivery charges")

    def __str__(self) -> str:
        return f"{self.charge} {self.currency}"


class RequestedDelivery(models.Model):
    """The day on which the buyer would like to have the goods, as it was said with the order."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="requested_delivery")
    on = models.DateField(_("requested delivery date"))

    class Meta:
        verbose_name = _("requested delivery date")
        verbose_name_plural = _("requested delivery dates")

    def __str__(self) -> str:
        return str(self.on)


class Shipment(models.Model):
    """A part of an order, or all of it, on its way. `key` is the form's, so that a button pressed twice ships once."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    key = models.UUIDField(default=uuid4, unique=True)
    number = models.PositiveSmallIntegerField(_("number"))  # within the order, from 1
    carrier = models.CharField(_("carrier"), max_length=80)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    tracking_url = models.URLField(_("tracking link"), max_length=500, blank=True)
    shipped_at = models.DateTimeField(_("shipped"))
    shipped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        ordering = ("order", "number")
        constraints = (
            models.UniqueConstraint(fields=["order", "number"], name="shipment_number_once"),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(delivered_at__gte=F("shipped_at")), name="shipment_in_order"
            ),
        )
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")

    def __str__(self) -> str:
        return f"{self.order.number}/{self.number}"


class ShipmentLine(models.Model):
    """How much of an order's line travels in a shipment."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    line = models.ForeignKey(Line, models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        ordering = ("shipment", "pk")
        constraints = (
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_positive"),
        )
        verbose_name = _("line of a shipment")
        verbose_name_plural = _("lines of shipments")

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line.title}"
