"""Keys of what is cached of a list or page. A key names everything the text depends on; old ones simply expire."""

import hashlib

from django.utils.translation import get_language

SECONDS = 900


def key_of(kind: str, token: str, *parts: object) -> str:
    text = "\x1f".join(str(part) for part in parts)
    return f"catalogue:{kind}:{token}:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def page_key(kind: str, token: str, prices: str, *parts: object) -> str:
    """For rendered text: the language and which prices are shown (`price_key`) belong to the key as well.

    Nothing that belongs to one visitor may be in such a text: no CSRF token, no nonce, no basket, no consent.
    """
    return key_of(kind, token, get_language(), prices, *parts)
