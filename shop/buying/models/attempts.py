"""Each try to order a basket, durable from its first moment, and the stock that it holds until it is over."""

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _
from oscar.apps.order.models import Order

from shop.companies.models import Company
from shop.payments.models import Payment


class CheckoutAttempt(models.Model):
    """One try to order a basket, committed before the order is placed: what happened is known whatever fails later.

    `agreed` is what the buyer agreed to and how it is bought, as `shop.buying.agreements` writes it: enough to place
    the order without the buyer's session. Its state changes in `services.attempts.move` alone.
    """

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        REQUIRES_ACTION = "requires_action", _("Waiting for the buyer")
        PROCESSING = "processing", _("Waiting for the bank")
        PAID = "paid", _("Paid")
        PLACED = "placed", _("Placed")
        FAILED = "failed", _("Failed")
        REFUNDED = "refunded", _("Refunded")

    OPEN = (State.CREATED, State.REQUIRES_ACTION, State.PROCESSING, State.PAID)

    key = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="+")
    basket = models.ForeignKey("basket.Basket", null=True, on_delete=models.SET_NULL, related_name="attempts")
    order = models.OneToOneField(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="attempt")
    payment = models.OneToOneField(Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="attempt")
    method = models.CharField(
        _("payment method"), max_length=10, choices=Company.PaymentMethod, default=Company.PaymentMethod.INVOICE
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.CREATED, db_index=True)
    totals_hash = models.CharField(max_length=64)
    agreed = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)  # only where a payment is waited for
    created_at = models.DateTimeField(_("begun"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("checkout attempt")
        verbose_name_plural = _("checkout attempts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="placed", order__isnull=False) | ~models.Q(state="placed"),
                name="attempt_placed_has_order",
            ),
            models.UniqueConstraint(
                fields=["basket"],
                condition=models.Q(expires_at__isnull=False)
                & models.Q(state__in=("created", "requires_action", "processing", "paid")),
                name="attempt_pays_for_basket_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def funding(self) -> Payment:
        """The payment of an attempt that pays online; one on invoice has none."""
        if self.payment is None:
            raise ObjectDoesNotExist(f"{self} pays nothing online")
        return self.payment

    @property
    def result(self) -> Order:
        """The order of an attempt that was placed."""
        if self.order is None:
            raise ObjectDoesNotExist(f"{self} has placed nothing")
        return self.order


class AttemptEvent(models.Model):
    """A change of an attempt's state. Append-only."""

    is_append_only = True

    attempt = models.ForeignKey(CheckoutAttempt, on_delete=models.PROTECT, related_name="events")
    before = models.CharField(max_length=16, choices=CheckoutAttempt.State, blank=True)  # empty: it began
    after = models.CharField(max_length=16, choices=CheckoutAttempt.State)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        verbose_name = _("step of a checkout attempt")
        verbose_name_plural = _("steps of checkout attempts")

    def __str__(self) -> str:
        return f"{self.before or '-'} > {self.after}"


class Reservation(models.Model):
    """Units that an attempt holds while its payment is waited for: allocated in the stock record already.

    Placing the order takes them over (`consumed_at`); otherwise they are given back (`released_at`).
    """

    attempt = models.ForeignKey(CheckoutAttempt, on_delete=models.PROTECT, related_name="reservations")
    stockrecord = models.ForeignKey("partner.StockRecord", on_delete=models.CASCADE, related_name="reservations")
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)
    consumed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("attempt", "stockrecord")
        constraints = (
            models.UniqueConstraint(fields=["attempt", "stockrecord"], name="reservation_once"),
            models.CheckConstraint(
                condition=models.Q(consumed_at__isnull=True) | models.Q(released_at__isnull=True),
                name="reservation_ends_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.stockrecord_id}"
