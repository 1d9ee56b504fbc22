"""What a touch of our own usually costs."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.labels import MEDIA, TOUCH_KINDS


class TouchCost(models.Model):
    """The usual cost of one touch of own staff, by kind and medium, from a day on.

    It estimates touches that carry no cost of their own (`Touchpoint.cost_minor`); read both through
    `channels.journeys.selectors.costs.touch_costs`. The row of the touch's medium comes before one for every medium
    (`medium` empty), and of several the latest `valid_from`: a new price is a new row, and old reports stay as they were.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=TOUCH_KINDS)
    medium = models.CharField(_("medium"), max_length=20, choices=MEDIA, blank=True)
    cost_minor = models.BigIntegerField(_("cost"))
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)  # exclusive
    note = models.CharField(_("note"), max_length=255, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("kind", "medium", "-valid_from")
        constraints = (
            models.UniqueConstraint(fields=["kind", "medium", "valid_from"], name="touch_cost_once"),
            models.CheckConstraint(condition=models.Q(cost_minor__gte=0), name="touch_cost_not_negative"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="touch_cost_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.valid_from:%Y-%m-%d}"
