"""What a company lets a partner know and do, and its wish for another partner of record."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.identity import CompanyProfile
from channels.partners.models import Agreement, ChannelPartner


class Sharing(models.Model):
    """A company's word on one partner; the latest row counts. Append-only. It narrows the agreement, and never widens it."""

    is_append_only = True

    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="sharing")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="sharing")
    level = models.PositiveSmallIntegerField(_("data level"), choices=Agreement.DataLevel)
    is_told = models.BooleanField(_("is told of orders"))
    may_order = models.BooleanField(_("may order for the company"))
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["partner", "company"], name="sharing_partner_company"),)

    def __str__(self) -> str:
        return f"{self.company} to {self.partner}"


class PartnerChange(models.Model):
    """A company's wish for another partner of record. It takes effect once that partner accepts."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for the partner")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="partner_changes")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="partner_changes")
    effective_on = models.DateField(_("from"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(state="asked"), name="partner_change_asked_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.company} to {self.partner}"
