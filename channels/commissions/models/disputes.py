"""Disputes of a commission and claims of an order, and what an upheld one adds."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.engine.disputes import OPEN_STATES, Side
from channels.journeys.models import OrderLine, OrderRecord, Override
from channels.partners.models import ChannelPartner


class Dispute(models.Model):
    """A partner's objection. While it is open the money concerned is frozen (selectors/freezes.py).

    A claim names an order that the partner may not know of: `named` is what it wrote, `order` what the desk sees
    behind it. The partner never learns from us whether there is one.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", _("We should be credited")
        SHARE = "share", _("Our share is too small")
        AMOUNT = "amount", _("The amount or the rule is wrong")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        UNDER_REVIEW = "under_review", _("Under review")
        UPHELD = "upheld", _("Upheld")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    number = models.CharField(max_length=20, unique=True)
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="disputes")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    named = models.CharField(_("order"), max_length=128)
    ordered_on = models.DateField(null=True, blank=True)  # the day of the order, as the partner says
    order = models.ForeignKey(OrderRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes")
    reason = models.TextField(_("reason"))
    evidence = models.TextField(_("evidence"), blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN, db_index=True)
    is_grounded = models.BooleanField(default=False)  # our own records show the partner on the order
    freezes_others = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    taken_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_up_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)  # the partner reads it
    override = models.OneToOneField(
        Override, null=True, blank=True, on_delete=models.PROTECT, related_name="dispute"
    )  # the remedy proposed, or put in force

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["partner", "named"],
                condition=models.Q(state__in=OPEN_STATES),
                name="dispute_one_open_per_name",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("upheld", "rejected"))
                | models.Q(decided_by__isnull=False, decided_at__isnull=False) & ~models.Q(answer=""),
                name="dispute_decided_with_answer",
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="dispute_due"),)

    def __str__(self) -> str:
        return f"{self.number} ({self.partner})"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def wants_more(self) -> bool:
        """Could take from other partners."""
        return self.kind != self.Kind.AMOUNT


class DisputeLine(models.Model):
    """An order line that a dispute concerns."""

    is_append_only = True

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="disputes")

    class Meta:
        ordering = ("dispute", "line")
        constraints = (models.UniqueConstraint(fields=["dispute", "line"], name="dispute_line_once"),)

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.line_id}"


class DisputeEntry(models.Model):
    """One message or step of a dispute, for both sides to read unless it is internal."""

    is_append_only = True

    class Side(models.TextChoices):
        PARTNER = Side.PARTNER.value, _("Partner")
        DESK = Side.DESK.value, _("Channel desk")

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="entries")
    side = models.CharField(max_length=10, choices=Side)
    step = models.CharField(max_length=20, blank=True)  # opened, take_up, uphold, ...; empty for a message
    text = models.TextField(blank=True)
    is_internal = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "id")
        verbose_name_plural = "dispute entries"

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.step or 'message'}"


class Adjustment(models.Model):
    """What an upheld dispute adds to a partner's commission on a line: in full while the whole line stands."""

    is_append_only = True

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="adjustment")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="adjustments")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="adjustments")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-id")
        constraints = (models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="adjustment_positive"),)

    def __str__(self) -> str:
        return f"{self.partner} {self.amount_minor}: {self.reason}"
