"""Account numbers at rest: sealed with a key that is not in the database, and known again by a keyed fingerprint."""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """None of BANK_ACCOUNT_KEYS opens what is stored: the key that sealed it is missing."""


def seal(text: str) -> str:
    """Return the text sealed with the first key; each call gives another token."""
    return _box(tuple(settings.BANK_ACCOUNT_KEYS)).encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Return what was sealed with any of the keys. Raises Unreadable."""
    try:
        return _box(tuple(settings.BANK_ACCOUNT_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("A sealed value needs a key that is not among BANK_ACCOUNT_KEYS.") from error


def fingerprints(text: str) -> list[str]:
    """Return the text's fingerprint under each key, the sealing one first: 64 hexadecimal digits."""
    return [
        hmac.digest(secret, text.encode(), "sha256").hex()
        for secret in _fingerprint_secrets(tuple(settings.BANK_ACCOUNT_KEYS))
    ]


class SealedTextField(models.TextField):
    """Text that only this program reads: sealed in the database, so that it cannot be looked up by value."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text) if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return unseal(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


@lru_cache
def _box(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@lru_cache
def _fingerprint_secrets(keys: Sequence[str]) -> list[bytes]:
    """Derive a secret from each key, so that none serves two purposes."""
    return [HKDF(SHA256(), 32, salt=None, info=b"accord account fingerprint").derive(key.encode()) for key in keys]
