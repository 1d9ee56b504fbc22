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


class CompanyMerge(models.Model):
    """From a moment on, what is known of `company` counts for `survivor`. Append-only: undone by a CompanyMergeEnd.

    Nothing is re-written: an order asks which companies were one at the moment it was placed.
    """

    is_append_only = True

    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="merges")
    survivor = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="merges_into")
    at = models.DateTimeField(_("merged at"))
    reason = models.CharField(_("reason"), max_length=255)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.CheckConstraint(condition=~models.Q(company=models.F("survivor")), name="merge_of_two_companies"),
        )

    def __str__(self) -> str:
        return f"{self.company} → {self.survivor}"


class CompanyMergeEnd(models.Model):
    """A merge taken back, with its reason: orders from `at` on see two companies again."""

    is_append_only = True

    merge = models.OneToOneField(CompanyMerge, on_delete=models.PROTECT, related_name="end")
    at = models.DateTimeField(_("undone at"))
    reason = models.CharField(_("reason"), max_length=255)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.merge} undone {self.at:%Y-%m-%d}"


class VisitorLogin(models.Model):
    """A person who logged in on a browser, once per person. Append-only.

    `stands` is true for the first, whose touches the browser's are; whoever comes later on a shared computer gets a
    visitor key of their own, and this row says that the two browsers were one.
    """

    is_append_only = True

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="logins")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    company = models.ForeignKey(CompanyProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    stands = models.BooleanField()

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=["visitor", "user"], name="visitor_login_once"),)

    def __str__(self) -> str:
        return f"{self.user} on {self.visitor}"


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
    answer_by = models.DateField(null=True)  # the customer is asked about the renewal, and has not answered

    class Meta:
        ordering = ("renews_on", "id")

    def __str__(self) -> str:
        return f"{self.title} ({self.company})"
