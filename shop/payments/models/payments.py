"""A payment, its history, what went back, and what the payer's bank disputes."""

from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company
from shop.payments.models.methods import SavedMethod
from shop.payments.models.sending import SentOnce


class Payment(SentOnce):
    """One amount that a company pays through Stripe. `services.payments` alone changes it.

    Its state only moves down the list of `State`. A card that is declined while the buyer is there ends nothing: the
    payment stays open with `failure_code`, and another card may be tried on the same `client_secret`. FAILED is for
    whatever nobody can try again there and then: off session, and bank debits that came back.
    """

    class State(models.TextChoices):
        CREATED = "created", _("Waiting for the payer")
        REQUIRES_ACTION = "requires_action", _("Waiting for the bank's confirmation")
        PROCESSING = "processing", _("On its way")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        SUCCEEDED = "succeeded", _("Paid")

    OPEN = (State.CREATED, State.REQUIRES_ACTION, State.PROCESSING)

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=120, unique=True)  # "<prefix>:<what is paid>"
    company = models.ForeignKey(Company, models.PROTECT, related_name="payments")
    kind = models.CharField(_("kind"), max_length=10, choices=SavedMethod.Kind)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    amount_refunded = models.DecimalField(max_digits=14, decimal_places=3, default=0)  # asked for, unless it failed
    state = models.CharField(_("state"), max_length=15, choices=State, default=State.CREATED, db_index=True)
    saved_method = models.ForeignKey(SavedMethod, models.PROTECT, null=True, blank=True, related_name="payments")
    off_session = models.BooleanField(default=False)
    save_method = models.BooleanField(default=False)  # keep what it is paid with
    intent_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    client_secret = models.CharField(max_length=200, blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    failure_message = models.CharField(max_length=255, blank=True)  # Stripe's, fit for the payer
    failure_as_of = models.DateTimeField(null=True, blank=True)  # of which moment the two above tell
    version = models.PositiveIntegerField(default=0)  # counts the changes
    told_version = models.PositiveIntegerField(default=0)  # the latest that the listener has heard of
    tellings = models.PositiveSmallIntegerField(default=0)  # in vain, since the last that worked
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)  # by the reconciler, while it is open

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(amount_refunded__gte=0, amount_refunded__lte=models.F("amount")),
                name="payment_refunded_within_amount",
            ),
        )
        indexes = (
            models.Index(
                fields=["tellings", "id"],
                condition=models.Q(version__gt=models.F("told_version")),
                name="payment_untold",
            ),
        )
        verbose_name = _("payment")
        verbose_name_plural = _("payments")

    def __str__(self) -> str:
        return self.reference

    def sending_name(self) -> str:
        return f"payment-{self.key}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_declined(self) -> bool:
        """Tell whether the last try was declined while another one is possible: show `failure_message`."""
        return self.is_open and bool(self.failure_code)

    @property
    def refundable(self) -> Decimal:
        """What may still go back."""
        return self.amount - self.amount_refunded if self.state == self.State.SUCCEEDED else Decimal(0)


class PaymentEvent(models.Model):
    """One thing that happened to a payment. Append-only."""

    is_append_only = True

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="events")
    at = models.DateTimeField(_("at"))
    what = models.CharField(max_length=40)  # opened, a state, declined, refund:<state>, dispute:<state>
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("payment", "pk")

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.what}"


class Refund(SentOnce):
    """Money on its way back. Its state only moves down the list: banks send refunds back after they succeeded."""

    class State(models.TextChoices):
        HELD = "held", _("Waiting for finance")
        REQUESTED = "requested", _("To be sent")
        PENDING = "pending", _("On its way")
        SUCCEEDED = "succeeded", _("Refunded")
        FAILED = "failed", _("Failed")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=120, unique=True)  # the caller's; Stripe's id when it was made at Stripe
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=3)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED, db_index=True)
    refund_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    failure = models.CharField(max_length=255, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(_("requested"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = (models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_amount_positive"),)
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")

    def __str__(self) -> str:
        return self.key

    def sending_name(self) -> str:
        return f"refund-{self.payment.key}-{self.pk}"


class Dispute(models.Model):
    """The payer's bank asks for the money back (a chargeback). Its state only moves down the list."""

    class State(models.TextChoices):
        INQUIRY = "inquiry", _("The bank asks")
        CLOSED = "closed", _("The bank asks no more")
        NEEDS_RESPONSE = "needs_response", _("Waiting for our answer")
        UNDER_REVIEW = "under_review", _("The bank decides")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    dispute_id = models.CharField(max_length=64, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=3)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=15, choices=State, db_index=True)
    evidence_due_at = models.DateTimeField(_("answer by"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    updated_at = models.DateTimeField(_("changed"))
    told_at = models.DateTimeField(null=True, blank=True)  # finance was mailed

    class Meta:
        ordering = ("-opened_at", "-id")
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")

    def __str__(self) -> str:
        return self.dispute_id
