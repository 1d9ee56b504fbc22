"""Invoices of orders bought on invoice. One per order; numbered, due, and marked paid by a person."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.forks.order.models import Order


class Invoice(models.Model):
    """What a company owes for an order, in the order's currency."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    number = models.CharField(_("invoice"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, db_index=True)
    total_excl_tax = models.DecimalField(max_digits=12, decimal_places=2)
    total_incl_tax = models.DecimalField(max_digits=12, decimal_places=2)
    credited_incl_tax = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # taken back since
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField(_("issued"))
    due_on = models.DateField(_("due"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    payment_reference = models.CharField(_("payment reference"), max_length=120, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-issued_at", "-id")
        permissions = (("mark_invoice_paid", _("Can mark invoices as paid")),)

    def __str__(self) -> str:
        return self.number

    @property
    def amount_due(self) -> Decimal:
        """What is left to pay, tax included; negative when a paid invoice was credited."""
        paid = self.total_incl_tax if self.state == self.State.PAID else Decimal(0)
        return self.total_incl_tax - self.credited_incl_tax - paid
