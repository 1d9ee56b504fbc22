"""Production's settings, but without TLS in front, with mail thrown away, and with the cache that the run asks for."""

import os

from bench.caches import caches
from shop.settings.production import *  # noqa: F403

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = OSCAR_BASKET_COOKIE_SECURE = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
CACHES = caches()
if os.environ.get("BENCH_TASKS") == "embedded":  # as `make run` does: in the web process, after the commit
    CELERY_BROKER_URL = None
    CELERY_TASK_ALWAYS_EAGER = True
