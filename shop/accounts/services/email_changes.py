"""Changing the e-mail address: asked with the password, confirmed from the new address, taken back from the old one."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import get_random_string

from shop.accounts.models import EmailChange
from shop.companies.confirmations import mail

CONFIRM, UNDO = "email-change-confirm", "email-change-undo"
LASTS = {CONFIRM: timedelta(days=3), UNDO: timedelta(days=14)}


@transaction.atomic
def ask(*, user: Any, new_email: str, at: datetime) -> None:
    """Mail a link to the new address that confirms it, and one to the old address that takes it back.

    An address that is somebody else's gets told so instead; whoever asks sees no difference.
    """
    change = EmailChange.objects.create(user=user, old_email=user.email, new_email=new_email, asked_at=at)
    mail("email_change_asked", to=user.email, user=user, new_email=new_email, path=link(UNDO, change))
    others = _others_with(new_email, user)
    if others:
        mail("registration_known", to=others[0].email, user=others[0])
    else:
        mail("email_change", to=new_email, user=user, path=link(CONFIRM, change))


def link(purpose: str, change: EmailChange) -> str:
    """Return the path of the page that confirms or takes back."""
    return reverse(f"customer:{purpose}", kwargs={"token": signing.dumps(change.pk, salt=f"accounts.{purpose}")})


def read(purpose: str, token: str, *, now: datetime) -> EmailChange | None:
    """Return the change that a link is for; None for a forged, old or used one, or one that a later change overtook."""
    try:
        pk = signing.loads(token, salt=f"accounts.{purpose}")
    except signing.BadSignature:
        return None
    change = EmailChange.objects.filter(pk=pk, undone_at=None, user__is_active=True).select_related("user").first()
    if change is None or now - change.asked_at > LASTS[purpose]:
        return None
    if purpose == CONFIRM:
        is_latest = not EmailChange.objects.filter(user=change.user, pk__gt=change.pk).exists()
        is_open = change.confirmed_at is None and is_latest and change.user.email == change.old_email
        return change if is_open and not _others_with(change.new_email, change.user) else None
    return change


@transaction.atomic
def confirm(*, change: EmailChange, at: datetime) -> bool:
    """Move the account to the new address, and tell the old one; False when something came between."""
    taken = EmailChange.objects.filter(pk=change.pk, confirmed_at=None, undone_at=None).update(confirmed_at=at)
    if not taken:
        return False
    _move(change.user, change.new_email)
    mail("email_changed", to=change.old_email, user=change.user, new_email=change.new_email, path=link(UNDO, change))
    return True


@transaction.atomic
def undo(*, change: EmailChange, at: datetime) -> None:
    """Give the account back to the old address: other changes, the password and every session end.

    Whoever asked for the change knew the password.
    """
    EmailChange.objects.filter(user=change.user, pk__gte=change.pk, undone_at=None).update(undone_at=at)
    user = change.user
    if not _others_with(change.old_email, user):
        _move(user, change.old_email)
    user.set_password(get_random_string(40))
    user.save(update_fields=["password"])


def _move(user: Any, email: str) -> None:
    user.email = email
    user.save(update_fields=["email"])


def _others_with(email: str, user: Any) -> list[Any]:
    return list(get_user_model().objects.filter(email__iexact=email).exclude(pk=user.pk)[:1])
