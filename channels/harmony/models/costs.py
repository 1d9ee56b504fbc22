"""What selling costs beside touches and commission."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.labels import CHANNELS


class CostRate(models.Model):
    """Payment fees or support per order: a share of its net, a flat amount, or both. Append-only.

    The latest row in force for the kind, the channel and the currency holds; an empty channel is for both.
    """

    is_append_only = True

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Payment fees")
        SUPPORT = "support", _("Support")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    channel = models.CharField(_("channel"), max_length=10, choices=CHANNELS, blank=True)
    rate_bp = models.PositiveIntegerField(default=0)
    flat_minor = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True)  # exclusive
    reason = models.CharField(_("reason"), max_length=255)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("kind", "-valid_from", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="cost_rate_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"
