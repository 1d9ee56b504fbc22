"""What a renewal steward did about a customer, beyond being named."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models import Relationship


class StewardAcceptance(models.Model):
    """A renewal steward's word that it looks after a customer: some rules pay nobody who has not given it."""

    is_append_only = True

    relationship = models.OneToOneField(Relationship, on_delete=models.PROTECT, related_name="acceptance")
    at = models.DateTimeField(_("accepted"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.relationship} accepted {self.at:%Y-%m-%d}"
