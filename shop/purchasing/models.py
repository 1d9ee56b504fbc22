"""Purchase costs beside Oscar's stock records: dated rows that are only ever added."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from oscar.apps.partner.models import StockRecord


class PurchaseCost(models.Model):
    """What one unit costs us, net, from a moment on; without an amount it is not known from then on.

    Of two rows for one moment the later holds. An order keeps the cost of the moment at which it was placed.
    """

    stockrecord = models.ForeignKey(StockRecord, models.CASCADE, related_name="purchase_costs")
    amount = models.DecimalField(_("purchase cost"), max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateTimeField(_("valid from"))
    recorded_at = models.DateTimeField(_("entered"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-valid_from", "-id")
        indexes = (models.Index(fields=["stockrecord", "currency", "valid_from"], name="purchase_cost_in_force"),)
        constraints = (models.CheckConstraint(condition=models.Q(amount__gte=0), name="purchase_cost_not_negative"),)
        verbose_name = _("purchase cost")
        verbose_name_plural = _("purchase costs")

    def __str__(self) -> str:
        return f"{self.stockrecord} {self.amount} {self.currency}"
