"""Who stands for a company, in which role, from when to when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.identity import CompanyProfile
from channels.partners.models import ChannelPartner


class Relationship(models.Model):
    """A channel partner's role at a company. Append-only: an early end is a RelationshipEnd, a change a new row."""

    is_append_only = True

    class Role(models.TextChoices):
        SOURCER = "sourcer", _("Sourcer")
        INFLUENCER = "influencer", _("Influencer")
        ADVISOR = "advisor", _("Advisor")
        IMPLEMENTER = "implementer", _("Implementer")
        RESELLER = "reseller", _("Reseller")
        RENEWAL_STEWARD = "renewal_steward", _("Renewal steward")

    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="relationships")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="relationships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    segment = models.CharField(_("segment"), max_length=40, blank=True)  # empty: all segments
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)  # exclusive
    source = models.CharField(_("source"), max_length=40)  # desk, order, import
    evidence = models.CharField(_("evidence"), max_length=255, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-valid_from", "-id")
        indexes = (models.Index(fields=["company", "role", "valid_from"], name="relationship_lookup"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="relationship_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_role_display()} of {self.company}"


class RelationshipEnd(models.Model):
    """The early end of a relationship, with its reason."""

    is_append_only = True

    relationship = models.OneToOneField(Relationship, on_delete=models.PROTECT, related_name="end")
    at = models.DateTimeField(_("ended at"))
    reason = models.CharField(_("reason"), max_length=255)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.relationship} ended {self.at:%Y-%m-%d}"
