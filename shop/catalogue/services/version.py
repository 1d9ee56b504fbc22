"""The token that names one state of the catalogue; every cached page and list carries it in its key."""

from django.core.cache import cache
from django.db import transaction

from shop.catalogue.models import CatalogueVersion, new_token

CACHE_KEY = "catalogue:version"
# Processes that share no cache with the writer (the embedded store, while a command runs) see a change this late.
SECONDS = 10


def bump() -> None:
    """Name a new state. The cached token goes now for this transaction's own reads, and again once others see the rows."""
    CatalogueVersion.objects.update_or_create(pk=1, defaults={"token": new_token()})
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def current() -> str:
    token = cache.get(CACHE_KEY)
    if token is None:
        token = CatalogueVersion.objects.filter(pk=1).values_list("token", flat=True).first() or ""
        cache.set(CACHE_KEY, token, SECONDS)
    return str(token)
