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


def bump_audience(*, is_ruled: bool) -> None:
    """Name a new state of who sees what; the empty one when no rule and no profile is left."""
    CatalogueVersion.objects.update_or_create(pk=1, defaults={"audience_token": new_token() if is_ruled else ""})
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def lock() -> None:
    """Wait for whoever writes what depends on the rules, until the end of the transaction."""
    CatalogueVersion.objects.get_or_create(pk=1)
    CatalogueVersion.objects.select_for_update().get(pk=1)


def current() -> str:
    """`<index>.<stock>`: what shares the first part differs in stock states only. `.<audience>` follows where rules are."""
    token = cache.get(CACHE_KEY)
    if token is None:
        row = CatalogueVersion.objects.filter(pk=1).values_list("token", "stock_token", "audience_token").first()
        token = ".".join(filter(None, row)) if row else "."
        cache.set(CACHE_KEY, token, SECONDS)
    return str(token)


def audience_token() -> str:
    """The name of this state of visibility rules and site profiles; '' while there are none."""
    return ".".join(current().split(".")[2:])
