"""Business customers."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """A business customer. `key` is its name towards channels and never changes."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        BLOCKED = "blocked", _("Blocked")

    class PaymentMethod(models.TextChoices):
        INVOICE = "invoice", _("On invoice")
        CARD = "card", _("Card")
        BANK_DEBIT = "bank_debit", _("Bank debit")

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("company"), max_length=200)
    vat_id = models.CharField(_("VAT id"), max_length=32, blank=True)
    country = models.CharField(_("country"), max_length=2)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING, db_index=True)
    status_reason = models.CharField(_("reason"), max_length=255, blank=True)  # for staff, never shown to the buyer
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    email_domain = models.CharField(_("e-mail domain"), max_length=120, blank=True)
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms (days)"), default=30)
    po_required = models.BooleanField(_("purchase order number required"), default=False)
    po_pattern = models.CharField(
        _("form of a purchase order number"),
        max_length=60,
        blank=True,
        help_text=_("A regular expression; empty accepts letters, digits and . / _ - #"),
    )
    cost_centre_required = models.BooleanField(_("cost centre required"), default=False)
    payment_methods = models.JSONField(_("payment methods"), default=list, blank=True)  # PaymentMethod; [] = all
    sales_rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sales rep")
    )  # who of ours looks after the company
    created_at = models.DateTimeField(_("registered"))

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name

    @property
    def may_order(self) -> bool:
        return self.status == self.Status.APPROVED

    @property
    def terms_days(self) -> int:
        """Payment terms as a location has them too."""
        return self.payment_terms_days

    @property
    def payment_method_labels(self) -> list[str]:
        """The methods that the company may pay by, in words."""
        return [str(method.label) for method in self.PaymentMethod if self.may_pay_by(method)]

    def may_pay_by(self, method: str) -> bool:
        return not self.payment_methods or method in self.payment_methods
