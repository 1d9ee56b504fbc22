"""What a customer decides about a renewal, and changes between two renewals."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.forks.catalogue.models import Product
from shop.forks.order.models import Order
from shop.subscriptions.models.subscription import Subscription


class RenewalReview(models.Model):
    """A question to the buyer about one renewal, open until `answer_by` (that day included). Prices are net, of a unit."""

    class Reason(models.TextChoices):
        RISE = "rise", _("The price rises")
        MISSING = "missing", _("The product is no longer offered")
        BY_HAND = "by_hand", _("Renews only when you say so")

    class Decision(models.TextChoices):
        NONE = "", _("Not answered")
        ACCEPT = "accept", _("Renew as offered")
        ADJUST = "adjust", _("Renew with another quantity")
        SUBSTITUTE = "substitute", _("Renew another product")
        REMOVE = "remove", _("Do not renew")

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="reviews")
    due_on = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason)
    old_price = models.DecimalField(max_digits=12, decimal_places=2)
    new_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    opened_at = models.DateTimeField()
    answer_by = models.DateField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default=Decision.NONE)
    agreed_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("due_on", "id")
        constraints = (models.UniqueConstraint(fields=["subscription", "due_on"], name="renewal_review_once"),)
        verbose_name = _("review of a renewal")
        verbose_name_plural = _("reviews of renewals")

    def __str__(self) -> str:
        return f"{self.subscription} {self.due_on}: {self.get_reason_display()}"


class SubscriptionChange(models.Model):
    """More, less or another product from a day within a period on, with the difference for the days that are left.

    `amount` is net: positive amounts are ordered (`order`), negative ones become credit for the next renewals.
    """

    class State(models.TextChoices):
        PAYING = "paying", _("Being paid")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    key = models.UUIDField(unique=True)  # the form's: a double click changes once
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(max_length=10, choices=State)
    on = models.DateField()
    old_product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    new_product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    old_quantity = models.PositiveIntegerField()
    new_quantity = models.PositiveIntegerField()
    old_price = models.DecimalField(max_digits=12, decimal_places=2)
    new_price = models.DecimalField(max_digits=12, decimal_places=2)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    charged = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)  # tax included
    order = models.OneToOneField(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="subscription_change"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.subscription} {self.on}: {self.amount}"
