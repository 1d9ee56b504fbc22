"""Statements per partner, currency and month, who approved them, and the months that are closed."""

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
    asked_before_minor = models.BigIntegerField(default=0)  # what earlier statements ask for and was not paid
    minimum_payable_minor = models.BigIntegerField(default=0)
    paid_in = models.CharField(max_length=3, blank=True)  # another currency: nothing is paid here, it is converted
    printed = models.JSONField(default=dict)  # partner, issuer, tax and approval, as they were at the closing
    approvals_needed = models.PositiveSmallIntegerField(default=1)  # two people above the limit
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


class StatementApproval(models.Model):
    """One person's approval. Nobody approves the same statement twice."""

    is_append_only = True

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="approvals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("statement", "id")
        constraints = (models.UniqueConstraint(fields=["statement", "by"], name="statement_approved_once_each"),)

    def __str__(self) -> str:
        return f"{self.statement} {self.by_id}"


class ClosedMonth(models.Model):
    """A month that is locked for good: what is posted later is booked in the first open one."""

    is_append_only = True

    starts_on = models.DateField(unique=True)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # nobody: the clock
    statements = models.PositiveIntegerField()
    chain_head = models.CharField(max_length=64)
    chain_sequence = models.PositiveBigIntegerField()
    left_open = models.JSONField(default=list)  # what still waited, when the clock closed it all the same

    class Meta:
        ordering = ("-starts_on",)

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m}"
