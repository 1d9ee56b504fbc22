"""A company's credit with us: an account for each currency, and the entries that its balance is the sum of."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company
from shop.forks.order.models import Order


class CreditAccount(models.Model):
    """What a company owes in one currency. `balance` is the sum of its entries, kept under the account's lock.

    Positive: the company owes us. Negative: it has paid in advance. `limit` None: nothing was agreed, nothing is refused.
    """

    class Hold(models.TextChoices):
        NONE = "", _("none")
        OVERDUE = "overdue", _("overdue invoices")
        MANUAL = "manual", _("set by us")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="credit_accounts")
    currency = models.CharField(_("currency"), max_length=3)
    limit = models.DecimalField(_("limit"), max_digits=12, decimal_places=2, null=True, blank=True)
    balance = models.DecimalField(_("owed"), max_digits=14, decimal_places=2, default=Decimal("0.00"))
    advance = models.DecimalField(  # paid in advance and not used for an invoice yet; part of the balance already
        _("unused deposit"), max_digits=14, decimal_places=2, default=Decimal("0.00")
    )
    hold = models.CharField(_("hold"), max_length=10, choices=Hold, blank=True, default=Hold.NONE)
    hold_reason = models.CharField(_("reason"), max_length=255, blank=True)  # for staff
    held_at = models.DateTimeField(_("held since"), null=True, blank=True)

    class Meta:
        ordering = ("company__name", "currency")
        constraints = (
            models.UniqueConstraint(fields=["company", "currency"], name="credit_account_once"),
            models.CheckConstraint(
                condition=models.Q(limit__isnull=True) | models.Q(limit__gte=0), name="credit_limit_positive"
            ),
            models.CheckConstraint(condition=models.Q(advance__gte=0), name="credit_advance_positive"),
        )
        permissions = (("manage_credit", _("Can set credit limits and holds, and record deposits")),)
        verbose_name = _("credit account")
        verbose_name_plural = _("credit accounts")

    def __str__(self) -> str:
        return f"{self.company} ({self.currency})"


class CreditEntry(models.Model):
    """One change of an account. Append-only: a mistake is corrected by another entry."""

    is_append_only = True

    class Kind(models.TextChoices):
        ALLOCATED = "allocated", _("Limit agreed")  # amount 0
        PURCHASED = "purchased", _("Bought on invoice")
        REIMBURSED = "reimbursed", _("Paid")
        REFUNDED = "refunded", _("Credited")
        DEPOSITED = "deposited", _("Paid in advance")
        PAID_OUT = "paid_out", _("Paid back")
        CORRECTED = "corrected", _("Corrected")

    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=120, unique=True)  # what the entry is for: the same twice is posted once
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)  # above zero: more is owed
    balance_after = models.DecimalField(_("owed then"), max_digits=14, decimal_places=2)
    limit_after = models.DecimalField(_("limit then"), max_digits=12, decimal_places=2, null=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="credit_entries")
    reference = models.CharField(_("reference"), max_length=120, blank=True)  # an invoice's number, a bank's text
    note = models.CharField(_("reason"), max_length=255, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["account", "-id"], name="credit_entry_of_account"),)
        verbose_name = _("entry of a credit account")
        verbose_name_plural = _("entries of credit accounts")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.account.currency}"


class CreditHold(models.Model):
    """Credit kept free for something that is not bought yet. Counts until it is released or its time is over."""

    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="holds")
    key = models.CharField(max_length=120, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    expires_at = models.DateTimeField(_("until"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        ordering = ("expires_at", "id")
        constraints = (models.CheckConstraint(condition=models.Q(amount__gt=0), name="credit_hold_positive"),)
        verbose_name = _("credit kept free")
        verbose_name_plural = _("credit kept free")

    def __str__(self) -> str:
        return f"{self.amount} {self.account.currency} ({self.key})"
