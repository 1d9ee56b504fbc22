"""Changes of the rules that staff make: after each, every process reads them again."""

from django.core.cache import cache
from django.db import transaction

from shop.tax.selectors import CACHE_KEY


def forget() -> None:
    """Forget the cached rules: now for this transaction's own reads, and again once others see the rows."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))
