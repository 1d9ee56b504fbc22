"""The frozen record of a placed order, and what happened to it afterwards."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.identity import CompanyProfile
from channels.journeys.models.labels import CHANNELS, EVENT_KINDS, MEDIA
from channels.partners.models import ChannelPartner


class OrderRecord(models.Model):
    """A placed order as channels saw it. Immutable."""

    is_append_only = True

    number = models.CharField(_("order"), max_length=128, unique=True)
    public_ref = models.CharField(max_length=40, unique=True)
    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    visitor_key = models.CharField(max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=CHANNELS)
    medium = models.CharField(_("medium"), max_length=20, choices=MEDIA)
    chosen_partner = models.ForeignKey(
        ChannelPartner, null=True, blank=True, on_delete=models.PROTECT, related_name="chosen_orders"
    )
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    cycle = models.PositiveSmallIntegerField(default=0)
    purchase_order_number = models.CharField(max_length=64, blank=True)
    placed_at = models.DateTimeField(_("placed"), db_index=True)
    facts = models.JSONField()  # the PlacedOrder as it came through the door

    class Meta:
        ordering = ("-placed_at", "-id")

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One line of an OrderRecord. Immutable; `net_minor` is for all units, after discounts, without tax."""

    is_append_only = True

    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(max_length=140, unique=True)
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    product_class = models.CharField(max_length=60)
    categories = models.JSONField(default=list)
    quantity = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField(null=True)
    term_months = models.PositiveSmallIntegerField(null=True)
    subscription_key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("order", "position")

    def __str__(self) -> str:
        return f"{self.order.number} {self.title}"


class OrderEvent(models.Model):
    """A payment, delivery, refund or cancellation. Append-only; the commission follows from record and events."""

    is_append_only = True

    key = models.CharField(max_length=140, unique=True)
    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=EVENT_KINDS)
    at = models.DateTimeField()
    lines = models.JSONField(default=list)  # [{line_key, quantity, net_minor}] for refunds and cancellations
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.order.number} {self.kind}"
