"""What happened to a subscription, and what was written to whom about it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.subscriptions.models.subscription import Subscription


class SubscriptionEvent(models.Model):
    """One thing that happened to a subscription. Append-only; `data` is plain JSON, amounts are text."""

    is_append_only = True

    class Kind(models.TextChoices):
        STARTED = "started", _("Started")
        NOTICE = "notice", _("Renewal announced")
        REVIEW_OPENED = "review_opened", _("Review opened")
        REVIEW_ANSWERED = "review_answered", _("Review answered")
        RENEWED = "renewed", _("Renewed")
        NOT_RENEWED = "not_renewed", _("Not renewed")
        PAYMENT_FAILED = "payment_failed", _("Payment failed")
        PAYMENT_ACTION = "payment_action", _("Payment waits for a confirmation")
        PAST_DUE = "past_due", _("Past due")
        SUSPENDED = "suspended", _("Suspended")
        RESUMED = "resumed", _("Resumed")
        CHANGED = "changed", _("Changed")
        ALIGNED = "aligned", _("Moved to a common date")
        METHOD = "method", _("Way of paying changed")
        CANCELLED = "cancelled", _("Cancelled for a day")
        UNDONE = "undone", _("Cancellation taken back")
        ENDED = "ended", _("Ended")

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    data: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "id")
        verbose_name = _("event of a subscription")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class RenewalNotice(models.Model):
    """One message about one renewal to one kind of reader: written down with what it tells of, mailed afterwards.

    `step` tells messages of a kind apart: the days before of an announcement, the number of a payment's try. What is
    written to a partner is a notice of its portal, which mails by itself.
    """

    class Kind(models.TextChoices):
        ANNOUNCED = "announced", _("Renewal announced")
        REVIEW = "review", _("Review opened")
        FAILED = "failed", _("Payment failed")
        ACTION = "action", _("Payment waits for a confirmation")
        SUSPENDED = "suspended", _("Suspended")
        ENDED = "ended", _("Not renewed")
        CANCELLED = "cancelled", _("Cancelled")

    class Reader(models.TextChoices):
        BUYER = "buyer", _("Buyer")
        REP = "rep", _("Sales representative")
        PARTNER = "partner", _("Partner of record")

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="notices")
    due_on = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind)
    step = models.PositiveSmallIntegerField(default=0)
    reader = models.CharField(max_length=10, choices=Reader)
    to = models.EmailField(max_length=254, blank=True)
    data: Any = models.JSONField(default=dict)
    at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["subscription", "due_on", "kind", "step", "reader"], name="renewal_notice_once"
            ),
        )
        indexes = (models.Index(fields=["at"], condition=models.Q(mailed_at=None), name="renewal_notice_waiting"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on} ({self.reader})"
