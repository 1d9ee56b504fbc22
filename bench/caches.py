"""The cache that both shops get: the same one, chosen by BENCH_CACHE."""

import os

CHOICES = ("locmem", "redis", "none")


def caches() -> dict[str, dict]:
    """Return Django's CACHES: in the process, in Redis, or one that forgets everything."""
    kind = os.environ.get("BENCH_CACHE", "locmem")
    if kind == "none":
        return {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    if kind == "redis":
        address = os.environ["BENCH_REDIS_CACHE"]
        return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}}
    backend = "django.core.cache.backends.locmem.LocMemCache"
    return {"default": {"BACKEND": backend, "OPTIONS": {"MAX_ENTRIES": 20_000}}}
