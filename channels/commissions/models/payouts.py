"""The payouts that settle statements, the tries to send them, and the batches in which finance sends them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.statements import Statement
from channels.commissions.sealing import SealedTextField


class Rail(models.TextChoices):
    """How the money travels. The code behind each is in channels/commissions/rails/."""

    STRIPE = "stripe", _("Stripe Connect")
    SEPA = "sepa", _("SEPA credit transfer")
    MANUAL = "manual", _("Bank transfer by hand")


class Payout(models.Model):
    """Money owed out for a statement. A draft waits for the statement's approval."""

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


class PayoutBatch(models.Model):
    """Payouts that finance sends together on one rail. `file` is what the bank gets, made once and kept as it is."""

    class State(models.TextChoices):
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")

    rail = models.CharField(max_length=10, choices=Rail)
    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=35, blank=True)
    file = SealedTextField(blank=True)
    file_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["message_id"], condition=~models.Q(message_id=""), name="payout_batch_message_once"
            ),
        )

    def __str__(self) -> str:
        return f"batch {self.pk}"


class PayoutAttempt(models.Model):
    """One try to pay out, committed before anything leaves the house.

    Its id makes the provider's idempotency key, and what it carries is frozen: the same key must always ask for the
    same thing. `next_try_at` is also the lease: whoever moves it on may work on the attempt, and nobody else.
    """

    class State(models.TextChoices):
        SENT = "sent", _("Under way")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        RETURNED = "returned", _("Returned")

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="attempts")
    rail = models.CharField(max_length=20, choices=Rail, default=Rail.MANUAL)
    batch = models.ForeignKey(PayoutBatch, null=True, on_delete=models.PROTECT, related_name="attempts")
    amount_minor = models.BigIntegerField()
    destination = SealedTextField(blank=True)  # Stripe account or IBAN
    holder = models.CharField(max_length=70, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    bank_status = models.CharField(max_length=4, blank=True)  # ISO 20022, as the bank last said
    last_error = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("payout", "id")
        indexes = (models.Index(fields=["state", "next_try_at"], name="payout_attempt_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=["payout"], condition=models.Q(state="sent"), name="payout_one_attempt_under_way"
            ),
        )

    def __str__(self) -> str:
        return f"{self.payout} {self.state}"

    @property
    def key(self) -> str:
        """The provider's idempotency key, and the bank's end-to-end id: letters, digits and dashes."""
        return f"PAYOUT-{self.payout_id}-{self.pk}"


class PayoutBatchItem(models.Model):
    """A payout in a batch. `handled_at` is empty while its turn is to come; `note` says why it was left out."""

    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="items")
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="batch_items")
    attempt = models.OneToOneField(PayoutAttempt, null=True, on_delete=models.PROTECT, related_name="batch_item")
    handled_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("batch", "id")
        constraints = (models.UniqueConstraint(fields=["batch", "payout"], name="payout_once_in_batch"),)

    def __str__(self) -> str:
        return f"{self.payout} in {self.batch}"


class PayoutRecall(models.Model):
    """A request to take a transfer back, committed before it is asked for. It may be refused; the books do not mind:
    what the partner owes is netted against its next payout either way."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        DONE = "done", _("Taken back")
        REFUSED = "refused", _("Refused")

    attempt = models.ForeignKey(PayoutAttempt, on_delete=models.PROTECT, related_name="recalls")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    reason = models.CharField(max_length=255)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("attempt", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["attempt"], condition=models.Q(state="asked"), name="payout_one_recall_asked"
            ),
        )

    def __str__(self) -> str:
        return f"recall of {self.attempt}"

    @property
    def key(self) -> str:
        return f"RECALL-{self.attempt_id}-{self.pk}"


class BankStatusFile(models.Model):
    """A status report that the bank sent, and what each of its rows came to. The same file again changes nothing."""

    is_append_only = True

    digest = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=35, blank=True)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="status_files")
    rows = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.message_id or self.digest[:12]
