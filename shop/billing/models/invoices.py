"""Invoices: one per order, numbered, due. Once issued only what was paid and credited on it still changes."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.billing.models.documents import Document, DocumentLine
from shop.companies.models import Company
from shop.forks.order.models import Line, Order


class Invoice(Document):
    """What a company owes for an order, in the order's currency."""

    is_append_only = True
    append_only_columns = (
        "order_id", "seller", "year", "sequence", "number", "issued_at", "currency", "total_excl_tax", "total_incl_tax",
        "sold_by", "billed_to", "delivered_to", "purchase_order_number", "cost_centre",
    )  # fmt: skip

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    payment_method = models.CharField(
        _("payment"), max_length=12, choices=Company.PaymentMethod, default=Company.PaymentMethod.INVOICE
    )
    purchase_order_number = models.CharField(_("purchase order number"), max_length=64, blank=True)
    cost_centre = models.CharField(_("cost centre"), max_length=170, blank=True)
    due_on = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, db_index=True)
    credited_incl_tax = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # sum of its credit notes
    paid_incl_tax = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # sum of its payments
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    payment_reference = models.CharField(_("payment reference"), max_length=120, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)  # how often the payer's bank took back what had paid it
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Document.Meta):
        ordering = ("-issued_at", "-id")
        permissions = (
            ("mark_invoice_paid", _("Can mark invoices as paid")),
            ("export_invoices", _("Can export invoices for bookkeeping")),
        )
        indexes = (models.Index(fields=["state", "due_on"], name="invoice_state_due"),)

    @property
    def amount_due(self) -> Decimal:
        """What is left to pay, tax included; negative when more was paid than is owed after credit notes."""
        return self.total_incl_tax - self.credited_incl_tax - self.paid_incl_tax


class InvoiceLine(DocumentLine):
    """A line of an invoice. Append-only."""

    is_append_only = True

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT, related_name="invoice_lines")

    class Meta(DocumentLine.Meta):
        constraints = (models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),)


class Reminder(models.Model):
    """A letter about an overdue invoice; each level once. Append-only but for when it left."""

    is_append_only = True
    append_only_columns = ("invoice_id", "level", "days_overdue", "amount_due", "at")

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders")
    level = models.PositiveSmallIntegerField(_("level"))
    days_overdue = models.PositiveSmallIntegerField()
    amount_due = models.DecimalField(max_digits=12, decimal_places=2)
    at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("invoice", "level")
        constraints = (models.UniqueConstraint(fields=["invoice", "level"], name="reminder_once"),)

    def __str__(self) -> str:
        return f"{self.invoice} ({self.level})"
