"""Attribution policies, their runs, and the credits that runs produce."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.audit import append_only
from channels.journeys.models.orders import OrderLine, OrderRecord
from channels.partners.models import ChannelPartner


class Policy(models.Model):
    """One version of the attribution policy. Immutable once published."""

    is_append_only = True
    append_only_when = append_only.PUBLISHED

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    version = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    terms = models.JSONField()  # channels.journeys.engine PolicyTerms
    effective_from = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-version",)
        verbose_name_plural = _("policies")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status="draft") | models.Q(effective_from__isnull=False, published_at__isnull=False),
                name="policy_published_has_dates",
            ),
        )

    def __str__(self) -> str:
        return f"policy v{self.version}"


class AttributionRun(models.Model):
    """One attribution of an order: created as pending with the order, so that a lost task is found again."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="attribution_runs")
    sequence = models.PositiveSmallIntegerField(default=1)
    cause = models.CharField(max_length=40, default="placed")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    policy = models.ForeignKey(Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    step = models.CharField(max_length=30, blank=True)  # the precedence step taken
    explanation = models.JSONField(default=dict)  # why, skips, touches weighed, counterfactuals
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("order", "-sequence")
        constraints = (models.UniqueConstraint(fields=["order", "sequence"], name="attribution_sequence"),)

    def __str__(self) -> str:
        return f"{self.order.number} #{self.sequence} {self.state}"


class Credit(models.Model):
    """One channel partner's share of one order line in one pool, in basis points. Immutable."""

    is_append_only = True

    class Pool(models.TextChoices):
        RESALE = "resale", _("Resale")
        REFERRAL = "referral", _("Referral")
        INFLUENCE = "influence", _("Influence")
        RENEWAL = "renewal", _("Renewal")
        OVERRIDE = "override", _("Distributor override")

    run = models.ForeignKey(AttributionRun, on_delete=models.PROTECT, related_name="credits")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="credits")
    pool = models.CharField(max_length=10, choices=Pool)
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="credits")
    role = models.CharField(max_length=20)
    share_bp = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    touch_keys = models.JSONField(default=list)
    is_held_for_review = models.BooleanField(default=False)

    class Meta:
        ordering = ("line", "pool", "id")
        constraints = (
            models.UniqueConstraint(fields=["run", "line", "pool", "partner"], name="credit_once"),
            models.CheckConstraint(condition=models.Q(share_bp__lte=10_000), name="credit_share_range"),
        )
        indexes = (models.Index(fields=["partner", "line"], name="credit_partner_line"),)

    def __str__(self) -> str:
        return f"{self.partner} {self.share_bp} bp of {self.line_id} ({self.pool})"
