"""What an account needs beside Django's user: a second factor with recovery codes, and changes of the e-mail address."""

import time
from binascii import unhexlify
from secrets import token_hex

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from shop.accounts.sealing import SealedSecretField


def new_key() -> str:
    """Return a secret for an authenticator app, in hexadecimal."""
    return token_hex(20)


class AuthenticatorApp(TimestampMixin, ThrottlingMixin, Device):
    """The app on somebody's phone, one for each person: django-otp's TOTP device, with its secret sealed.

    Six digits, new every 30 s; `drift` is how many steps the phone's clock is off, `last_t` the step of the last code.
    """

    key = SealedSecretField(default=new_key)
    drift = models.SmallIntegerField(default=0)
    last_t = models.BigIntegerField(default=-1)

    class Meta(Device.Meta):
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")

    def verify_token(self, token: str) -> bool:
        """Accept the code of this moment, the one before or the next, once; the row is locked (django_otp.verify_token)."""
        if not self.verify_is_allowed()[0]:
            return False
        totp = TOTP(unhexlify(self.key), drift=self.drift)
        totp.time = time.time()
        if not token.isdecimal() or not totp.verify(int(token), tolerance=1, min_t=self.last_t + 1):
            self.throttle_increment(commit=True)
            return False
        self.last_t, self.drift = totp.t(), totp.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> float:
        return 1


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
