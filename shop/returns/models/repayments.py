"""Money that goes back to a company for what was taken back of a paid order."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.payments.models import Payment, Refund
from shop.returns.models.take_backs import TakeBack


class Repayment(models.Model):
    """An amount, tax included, that waits for finance and then leaves. `services.repayments` alone changes it."""

    class Way(models.TextChoices):
        PAYMENT = "payment", _("To the card or account that paid")
        TRANSFER = "transfer", _("By bank transfer")
        CREDIT = "credit", _("As credit for other invoices")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for finance")
        RELEASED = "released", _("Released")
        FAILED = "failed", _("Failed")
        DONE = "done", _("Paid back")

    take_back = models.ForeignKey(TakeBack, models.PROTECT, related_name="repayments")
    key = models.CharField(max_length=120, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    way = models.CharField(_("way"), max_length=10, choices=Way)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="repayments")
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="repayment")  # the latest
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, db_index=True)
    tries = models.PositiveSmallIntegerField(default=1)
    failure = models.CharField(max_length=255, blank=True)
    reference = models.CharField(_("payment reference"), max_length=120, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(_("paid back"), null=True, blank=True)

    class Meta:
        ordering = ("asked_at", "pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="repayment_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(way="payment", payment__isnull=False) | ~models.Q(way="payment"),
                name="repayment_to_payment_has_one",
            ),
        )
        permissions = (("release_repayment", _("Can release money to customers")),)
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.key})"
