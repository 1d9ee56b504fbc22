"""Lets nobody guess a secret: a try is counted before the secret is looked at, so that many at once cannot slip past."""

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
HERE = "memory://"
# Threads that come first at once would each make a limiter, and in memory each a count, of their own.
_counting = threading.Lock()


class TooManyTries(Exception):
    """The secret is not looked at: wait, or let the count be reached again."""


def count_try(limit: str, *who: str, or_here: bool = False) -> None:
    """Count a try of `who` against a limit such as "5 per 15 minutes". Raises TooManyTries.

    When the count of all processes cannot be reached nothing is let through, or with `or_here` this process counts alone.
    """
    try:
        may_try = _hit(settings.LIMITS_STORAGE_URL, limit, who)
    except StorageError as error:
        logger.exception("Tries cannot be counted.")
        if not or_here:
            raise TooManyTries from error
        may_try = _hit(HERE, limit, who)
    if not may_try:
        raise TooManyTries


def forget_tries(limit: str, *who: str) -> None:
    """Begin anew: the secret was right."""
    for url in {settings.LIMITS_STORAGE_URL, HERE}:
        try:
            _limiter(url).clear(parse(limit), *who)
        except StorageError:
            logger.exception("Counted tries cannot be forgotten.")


def is_password_of(user: Any, password: str) -> bool:
    """Tell whether this is the password of somebody who is signed in; a right one clears the count.

    Raises TooManyTries, also while the count cannot be reached.
    """
    who = ("password", str(user.pk))
    count_try(settings.PASSWORD_LIMIT, *who)
    if not user.check_password(password):
        return False
    forget_tries(settings.PASSWORD_LIMIT, *who)
    return True


def _hit(url: str, limit: str, who: tuple[str, ...]) -> bool:
    with _counting:
        return _limiter(url).hit(parse(limit), *who)


@lru_cache
def _limiter(url: str) -> MovingWindowRateLimiter:
    patience = {"socket_timeout": 1, "socket_connect_timeout": 1} if url.startswith("redis") else {}
    return MovingWindowRateLimiter(storage_from_string(url, wrap_exceptions=True, **patience))
