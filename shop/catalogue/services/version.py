"""The token that names one state of the catalogue; every cached page and list carries it in its key."""

from django.core.cache import cache
from django.db import transaction

from shop.catalogue.models import CatalogueVersion, new_token

CACHE_KEY = "catalogue:version"
# Processes that share no cache with the writer (the embedded store, while a command runs) see a change this late.
SECONDS = 10


def bump(*, stock_only: bool = False) -> None:
    """Name a new state. The cached token goes now for this transaction's own reads, and again once others see the rows."""
    fresh = {"stock_token": new_token()} if stock_only else {"token": new_token()}
    CatalogueVersion.objects.update_or_create(pk=1, defaults=fresh)
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def current() -> str:
    """`<index>.<stock>`: what shares the first part differs in stock states only."""
    token = cache.get(CACHE_KEY)
    if token is None:
        row = CatalogueVersion.objects.filter(pk=1).values_list("token", "stock_token").first()
        token = ".".join(row) if row else "."
        cache.set(CACHE_KEY, token, SECONDS)
    return str(token)
