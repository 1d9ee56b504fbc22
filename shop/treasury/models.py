"""No tables: this room reads the others'. What may be done here hangs on one model without one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Treasury(models.Model):
    """Holds the permissions of the pages."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = (
            ("view_reconciliation", _("Can compare payments, orders and books")),
            ("view_waiting", _("Can see what waits for somebody: attempts, refunds, dunning")),
            ("settle_attempt", _("Can settle stuck attempts again")),
            ("refund_stuck", _("Can refund stuck attempts, and send failed refunds again")),
        )
        verbose_name = _("treasury")
        verbose_name_plural = _("treasury")

    def __str__(self) -> str:
        return "treasury"
