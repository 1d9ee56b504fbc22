"""A second factor: set up with an authenticator app, shown at each login, lost and reset."""

from binascii import unhexlify
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import get_random_string
from django_otp import verify_token
from django_otp.oath import TOTP

from channels import api
from shop.accounts.models import AuthenticatorApp, RecoveryCode
from shop.accounts.selectors import device_of
from shop.companies.confirmations import mail

RECOVERY_CODES = 10
CODE_LENGTH = 16  # of 32 signs: 80 bits
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0 and 1, which people mistake for each other
RESET = "second_factor.reset"


class WrongCode(Exception):
    """The code is not the app's of this moment."""


class NotAllowed(Exception):
    """Nobody may reset this second factor so: the text says why."""


@transaction.atomic
def set_up(*, user: Any, key: str, code: str, at: datetime) -> tuple[AuthenticatorApp, list[str]]:
    """Make the app with this key the user's second factor, in place of an earlier one; return it with recovery codes.

    The code shows that the app works, and cannot be used again to sign in. Raises WrongCode.
    """
    proof = TOTP(unhexlify(key))
    proof.time = at.timestamp()
    digits = _plain(code)
    if not digits.isdecimal() or not proof.verify(int(digits), tolerance=1):
        raise WrongCode
    AuthenticatorApp.objects.filter(user=user).delete()
    device = AuthenticatorApp.objects.create(
        user=user, name="authenticator", key=key, last_t=proof.t(), drift=proof.drift
    )
    mail("second_factor_on", to=user.email, user=user)
    return device, renew_codes(user=user, at=at)


@transaction.atomic
def renew_codes(*, user: Any, at: datetime) -> list[str]:
    """Replace the user's recovery codes; return the new ones, which are shown once and kept nowhere."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [get_random_string(CODE_LENGTH, SIGNS) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code), made_at=at) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4)) for code in codes]


def verify(*, user: Any, code: str, at: datetime) -> AuthenticatorApp | None:
    """Return the user's device when the code is its, or a recovery code not used before; else None.

    No code is accepted twice, also at the same moment. Raises TooManyTries.
    """
    device = device_of(user)
    if device is None:
        return None
    who = ("second-factor", str(user.pk))
    api.count_try(settings.PASSWORD_LIMIT, *who, or_here=True)
    plain = _plain(code)
    if plain.isdecimal():
        is_right = verify_token(user, device.persistent_id, plain) is not None
    else:
        unused = RecoveryCode.objects.filter(user=user, digest=_digest(plain), used_at=None)
        is_right = unused.update(used_at=at) == 1
    if not is_right:
        return None
    api.forget_tries(settings.PASSWORD_LIMIT, *who)
    return device


def reseal() -> int:
    """Seal every secret with the newest key; return how many. Raises sealing.Unreadable without the key that sealed one."""
    return sum(_reseal(pk) for pk in AuthenticatorApp.objects.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _reseal(device_id: int) -> bool:
    device = AuthenticatorApp.objects.select_for_update().filter(pk=device_id).first()
    if device is not None:
        device.save(update_fields=["key"])
    return device is not None


@transaction.atomic
def turn_off(*, user: Any) -> None:
    """Forget the app and the recovery codes; the person is told."""
    _forget(user)
    mail("second_factor_off", to=user.email, user=user)


@transaction.atomic
def reset(*, user: Any, by: Any, reason: str, at: datetime) -> None:
    """Forget a lost device on a second person's word. The password ends with it, and every session.

    So whoever comes next has to read the person's mail, and not just know the password, to set up a device.
    Raises NotAllowed.
    """
    if by.pk == user.pk:
        raise NotAllowed("A lost second factor is reset by somebody else.")
    if not by.is_active or not by.is_staff or not by.has_perm("shop_accounts.delete_recoverycode"):
        raise NotAllowed(f"{by.email} may not reset second factors.")
    if device_of(user) is None:
        raise NotAllowed(f"{user.email} has no second factor.")
    if not reason.strip():
        raise NotAllowed("Give the reason: how you know that it is the person who asks.")
    _forget(user)
    user.set_password(get_random_string(40))
    user.save(update_fields=["password"])
    api.record_audit(verb=RESET, subject=user, at=at, actor=by, reason=reason)
    mail("second_factor_reset", to=user.email, user=user, by=by)


def _forget(user: Any) -> None:
    AuthenticatorApp.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _plain(code: str) -> str:
    """Codes are typed with spaces and dashes, and read aloud without case."""
    return code.replace(" ", "").replace("-", "").upper()


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
