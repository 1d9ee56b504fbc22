"""Money and goods taken back: one TakeBack per act, with its lines."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.forks.order.models import Line, Order


class TakeBack(models.Model):
    """A refund (after payment) or a cancellation (before it) of an order or some of its lines. Append-only."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        CANCELLATION = "cancellation", _("Cancellation")

    key = models.CharField(max_length=100, unique=True)  # the form's token: a double click takes back once
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="take_backs")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.CharField(_("reason"), max_length=255)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "id")
        permissions = (("take_back_order", _("Can refund and cancel orders")),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order.number}"


class TakeBackLine(models.Model):
    """Units of one order line taken back, with their part of what was paid for the line."""

    take_back = models.ForeignKey(TakeBack, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="take_back_lines")
    quantity = models.PositiveIntegerField()
    net = models.DecimalField(max_digits=12, decimal_places=2)
    gross = models.DecimalField(max_digits=12, decimal_places=2)
    delivery_net = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # the units' part of the delivery
    delivery_gross = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        ordering = ("take_back", "line")
        constraints = (
            models.UniqueConstraint(fields=["take_back", "line"], name="take_back_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="take_back_quantity"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line}"
