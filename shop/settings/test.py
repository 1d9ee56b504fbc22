"""The test suite: quick hashes, mail in memory. The harness sets DATA_DIR to a temporary folder, media included."""

from shop.settings.base import *

SECRET_KEY = "tests-only"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_EAGER_PROPAGATES = True
WHITENOISE_AUTOREFRESH = True
ALLOWED_HOSTS = ["*"]
DEVELOPER_PAGES = True
SERVE_MEDIA = True
