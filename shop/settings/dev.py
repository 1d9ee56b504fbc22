"""The embedded store: SQLite, in-process cache and tasks, mail to the console."""

from shop.settings import env
from shop.settings.base import *

DEBUG = env.DEBUG
if not env.STRIPE_SECRET_KEY:  # Stripe's part is played by this store itself, and nobody is paid
    STRIPE_SECRET_KEY = "sk_test_played_by_this_store"
    STRIPE_HTTP_CLIENT = "shop.payments.fake_stripe.FakeStripe"
    STRIPE_WEBHOOK_SECRETS = ["whsec_played_by_this_store"]
PAYOUT_DEBTOR_IBAN = PAYOUT_DEBTOR_IBAN or "DE02120300000000202051"
DEVELOPER_PAGES = True
ACCORD_SHOW_CONFIRMATION_LINK = True
SERVE_MEDIA = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
