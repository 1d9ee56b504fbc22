"""What is true wherever the project runs."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from shop.settings import env
from shop.settings.oscar import *
from shop.settings.oscar import OSCAR_APPS
from shop.settings.wagtail import *
from shop.settings.wagtail import WAGTAIL_APPS

BASE_DIR = env.BASE_DIR
SECRET_KEY = env.SECRET_KEY
DEBUG = False
ALLOWED_HOSTS = env.ALLOWED_HOSTS
BASE_URL = env.BASE_URL

CHANNELS_APPS = [
    "channels.audit",
    "channels.partners",
    "channels.notices",
    "channels.journeys",
    "channels.commissions",
    "channels.harmony",
    "channels.portal",
    "channels.desk",
]
SHOP_APPS = [
    "shop.operations",
    "shop.accounts",
    "shop.companies",
    "shop.segments",
    "shop.registration",
    "shop.pricing",
    "shop.pricing.desk",
    "shop.purchasing",
    "shop.catalogue",
    "shop.offering",
    "shop.tax",
    "shop.fulfilment",
    "shop.buying",
    "shop.billing",
    "shop.credit",
    "shop.subscriptions",
    "shop.returns",
    "shop.payments",
    "shop.treasury",
    "shop.demo",
]
INSTALLED_APPS = [
    *SHOP_APPS,
    "cms",
    *CHANNELS_APPS,
    *OSCAR_APPS,
    *WAGTAIL_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.flatpages",  # a migration of Oscar's needs its table; nothing serves it
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_htmx",
    "csp",
    "django_guid",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "shop.operations.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.operations.middleware.MaintenanceMiddleware",
    "csp.middleware.CSPMiddleware",
    "shop.operations.middleware.StaffPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.accounts.middleware.SecondFactorMiddleware",
    "shop.companies.middleware.CompanyMiddleware",
    "channels.journeys.middleware.VisitorMiddleware",
    "shop.forks.basket.middleware.BasketMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
ASGI_APPLICATION = "shop.asgi.application"
SITE_ID = 1

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "oscar.core.context_processors.metadata",
                "shop.operations.context_processors.site",
                "shop.buying.context_processors.basket_summary",
                "shop.offering.comparison.context",
                "channels.journeys.context_processors.consent",
                "channels.portal.context_processors.portal",
                "cms.navigation.menus",
            ],
        },
    },
]

# SQLite: IMMEDIATE transactions and WAL, since a deferred one that turns into a write fails with "database is locked".
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
POSTGRES_OPTIONS = {"options": "-c lock_timeout=3000 -c statement_timeout=30000"}


def database(config: dict) -> dict:
    """Return Django's database settings with the options that the engine needs."""
    sqlite = config["ENGINE"].endswith("sqlite3")
    options = SQLITE_OPTIONS if sqlite else POSTGRES_OPTIONS
    return {
        **config,
        "OPTIONS": {**options, **config.get("OPTIONS", {})},
        "CONN_MAX_AGE": 0 if sqlite else 60,
        "CONN_HEALTH_CHECKS": not sqlite,
    }


DATABASES = {"default": database(env.DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "shop.forks.customer.auth_backends.EmailBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nb", _("Norwegian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["shop.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = env.DATA_DIR / "static"
# Not static/src: the hashing storage of production would look for the build's own imports in it and fail.
STATICFILES_DIRS = [(name, BASE_DIR / "static" / name) for name in ("dist", "desk")]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
THUMBNAIL_FORMAT = "WEBP"
THUMBNAIL_QUALITY = 82

# A list page takes three entries; Django's default of 300 would drop them as fast as they are made.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1000}}
}
if env.REDIS_CACHE_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.REDIS_CACHE_URL,
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
        }
    }
# Tries of passwords are counted by the `limits` library: by all processes together, else in this one.
LIMITS_STORAGE_URL = env.REDIS_CACHE_URL or "memory://"
PASSWORD_LIMIT = "5 per 15 minutes"  # of one account; codes of its second factor likewise
CLIENT_LIMIT = "60 per 15 minutes"  # of one network address, behind which a whole office may sit
MAIL_LIMIT = "5 per 1 hour"  # to one e-mail address
TRUST_PROXY_HEADERS = env.TRUST_PROXY_HEADERS
ACCORD_REQUIRE_TOTP = env.REQUIRE_TOTP  # a second factor of staff, and of partners' owners and finance people
OTP_TOTP_THROTTLE_FACTOR = 0  # tries of codes are counted as those of passwords are
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

vars().update(env.EMAIL_URL)
DEFAULT_FROM_EMAIL = OSCAR_FROM_EMAIL = env.DEFAULT_FROM_EMAIL

# Celery. Without a broker, tasks run in this process after the commit (embedded mode).
CELERY_BROKER_URL = env.REDIS_BROKER_URL or None
CELERY_TASK_ALWAYS_EAGER = not env.REDIS_BROKER_URL
CELERY_TASK_EAGER_PROPAGATES = False  # a failed follow-up never reaches the buyer; the sweeper retries it
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A buyer waits for these while Redis is away; workers are more patient (shop/celery.py).
    "socket_timeout": 0.3,
    "socket_connect_timeout": 0.3,
    "health_check_interval": 25,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "heal": {"task": "shop.operations.tasks.heal", "schedule": timedelta(minutes=1)},
    "reconcile-payments": {"task": "shop.payments.tasks.reconcile", "schedule": timedelta(minutes=5)},
    "run-due": {"task": "shop.operations.tasks.run_due", "schedule": crontab(minute=10)},
}

DJANGO_GUID = {
    "GUID_HEADER_NAME": "X-Request-ID",
    "VALIDATE_GUID": False,
    "RETURN_HEADER": True,
    "EXPOSE_HEADER": False,
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "django_guid.log_filters.CorrelationId"}},
    "formatters": {
        "plain": {"format": "%(levelname)s %(name)s [%(correlation_id)s] %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(correlation_id)s %(message)s",
            "rename_fields": {"asctime": "at", "levelname": "level", "correlation_id": "request_id"},
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["request_id"]},
    },
    "root": {"handlers": ["console"], "level": env.LOG_LEVEL},
    # One line for each request and each index entry says nothing.
    "loggers": {name: {"level": "WARNING"} for name in ("django_guid", "django_tasks")},
}

# The storefront's policy. Wagtail's admin and Oscar's dashboard get their own in shop.operations.middleware.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

MAINTENANCE = env.MAINTENANCE
DEVELOPER_PAGES = False  # the style page
SERVE_MEDIA = False  # in production the object store or the proxy does
ACCORD_COMPANY_AUTO_APPROVE = env.COMPANY_AUTO_APPROVE
REGISTRATION_KEEP_DAYS = env.REGISTRATION_KEEP_DAYS  # without confirmation, then it is deleted
TAX_PROVIDER = env.TAX_PROVIDER  # dotted path of a TaxProvider
VAT_REGISTER = env.VAT_REGISTER  # dotted path of a VatRegister; "" asks nobody
VAT_REGISTER_URL = env.VAT_REGISTER_URL
# public | hidden (prices for customers only) | login (the catalogue too): shop.pricing.gating.
ACCORD_PRICE_ACCESS = env.PRICE_ACCESS
# By channel, first_hit or minimum: shop.pricing.engine.ladders.
ACCORD_PRICE_RULES = env.PRICE_RULES
ACCORD_SHOW_CONFIRMATION_LINK = False  # in development, where mail only goes to the console
STRIPE_SECRET_KEY = env.STRIPE_SECRET_KEY
STRIPE_PUBLISHABLE_KEY = env.STRIPE_PUBLISHABLE_KEY  # for the Payment Element; "" shows the fake's page
STRIPE_WEBHOOK_SECRETS = env.STRIPE_WEBHOOK_SECRET  # each of them is accepted, so that one may replace another
STRIPE_HTTP_CLIENT = env.STRIPE_HTTP_CLIENT  # dotted path of a stripe.HTTPClient; "" is the network
REPAYMENT_FOUR_EYES_ABOVE = env.REPAYMENT_FOUR_EYES_ABOVE  # a larger refund is granted and released by two people
CREDIT_HOLD_AFTER_DAYS = env.CREDIT_HOLD_AFTER_DAYS  # of being overdue; then nothing more goes on invoice
PAYOUT_DEBTOR_NAME = env.PAYOUT_DEBTOR_NAME or OSCAR_SHOP_NAME
PAYOUT_DEBTOR_IBAN = env.PAYOUT_DEBTOR_IBAN.replace(" ", "")
PAYOUT_DEBTOR_BIC = env.PAYOUT_DEBTOR_BIC
BANK_ACCOUNT_KEYS = env.BANK_ACCOUNT_KEYS  # Fernet keys: the first seals, all of them open
PAYOUT_DETAILS_HOLD_DAYS = env.PAYOUT_DETAILS_HOLD_DAYS
DISPUTE_CLAIM_DAYS = env.DISPUTE_CLAIM_DAYS  # after the order, or the latest commission on it
DISPUTE_ANSWER_DAYS = env.DISPUTE_ANSWER_DAYS  # until a dispute is due
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
# Who the partners' statements are from, and when a statement takes a second person's approval.
CHANNELS_ISSUER = {
    "name": env.ISSUER_NAME,
    "address": env.ISSUER_ADDRESS,
    "country": env.ISSUER_COUNTRY,
    "vat_id": env.ISSUER_VAT_ID,
}
# Where invoices are paid to (else to the account that we pay from), and who answers questions about them.
INVOICE_ACCOUNT = {"iban": env.INVOICE_IBAN.replace(" ", ""), "bic": env.INVOICE_BIC, "email": env.INVOICE_EMAIL}
BOOKKEEPING_ACCOUNTS = env.BOOKKEEPING_ACCOUNTS  # shop.billing.bookkeeping: name, or name:reason, to number
REMINDER_DAYS = sorted(env.REMINDER_DAYS)  # overdue, for each level of reminder
CHANNELS_REPORTING_CURRENCY = env.REPORTING_CURRENCY
CHANNELS_APPROVAL_LIMIT_MINOR = env.APPROVAL_LIMIT_MINOR
VISITOR_COOKIE = {"NAME": "accord_visitor", "MAX_AGE_DAYS": 180}
