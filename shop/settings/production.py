"""Production: refuses to start on a value that is only safe in development."""

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django_guid.integrations.celery import CeleryIntegration

from shop.settings import env
from shop.settings.base import *
from shop.settings.base import DJANGO_GUID, LOGGING, STORAGES


def refuse_unsafe_values() -> None:
    """Raise ImproperlyConfigured with each unsafe value named, so that all can be mended at once."""
    faults = []
    if env.SECRET_KEY == env.DEFAULT_SECRET_KEY or len(env.SECRET_KEY) < 32:
        faults.append("SECRET_KEY is the development key or shorter than 32 characters")
    if env.DEFAULT_BANK_ACCOUNT_KEY in env.BANK_ACCOUNT_KEYS or not _are_fernet_keys(env.BANK_ACCOUNT_KEYS):
        faults.append("BANK_ACCOUNT_KEYS holds the development key, or what is not a Fernet key")
    if not env.ALLOWED_HOSTS or "*" in env.ALLOWED_HOSTS:
        faults.append("ALLOWED_HOSTS is empty or holds '*'")
    if env.DEBUG:
        faults.append("DEBUG is on")
    if env.DATABASE_URL["ENGINE"].endswith("sqlite3"):
        faults.append("DATABASE_URL is SQLite; production needs PostgreSQL")
    if not env.REDIS_BROKER_URL or not env.REDIS_CACHE_URL:
        faults.append("REDIS_BROKER_URL and REDIS_CACHE_URL are both needed")
    elif env.REDIS_BROKER_URL == env.REDIS_CACHE_URL:
        faults.append("REDIS_BROKER_URL and REDIS_CACHE_URL are the same: an evicted key would be a lost task")
    faults += _stripe_faults()
    if faults:
        raise ImproperlyConfigured("Unsafe production settings: " + "; ".join(faults) + ".")


def _stripe_faults() -> list[str]:
    found = []
    if env.STRIPE_SECRET_KEY.startswith(("sk_test_", "rk_test_")):
        found.append("STRIPE_SECRET_KEY is a test key")
    if env.STRIPE_PUBLISHABLE_KEY.startswith("pk_test_"):
        found.append("STRIPE_PUBLISHABLE_KEY is a test key")
    if env.STRIPE_SECRET_KEY and not env.STRIPE_WEBHOOK_SECRET:
        found.append("STRIPE_WEBHOOK_SECRET is missing")
    if env.STRIPE_HTTP_CLIENT:
        found.append("STRIPE_HTTP_CLIENT is set; production speaks to Stripe itself")
    return found


def _are_fernet_keys(keys: list[str]) -> bool:
    try:
        return bool([Fernet(key) for key in keys])
    except ValueError:
        return False


refuse_unsafe_values()

DEBUG = False
ACCORD_REQUIRE_TOTP = True
# A task's lines carry the id of the request that sent it, and the worker writes as the web server does. Not where tasks
# run inside the request: there the end of a task would forget the request's id.
DJANGO_GUID = {**DJANGO_GUID, "INTEGRATIONS": [CeleryIntegration(use_django_logging=True)]}
LOGGING = {**LOGGING, "handlers": {"console": {**LOGGING["handlers"]["console"], "formatter": "json"}}}
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = OSCAR_BASKET_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
CSRF_TRUSTED_ORIGINS = [env.BASE_URL]
if env.TRUST_PROXY_HEADERS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
