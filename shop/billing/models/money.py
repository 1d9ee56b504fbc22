"""Money that came in, and on which invoices it was booked. What is not booked stays the company's credit."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.billing.models.invoices import Invoice
from shop.companies.models import Company
from shop.payments.models import Payment


class JointPayment(models.Model):
    """Invoices that a company set out to pay at once; its payment's reference is `invoices:<key>`."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="joint_payments")
    invoices = models.ManyToManyField(Invoice, related_name="joint_payments")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="joint_payment")
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"invoices:{self.key}"


class Receipt(models.Model):
    """Money received that names no one invoice: a bank transfer, a joint payment. Append-only."""

    is_append_only = True

    key = models.CharField(max_length=100, unique=True)
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="receipts")  # None: unknown
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    reference = models.CharField(_("payment reference"), max_length=200, blank=True)
    at = models.DateTimeField(_("received"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-id")
        constraints = (models.CheckConstraint(condition=models.Q(amount__gt=0), name="receipt_amount_positive"),)

    def __str__(self) -> str:
        return self.reference or self.key


CHARGED_BACK = "charged-back:"  # how the keys begin of what a payer's bank took back


class InvoicePayment(models.Model):
    """Money booked on an invoice; a negative amount was paid back, or its payer's bank took it back. Append-only."""

    is_append_only = True

    key = models.CharField(max_length=120, unique=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reference = models.CharField(_("payment reference"), max_length=200, blank=True)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="invoice_payments")
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="bookings")
    at = models.DateTimeField(_("paid"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "id")
        constraints = (models.CheckConstraint(condition=~models.Q(amount=0), name="invoice_payment_amount"),)

    def __str__(self) -> str:
        return f"{self.invoice}: {self.amount}"

    @property
    def is_charged_back(self) -> bool:
        return self.key.startswith(CHARGED_BACK)
