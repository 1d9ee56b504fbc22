"""What an account needs beside Django's user: recovery codes of a second factor, and changes of the e-mail address.

The authenticator apps themselves are `django_otp.plugins.otp_totp.TOTPDevice`: one confirmed row for each person.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RecoveryCode(models.Model):
    """Stands in for the authenticator app once. Only its digest is kept; 80 random bits need no slow hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),)
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        return f"{self.user} ({'used' if self.used_at else 'not used'})"


class EmailChange(models.Model):
    """A new address that somebody asked for: confirmed from the new one, taken back from the old one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("change of an e-mail address")
        verbose_name_plural = _("changes of e-mail addresses")

    def __str__(self) -> str:
        return f"{self.old_email} → {self.new_email}"
