"""The ledger: balanced postings of signed entries, in a hash chain. Database triggers refuse UPDATE and DELETE."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.accruals import Accrual
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner


class LedgerPosting(models.Model):
    """One balanced set of entries with one cause. `key` makes a replay harmless; `hash` chains it to the one before.

    `booked_at` is the time on the books, never inside a closed month; `effective_at` is when its cause happened.
    """

    is_append_only = True

    class Kind(models.TextChoices):
        ACCRUE = "accrue", _("Commission earned")
        RELEASE = "release", _("Hold ended")
        FREEZE = "freeze", _("Put back on hold")
        REVERSE = "reverse", _("Commission taken back")
        NET = "net", _("Clawback netted")
        CONVERT = "convert", _("Converted to another currency")
        PAY = "pay", _("Payment sent")
        PAID = "paid", _("Payment confirmed")
        RECALLED = "recalled", _("Confirmation withdrawn")
        RETURNED = "returned", _("Payment returned")

    key = models.CharField(max_length=400, unique=True)
    sequence = models.PositiveBigIntegerField(unique=True)  # gapless, in the order of the chain
    kind = models.CharField(max_length=20, choices=Kind, db_index=True)
    booked_at = models.DateTimeField(db_index=True)
    effective_at = models.DateTimeField()
    order = models.ForeignKey(OrderRecord, null=True, on_delete=models.PROTECT, related_name="postings")
    accrual = models.ForeignKey(Accrual, null=True, on_delete=models.PROTECT, related_name="postings")
    payout = models.ForeignKey("Payout", null=True, on_delete=models.PROTECT, related_name="postings")
    memo = models.CharField(max_length=255, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"#{self.sequence} {self.kind}"


class LedgerEntry(models.Model):
    """One signed amount on one account: debits positive, credits negative."""

    is_append_only = True

    posting = models.ForeignKey(LedgerPosting, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField()
    account = models.CharField(max_length=60)  # e.g. "Expense:Commission:RENEWAL", "Liability:Held"
    partner = models.ForeignKey(ChannelPartner, null=True, on_delete=models.PROTECT, related_name="entries")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("posting", "position")
        verbose_name_plural = "ledger entries"
        constraints = (
            models.UniqueConstraint(fields=["posting", "position"], name="entry_position"),
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="entry_not_zero"),
        )
        indexes = (models.Index(fields=["partner", "account", "currency"], name="entry_balance"),)

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor} {self.currency}"


class LedgerHead(models.Model):
    """The head of the chain: the one row that posting locks, so that the chain has one order.

    The books are closed before `closed_until`: what is posted later is booked in the first open month.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)
    closed_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.sequence}"
