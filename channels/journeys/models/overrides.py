"""What people decide about a credit: overrides of an order's shares, and rejections of a self-referral."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.journeys.models.attribution import AttributionRun, Credit
from channels.journeys.models.orders import OrderRecord


class Override(models.Model):
    """New shares of an order, or of some of its lines: one person proposes them, another one decides.

    `pools` holds {pool: {partner code: basis points}} and replaces every pool of the lines; empty credits nobody.
    `lines` holds line keys; empty means the whole order. Immutable once decided.
    """

    is_append_only = True
    append_only_when = "OLD.state <> 'proposed'"

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="overrides")
    lines = models.JSONField(default=list)
    pools = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=300)  # the partners whom it touches read it
    evidence = models.TextField(_("evidence"))  # for the desk alone
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED, db_index=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)  # why it was rejected or withdrawn
    run = models.OneToOneField(AttributionRun, null=True, blank=True, on_delete=models.PROTECT, related_name="override")

    class Meta:
        ordering = ("-proposed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(state="proposed"), name="override_one_open_per_order"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("approved", "rejected"))
                | models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("proposed_by")),
                name="override_takes_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order.number}: {self.reason}"


class CreditRejection(models.Model):
    """A credit that a person looked at and refused, such as a self-referral: it earns nothing, and nobody gets its part."""

    is_append_only = True

    credit = models.OneToOneField(Credit, on_delete=models.PROTECT, related_name="rejection")
    reason = models.CharField(max_length=300)  # the partner reads it
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.credit}: {self.reason}"
