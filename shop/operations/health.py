"""Is this process able to serve? Each check answers at once or is a fault."""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def faults() -> list[str]:
    """Return what keeps this process from serving, as short names; empty when ready."""
    checks = {"database": _database, "migrations": _migrations, "cache": _cache, "broker": _broker}
    return [name for name, check in checks.items() if not check()]


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _cache() -> bool:
    try:
        cache.set("readyz", 1, 5)
        return cache.get("readyz") == 1
    except Exception:
        return False


def _broker() -> bool:
    """Ping the broker itself: a Celery connection would retry for longer than a probe may wait."""
    if not settings.CELERY_BROKER_URL:
        return True
    import redis

    try:
        client = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1)
        return bool(client.ping())
    except redis.RedisError:
        return False
