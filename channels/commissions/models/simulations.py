"""Drafts on trial: what a draft would have paid on past orders, and what chosen partners say about it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.programmes import ProgrammeVersion
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner


class SimulationRun(models.Model):
    """A replay of the orders placed in [since, until) under the text that a draft had when it was asked for.

    `attempt` counts its starts: what a lost worker still writes under an earlier number is refused.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to start")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="simulations")
    terms = models.JSONField()
    terms_hash = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=1)
    orders_done = models.PositiveIntegerField(default=0)
    orders_total = models.PositiveIntegerField(default=0)
    counts = models.BooleanField(default=False)  # it replayed orders, or there were none that it could have replayed
    result = models.JSONField(default=dict)  # channels.commissions.engine.simulation Simulation.result
    last_error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        indexes = (models.Index(fields=["version", "terms_hash"], name="simulation_of_text"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="simulation_period"),
        )

    def __str__(self) -> str:
        return f"{self.version} {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"


class SimulatedOrder(models.Model):
    """One partner's commission on one order that a draft would change. Kept for the version's latest run only."""

    run = models.ForeignKey(SimulationRun, on_delete=models.CASCADE, related_name="orders")
    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    then_minor = models.BigIntegerField()
    now_minor = models.BigIntegerField()
    distance_minor = models.BigIntegerField()  # how far the two are apart: what lists are sorted by

    class Meta:
        ordering = ("run", "-distance_minor", "id")
        indexes = (
            models.Index(fields=["run", "-distance_minor"], name="simulated_farthest"),
            models.Index(fields=["run", "partner", "-distance_minor"], name="simulated_of_partner"),
        )

    def __str__(self) -> str:
        return f"{self.order_id} {self.then_minor} > {self.now_minor} {self.currency}"


class DraftShare(models.Model):
    """A partner is asked for its opinion on a version before that is published; ended when it is taken back."""

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="shares")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="consultations")
    message = models.CharField(_("message"), max_length=500, blank=True)
    shared_at = models.DateTimeField(_("shared"))
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ("-shared_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["version", "partner"], condition=models.Q(ended_at__isnull=True), name="draft_shared_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} with {self.partner}"


class DraftComment(models.Model):
    """What a partner, or the desk answering it, wrote about a version. Append-only; one thread per partner."""

    is_append_only = True

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="comments")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="+")  # whose thread it is in
    is_from_desk = models.BooleanField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=2000)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        indexes = (models.Index(fields=["version", "partner", "at"], name="comment_thread"),)

    def __str__(self) -> str:
        return f"{self.partner} on {self.version}: {self.text[:40]}"
