"""Idempotency keys built from their cause, and short references fit for reading aloud."""

from __future__ import annotations

from typing import Final

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES: Final = str.maketrans("OIL", "011", "- ")


def key(*parts: str | int) -> str:
    """Joins parts with colons; a colon inside a part is escaped, so no two causes share a key."""
    texts = [str(part).replace("%", "%25").replace(":", "%3A") for part in parts]
    if not texts or not all(texts):
        raise ValueError(f"a key has no empty part: {parts!r}")
    return ":".join(texts)


def commission_key(
    *,
    event: str,
    order_line: str,
    partner: str,
    commission_type: str,
    programme_version: str | int,
    sequence: int,
) -> str:
    return key(event, order_line, partner, commission_type, programme_version, sequence)


def public_ref(raw: bytes, *, prefix: str = "") -> str:
    """Crockford base 32 of the bytes passed in: 5 bytes make 8 characters."""
    if not raw:
        raise ValueError("a reference needs at least one byte")
    bits = len(raw) * 8
    length = -(-bits // 5)
    number = int.from_bytes(raw) << (length * 5 - bits)
    text = "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length)))
    return f"{prefix}-{text}" if prefix else text


def normalise_ref(text: str) -> str:
    """What somebody typed, as `public_ref` without prefix writes it: O is 0, I and L are 1."""
    return text.strip().upper().translate(_LOOKALIKES)
