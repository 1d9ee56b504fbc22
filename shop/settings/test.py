"""The test suite: quick hashes, mail in memory. The harness sets DATA_DIR to a temporary folder, media included."""

from shop.settings.base import *

SECRET_KEY = "tests-only"
STRIPE_SECRET_KEY = "sk_test_played_by_this_store"
STRIPE_HTTP_CLIENT = "shop.payments.fake_stripe.FakeStripe"
STRIPE_PUBLISHABLE_KEY = ""
STRIPE_WEBHOOK_SECRETS = ["whsec_played_by_this_store"]
PAYOUT_DEBTOR_NAME = "Nordlys Instruments"
PAYOUT_DEBTOR_IBAN = "NO9386011117947"
BANK_ACCOUNT_KEYS = ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="]
PAYOUT_DETAILS_HOLD_DAYS = 7
ACCORD_REQUIRE_TOTP = False
DISPUTE_CLAIM_DAYS = 90
DISPUTE_ANSWER_DAYS = 14
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_EAGER_PROPAGATES = True
WHITENOISE_AUTOREFRESH = True
ALLOWED_HOSTS = ["*"]
DEVELOPER_PAGES = True
SERVE_MEDIA = True
