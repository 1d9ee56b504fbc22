"""Asks somebody who is signed in for their password again, and lets nobody guess it.

A try is counted before the password is looked at: many at once cannot slip past the count together.
"""

import logging
import threading
from functools import lru_cache
from typing import Any

from django.conf import settings
from limits import parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

logger = logging.getLogger(__name__)
# Threads that come first at once would each make a limiter, and in memory each a count, of their own.
_counting = threading.Lock()


class TooManyTries(Exception):
    """The password is not looked at: wait, or let the count be reached again."""


def is_right(user: Any, password: str) -> bool:
    """Tell whether this is the user's password; a right one clears the count. Raises TooManyTries.

    When the count cannot be reached nothing is let through.
    """
    limit, who = parse(settings.PASSWORD_LIMIT), ("password", str(user.pk))
    try:
        with _counting:
            limiter = _limiter(settings.LIMITS_STORAGE_URL)
            may_try = limiter.hit(limit, *who)
        if not may_try:
            raise TooManyTries
        if not user.check_password(password):
            return False
        limiter.clear(limit, *who)
    except StorageError as error:
        logger.exception("Tries of passwords cannot be counted.")
        raise TooManyTries from error
    return True


@lru_cache
def _limiter(url: str) -> MovingWindowRateLimiter:
    patience = {"socket_timeout": 1, "socket_connect_timeout": 1} if url.startswith("redis") else {}
    return MovingWindowRateLimiter(storage_from_string(url, wrap_exceptions=True, **patience))
