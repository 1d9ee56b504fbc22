"""The secrets of authenticator apps at rest: sealed as account numbers are, under keys derived for this alone."""

from base64 import urlsafe_b64encode
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


class SealedSecretField(models.TextField):
    """Text that only this program reads: sealed in the database, so that it cannot be looked up by value."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return _box(tuple(settings.BANK_ACCOUNT_KEYS)).encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return _box(tuple(settings.BANK_ACCOUNT_KEYS)).decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise Unreadable("A second factor needs a key that is not among BANK_ACCOUNT_KEYS.") from error

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


@lru_cache
def _box(keys: Sequence[str]) -> MultiFernet:
    """Derive a key from each, so that none serves two purposes: the first seals, all of them open."""
    info = b"accord second factor"
    derived = [HKDF(SHA256(), 32, salt=None, info=info).derive(key.encode()) for key in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in derived])
