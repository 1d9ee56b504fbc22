"""Where a partner wants its money: rows that are only ever added, so that every change can be told."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.commissions.models.payouts import Rail
from channels.commissions.sealing import SealedTextField
from channels.partners.models import ChannelPartner


class BankAccount(models.Model):
    """A bank account that partners are paid to. Two are the same when their fingerprints are."""

    iban = SealedTextField()
    fingerprint = models.CharField(max_length=64, unique=True)
    country = models.CharField(max_length=2)
    last_four = models.CharField(max_length=4)

    def __str__(self) -> str:
        """The account as pages, mails and the audit trail show it."""
        return f"{self.country}•• •••• {self.last_four}"


class PayoutDetails(models.Model):
    """A partner's choice of rail and bank account, in force from `valid_from` unless it is cancelled before."""

    is_append_only = True

    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="payout_details")
    rail = models.CharField(_("paid by"), max_length=10, choices=Rail)
    account = models.ForeignKey(BankAccount, null=True, on_delete=models.PROTECT, related_name="details")
    holder = models.CharField(_("account holder"), max_length=70, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()

    class Meta:
        ordering = ("partner", "-id")

    def __str__(self) -> str:
        return f"{self.partner} {self.get_rail_display()} {self.masked}".strip()

    @property
    def masked(self) -> str:
        """The account's country and its last four; empty without one."""
        return str(self.account or "")


class PayoutDetailsCancellation(models.Model):
    """Takes back a change that has not come into force."""

    is_append_only = True

    details = models.OneToOneField(PayoutDetails, on_delete=models.PROTECT, related_name="cancellation")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"{self.details} cancelled"


class StripeAccount(models.Model):
    """A partner's connected account, as Stripe last described it. The row is there before the account is asked for."""

    partner = models.OneToOneField(ChannelPartner, on_delete=models.PROTECT, related_name="stripe_account")
    account_id = models.CharField(max_length=64, blank=True, db_index=True)
    is_ready = models.BooleanField(default=False)  # its transfers capability is active
    is_submitted = models.BooleanField(default=False)
    requirements = models.JSONField(default=list, blank=True)  # what Stripe still asks for
    disabled_reason = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.partner} {self.account_id}".strip()
