"""What Stripe tells us, as it came."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WebhookEvent(models.Model):
    """A delivery to the webhook. Its body is kept as it came, before anything is known of it.

    Without an event id it is unverified; the first one that proves to be an event gets its id, and later ones are counted
    on it.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Waiting")
        APPLIED = "applied", _("Applied")
        IGNORED = "ignored", _("Not for us")
        PARKED = "parked", _("Parked")
        REFUSED = "refused", _("Refused")

    event_id = models.CharField(_("event"), max_length=64, unique=True, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    body = models.BinaryField()
    signature = models.CharField(max_length=1000, blank=True)
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    deliveries = models.PositiveIntegerField(_("deliveries"), default=1)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (models.Index(fields=["state", "received_at"], name="webhook_state_received"),)
        permissions = (("replay_webhookevent", _("Can apply webhook events again")),)
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")

    def __str__(self) -> str:
        return self.event_id or f"delivery {self.pk}"
