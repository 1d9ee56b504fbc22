"""A company at Stripe: its customer, and the cards and accounts that it lets us charge again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company, Location


class StripeCustomer(models.Model):
    """A company's name at Stripe."""

    company = models.OneToOneField(Company, models.PROTECT, related_name="stripe_customer")
    customer_id = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.customer_id


class SavedMethod(models.Model):
    """A card or a bank account of a company. Removed ones stay for the payments made with them."""

    class Kind(models.TextChoices):
        CARD = Company.PaymentMethod.CARD.value, Company.PaymentMethod.CARD.label
        BANK_DEBIT = Company.PaymentMethod.BANK_DEBIT.value, Company.PaymentMethod.BANK_DEBIT.label

    company = models.ForeignKey(Company, models.PROTECT, related_name="saved_methods")
    location = models.ForeignKey(
        Location, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # None: all of them
    provider_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    brand = models.CharField(_("brand"), max_length=30, blank=True)  # visa, or the bank's code
    last4 = models.CharField(max_length=4, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)  # the last day of a card's last month
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(_("added"))
    is_default = models.BooleanField(_("standard"), default=False)
    is_active = models.BooleanField(default=True)
    detached_at = models.DateTimeField(null=True, blank=True)  # Stripe forgot it too

    class Meta:
        ordering = ("-is_default", "-added_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(is_default=True), name="saved_method_default_once"
            ),
        )
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")

    def __str__(self) -> str:
        return f"{self.brand.title() or self.get_kind_display()} •••• {self.last4}"
