"""Times at which somebody acted in a buyer's place."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OnBehalf(models.Model):
    """One time that `actor`, of our sales or of a channel partner, acts in the place of a company's buyer."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey("shop_companies.Membership", on_delete=models.CASCADE, related_name="+")
    partner_code = models.CharField(_("channel partner"), max_length=40, blank=True)  # empty: our own staff
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ("-started_at", "-id")
        permissions = (("order_on_behalf", _("Can order on behalf of customers")),)
        verbose_name = _("time on behalf of a buyer")
        verbose_name_plural = _("times on behalf of buyers")

    def __str__(self) -> str:
        return f"{self.actor} for {self.membership}"
