"""The token that names one state of all prices. Whoever changes what a price depends on calls `bump`."""

from django.core.cache import cache
from django.db import transaction

from shop.pricing.models import PriceVersion, new_token

CACHE_KEY = "prices:version"
# Processes that share no cache with the writer see a change this late, as with the catalogue's version.
SECONDS = 10


def bump() -> None:
    """Name a new state. The cached token goes now for this transaction's own reads, and again once others see the rows."""
    PriceVersion.objects.update_or_create(pk=1, defaults={"token": new_token()})
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def bump_gates(*, is_gated: bool) -> None:
    """Name a new state of whose prices are hidden; the empty one when nobody's are."""
    PriceVersion.objects.update_or_create(pk=1, defaults={"gate_token": new_token() if is_gated else ""})
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def current() -> str:
    """`<prices>`, or `<prices>.<gates>` while some products' prices are hidden."""
    token = cache.get(CACHE_KEY)
    if token is None:
        row = PriceVersion.objects.filter(pk=1).values_list("token", "gate_token").first()
        token = ".".join(filter(None, row)) if row else "-"
        cache.set(CACHE_KEY, token, SECONDS)
    return str(token)


def gate_token() -> str:
    """The name of this state of hidden prices; '' while there are none."""
    return current().partition(".")[2]
