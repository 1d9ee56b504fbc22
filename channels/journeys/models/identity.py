"""Whom a touch belongs to: visitors, and the companies and subscriptions that the shop told us of."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CompanyProfile(models.Model):
    """What channels knows of a business customer; the shop's company record stays the source."""

    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    vat_id = models.CharField(max_length=32, blank=True)
    email_domain = models.CharField(max_length=120, blank=True)
    segment = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("company")

    def __str__(self) -> str:
        return self.name


class Visitor(models.Model):
    """A browser that accepted the visitor cookie; linked to a user and a company at login."""

    key = models.CharField(max_length=40, unique=True)
    first_seen_at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="visitors"
    )
    company = models.ForeignKey(CompanyProfile, null=True, blank=True, on_delete=models.SET_NULL)
    linked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key


class SubscriptionProfile(models.Model):
    """A subscription as partners see it: what renews, when, and for how much."""

    key = models.CharField(max_length=64, unique=True)
    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="subscriptions")
    title = models.CharField(max_length=255)
    sku = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    value_minor = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    started_on = models.DateField()
    renews_on = models.DateField(null=True, db_index=True)
    status = models.CharField(max_length=12)
    first_order_number = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering = ("renews_on", "id")

    def __str__(self) -> str:
        return f"{self.title} ({self.company})"
