"""Who a customer is to the rules, remembered: pages ask on every request, and it changes seldom."""

from collections.abc import Iterable

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from shop.segments.selectors import NOBODY, Audience, audience_of

# A partner of record that begins or ends in channels is noticed this late; an order asks afresh.
SECONDS = 10


def of(company_key: str) -> Audience:
    """Return the audience of this moment, at most SECONDS old; no query while it is remembered."""
    if not company_key:
        return NOBODY
    found: Audience | None = cache.get(_key(company_key))
    if found is None:
        found = audience_of(company_key, at=timezone.now())
        cache.set(_key(company_key), found, SECONDS)
    return found


def forget(company_keys: Iterable[str]) -> None:
    """Forget them now, and again after the commit: a reader may have remembered the old ones meanwhile."""
    keys = [_key(key) for key in company_keys]
    if keys:
        cache.delete_many(keys)
        transaction.on_commit(lambda: cache.delete_many(keys), robust=True)


def _key(company_key: str) -> str:
    return f"audience:{company_key}"
