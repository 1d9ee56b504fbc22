"""Approved deal registrations, as far as attribution asks: who is protected at which company, and for how long."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.identity import CompanyProfile
from channels.partners.models import ChannelPartner


class DealProtection(models.Model):
    """The time in which a partner is the sourcer at a company, however it buys. Append-only: an extension is a new row."""

    is_append_only = True

    key = models.CharField(max_length=120, unique=True)
    company = models.ForeignKey(CompanyProfile, on_delete=models.PROTECT, related_name="deals")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="deals")
    segment = models.CharField(_("segment"), max_length=40, blank=True)  # empty: all segments
    protected_from = models.DateTimeField(_("protected from"))
    protected_until = models.DateTimeField(_("protected until"))  # exclusive

    class Meta:
        ordering = ("-protected_from", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(protected_until__gt=models.F("protected_from")), name="deal_protection_period"
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner} at {self.company} until {self.protected_until:%Y-%m-%d}"
