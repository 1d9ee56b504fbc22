"""Who must show a second factor, and who has."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY

from channels import api
from shop.accounts.models import AuthenticatorApp, RecoveryCode

DUE = "second_factor_due"


def is_required_of(user: Any) -> bool:
    """Staff, and whoever handles a partner's money, where ACCORD_REQUIRE_TOTP is on.

    Wagtail lets in whoever has its permission, and its own form for users does not set `is_staff`.
    """
    return settings.ACCORD_REQUIRE_TOTP and (
        user.is_staff or user.is_superuser or user.has_perm("wagtailadmin.access_admin") or api.handles_money(user)
    )


def device_of(user: Any) -> AuthenticatorApp | None:
    return AuthenticatorApp.objects.filter(user=user, confirmed=True).first()


def owes_second_factor(user: Any) -> bool:
    """Whoever set one up is asked for it, required or not."""
    return device_of(user) is not None or is_required_of(user)


def is_due(request: HttpRequest, *, look_again: bool = False) -> bool:
    """Tell whether this session must show a second factor; what the login found out is kept in it.

    `look_again` where a right may have come after the login: a new member of staff is recognised anywhere, by the flag.
    """
    session, user = request.session, request.user
    if session.get(DUE) or not settings.ACCORD_REQUIRE_TOTP:
        return bool(session.get(DUE))
    if look_again or DUE not in session or user.is_staff or user.is_superuser:
        session[DUE] = owes_second_factor(user)
    return session[DUE]


def is_shown(request: HttpRequest, device: AuthenticatorApp | None) -> bool:
    """Tell whether this session has shown this device, or a recovery code in its place."""
    return device is not None and request.session.get(DEVICE_ID_SESSION_KEY) == device.persistent_id


def codes_left(user: Any) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
