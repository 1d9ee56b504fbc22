"""Signed links that prove that somebody reads an e-mail address. Nothing is stored; a used link is simply out of date."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

MAX_AGE = 3 * 24 * 3600
REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a link proves: `user` reads `email`."""

    user: Any
    email: str


def link(purpose: str, *, user: Any, email: str) -> str:
    """Return the path of a confirmation page; it stops working once the user's e-mail or activation changes."""
    token = signing.dumps({"user": user.pk, "email": email, "state": _state(user, purpose)}, salt=f"confirm.{purpose}")
    return reverse(f"customer:{purpose}-confirm", kwargs={"token": token})


def read(purpose: str, token: str) -> Confirmation | None:
    """Return what the token proves, or None for a forged, old or used one."""
    try:
        data = signing.loads(token, salt=f"confirm.{purpose}", max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    user = get_user_model().objects.filter(pk=data["user"]).first()
    if user is None or data["state"] != _state(user, purpose):
        return None
    return Confirmation(user, data["email"])


def _state(user: Any, purpose: str) -> list[Any]:
    # A first sign-in ends a registration link for good, also when staff close the account again later. The password is
    # in it (as a keyed hash) so that nobody confirms what somebody else registered for the same address.
    return [user.email, user.is_active, user.last_login is not None, salted_hmac("confirm", user.password).hexdigest()]


def mail(template: str, *, to: str, **context: Any) -> None:
    """Mail a text template (first line: the subject) after the commit; a mail server's trouble stays out of the page."""
    context |= {"shop_name": settings.OSCAR_SHOP_NAME, "base_url": settings.BASE_URL}
    subject, _, body = render_to_string(f"emails/{template}.txt", context).strip().partition("\n")
    transaction.on_commit(lambda: send_mail(subject, body.strip(), settings.DEFAULT_FROM_EMAIL, [to]), robust=True)
