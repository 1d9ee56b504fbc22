"""What a partner does about a renewal that comes near."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.identity import SubscriptionProfile
from channels.journeys.models.touchpoints import Touchpoint
from channels.partners.models import ChannelPartner


class RenewalActivity(models.Model):
    """One thing that a partner's person did about a renewal, or means to do next. Append-only.

    What was done with the customer, a call or a meeting, is a touchpoint too, and so evidence of looking after it.
    """

    is_append_only = True

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        MAIL = "mail", _("E-mail")
        NOTE = "note", _("Note")

    key = models.UUIDField(unique=True)  # the form's: a double click adds once
    subscription = models.ForeignKey(SubscriptionProfile, on_delete=models.PROTECT, related_name="activities")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="renewal_activities")
    due_on = models.DateField()  # the renewal that it was about
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    on = models.DateField(_("day"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("by"), null=True, blank=True)
    touchpoint = models.OneToOneField(Touchpoint, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-on", "-id")
        indexes = (models.Index(fields=["partner", "subscription"], name="renewal_activity_partner"),)
        verbose_name = _("renewal activity")
        verbose_name_plural = _("renewal activities")

    def __str__(self) -> str:
        return f"{self.partner} {self.on}: {self.get_kind_display()}"
