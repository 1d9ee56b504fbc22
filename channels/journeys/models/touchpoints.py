"""Partner codes and the touchpoints they and people leave."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.identity import CompanyProfile, Visitor
from channels.journeys.models.labels import MEDIA, TOUCH_KINDS
from channels.partners.models import ChannelPartner


class PartnerCode(models.Model):
    """A code in a partner's link, `/r/<code>` or `?ref=<code>`."""

    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="codes")
    code = models.CharField(_("code"), max_length=40, unique=True)  # stored in lower case, matched in any
    label = models.CharField(_("label"), max_length=100, blank=True)
    landing_path = models.CharField(_("landing page"), max_length=200, default="/")
    campaign = models.CharField(_("campaign"), max_length=60, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("partner", "-created_at", "-id")

    def __str__(self) -> str:
        return self.code


class Touchpoint(models.Model):
    """One observed influence. Immutable: identity is linked through `visitor`, never by changing the row."""

    is_append_only = True

    key = models.CharField(max_length=120, unique=True)
    partner = models.ForeignKey(
        ChannelPartner, null=True, blank=True, on_delete=models.PROTECT, related_name="touchpoints"
    )  # empty: own staff or a campaign of ours
    code = models.ForeignKey(PartnerCode, null=True, blank=True, on_delete=models.PROTECT, related_name="touchpoints")
    kind = models.CharField(_("kind"), max_length=20, choices=TOUCH_KINDS)
    medium = models.CharField(_("medium"), max_length=20, choices=MEDIA)
    campaign = models.CharField(_("campaign"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"), db_index=True)
    visitor = models.ForeignKey(Visitor, null=True, blank=True, on_delete=models.PROTECT, related_name="touchpoints")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    company = models.ForeignKey(
        CompanyProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="touchpoints"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    # What it cost the supplier, when that is known; otherwise the table of costs (TouchCost) estimates it.
    cost_minor = models.BigIntegerField(_("cost"), null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(cost_minor__isnull=True, cost_currency="")
                | models.Q(cost_minor__gte=0) & ~models.Q(cost_currency=""),
                name="touch_cost_has_currency",
            ),
        )
        indexes = (
            models.Index(fields=["company", "at"], name="touch_company_at"),
            models.Index(fields=["visitor", "at"], name="touch_visitor_at"),
            models.Index(fields=["partner", "at"], name="touch_partner_at"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
