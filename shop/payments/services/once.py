"""Ask Stripe for one object, once: lost requests, lost answers and Stripe's own errors end in the same one object.

The row is committed before anybody asks, and names the key. Asking again under it is safe, for Stripe then repeats its
answer. A key is spent when Stripe forgot it, or keeps an error of its own under it; then the object is looked for by
what its metadata says before a new key is used.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from shop.payments.errors import ProviderAway
from shop.payments.gateway import Broke
from shop.payments.models.sending import SentOnce

Row = TypeVar("Row", bound=SentOnce)
Answer = dict[str, Any]


def ask_once(row: Row, *, create: Callable[[str], Answer], find: Callable[[], Answer | None], at: datetime) -> Answer:
    """Return the object that the row stands for, made by `create(key)` unless it is there.

    Raises ProviderAway where nothing is known yet, and what `create` raises where Stripe decided against it.
    """
    rows = type(row)._default_manager.filter(pk=row.pk)
    if row.key_is_spent(at):
        if found := find():
            return found
        _take_next_key(row, at)
    elif row.sent_at is None:
        rows.filter(sent_at=None).update(sent_at=at)
        row.refresh_from_db(fields=["sent_at"])
    try:
        return create(row.idempotency_key())
    except Broke as error:
        if found := find():
            return found
        _take_next_key(row, at)
        raise ProviderAway from error


def _take_next_key(row: SentOnce, at: datetime) -> None:
    """Two that find the same key spent agree on the next one."""
    rows = type(row)._default_manager.filter(pk=row.pk, key_number=row.key_number)
    rows.update(key_number=row.key_number + 1, sent_at=at)
    row.refresh_from_db(fields=["key_number", "sent_at"])
