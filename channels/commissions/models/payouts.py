"""The payouts that settle statements, and the tries to send them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.statements import Statement


class Payout(models.Model):
    """Money owed out for a statement. Paid through a rail; here: a transfer that finance records with its reference."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SENDING = "sending", _("Sending")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="payout")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="payout_positive"),)

    def __str__(self) -> str:
        return f"payout of {self.statement}"


class PayoutAttempt(models.Model):
    """One try to pay out, committed before anything leaves the house."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        CONFIRMED = "confirmed", _("Confirmed")
        RETURNED = "returned", _("Returned")

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="attempts")
    rail = models.CharField(max_length=20, default="manual")
    reference = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("payout", "id")

    def __str__(self) -> str:
        return f"{self.payout} {self.state}"
