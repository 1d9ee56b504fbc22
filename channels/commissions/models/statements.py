"""Statements per partner, currency and month."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.ledger import LedgerEntry
from channels.partners.models import ChannelPartner


class Statement(models.Model):
    """A closed month of one partner in one currency. Amounts are what the supplier owes: positive is payable."""

    class State(models.TextChoices):
        CLOSED = "closed", _("Closed")
        APPROVED = "approved", _("Approved")
        PAID = "paid", _("Paid")

    number = models.CharField(max_length=60, unique=True)
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="statements")
    currency = models.CharField(max_length=3)
    period_start = models.DateField()
    period_end = models.DateField()  # exclusive
    state = models.CharField(max_length=10, choices=State, default=State.CLOSED)
    opening_minor = models.BigIntegerField()
    movement_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    payable_minor = (
        models.BigIntegerField()
    )  # what this statement asks to be paid; 0 below the minimum or when negative
    chain_head = models.CharField(max_length=64)
    chain_sequence = models.PositiveBigIntegerField()
    closed_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-period_start", "partner", "currency")
        constraints = (models.UniqueConstraint(fields=["partner", "currency", "period_start"], name="statement_once"),)

    def __str__(self) -> str:
        return self.number


class StatementLine(models.Model):
    """A ledger entry on the partner's payable or clawback account, on the one statement that shows it."""

    is_append_only = True

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="statement_line")

    class Meta:
        ordering = ("statement", "entry")

    def __str__(self) -> str:
        return f"{self.statement} {self.entry_id}"
