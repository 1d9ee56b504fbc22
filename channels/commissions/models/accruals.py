"""Commission earned: the runs that rate an order, and the accruals they produce."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.programmes import ProgrammeVersion
from channels.journeys.models import Credit, OrderEvent, OrderLine, OrderRecord
from channels.partners.models import ChannelPartner


class RatingRun(models.Model):
    """The rating owed to an order event: created as pending with the event, so that a lost task is found again."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="rating_runs")
    event = models.OneToOneField(OrderEvent, null=True, on_delete=models.PROTECT, related_name="rating_run")
    cause = models.CharField(max_length=140)  # the event's key, or "re-attribution:<run>"
    reason = models.CharField(max_length=300, blank=True)  # what a person decided; every posting of the run names it
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    programme_version = models.ForeignKey(
        ProgrammeVersion, null=True, on_delete=models.PROTECT, related_name="rating_runs"
    )
    frozen = models.JSONField(default=dict)  # what the first rating saw and later ones keep: anchor, kinds, tiers
    explanation = models.JSONField(default=dict)  # targets, skips and why, also at zero
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint(fields=["order", "cause"], name="rating_once_per_cause"),)

    def __str__(self) -> str:
        return f"{self.order.number} {self.cause} {self.state}"


class Accrual(models.Model):
    """A change of the commission that a partner earned on a line, caused by one event.

    The first is the commission itself; a refund adds one with negative amounts, which `reverses` the one it takes
    from. The facts never change (a trigger sees to it); `state` and `hold_until` follow the ledger and the delivery.
    Sums over (line, partner, type) are the commission as it stands.
    """

    class State(models.TextChoices):
        REVIEW = "review", _("Held for review")
        HELD = "held", _("Held")
        PAYABLE = "payable", _("Payable")
        STATED = "stated", _("In statement")
        PAYING = "paying", _("Being paid")
        PAID = "paid", _("Paid")
        REVERSED = "reversed", _("Reversed")

    key = models.CharField(max_length=400, unique=True)
    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="accruals")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="accruals")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="accruals")
    credit = models.ForeignKey(Credit, null=True, on_delete=models.PROTECT, related_name="accruals")
    run = models.ForeignKey(RatingRun, on_delete=models.PROTECT, related_name="accruals")
    reverses = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reversals")
    type = models.CharField(_("type"), max_length=12)  # RESALE, REFERRAL, INFLUENCE, RENEWAL, OVERRIDE, ...
    programme_version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="accruals")
    rule_id = models.CharField(max_length=60)
    rule_label = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveSmallIntegerField(default=1)
    base_minor = models.BigIntegerField()
    rate_bp = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, db_index=True)
    accrued_at = models.DateTimeField(db_index=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    refreezes = models.PositiveSmallIntegerField(default=0)  # how often a dispute put it back on hold

    class Meta:
        ordering = ("-accrued_at", "-id")
        indexes = (
            models.Index(fields=["partner", "accrued_at"], name="accrual_partner_at"),
            models.Index(fields=["state", "hold_until"], name="accrual_due"),
        )

    def __str__(self) -> str:
        return f"{self.partner} {self.type} {self.amount_minor} {self.currency}"
