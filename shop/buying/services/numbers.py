"""Order numbers for our own books, and public references for everything a buyer can open."""

import secrets

from shop.buying.models import OrderNumber

FIRST = 100_000
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"  # no 0/O, 1/I, U: it is read out on the telephone


def next_number() -> str:
    """Take the next order number. Gapless it is not, and need not be: invoices are."""
    return f"N-{FIRST + OrderNumber.objects.create().pk}"


def public_reference() -> str:
    """Return twelve random characters (59 bits) in groups of four."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join((characters[:4], characters[4:8], characters[8:]))
