"""One after the other: registrations that concern the same address, VAT id or e-mail domain."""

from hashlib import sha256

from django.db import connection


def wait_for(*names: str) -> None:
    """Hold what is named until the transaction ends, and wait for whoever holds any of it; '' names nothing.

    There is no row to lock yet: PostgreSQL's advisory locks stand in. SQLite writes one transaction at a time anyway.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for key in sorted({_key(name) for name in names if name}):  # in one order: two never wait for each other
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _key(name: str) -> int:
    return int.from_bytes(sha256(f"registration {name.lower()}".encode()).digest()[:8], "big", signed=True)
