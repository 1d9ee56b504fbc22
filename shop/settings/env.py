"""The only reader of the environment: each variable once, with its type and default.

`.env.example` documents every name used here; a test keeps the two in step.
"""

from decimal import Decimal
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEFAULT_SECRET_KEY = "insecure-development-key-never-in-production"
DEFAULT_BANK_ACCOUNT_KEY = "aW5zZWN1cmUtZGV2ZWxvcG1lbnQta2V5LW9ubHktMDA="

SECRET_KEY = env.str("SECRET_KEY", default=DEFAULT_SECRET_KEY)
DATABASE_URL = env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'accord.sqlite3'}")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
REDIS_BROKER_URL = env.str("REDIS_BROKER_URL", default="")
REDIS_CACHE_URL = env.str("REDIS_CACHE_URL", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")
TRUST_PROXY_HEADERS = env.bool("TRUST_PROXY_HEADERS", default=False)
EMAIL_URL = env.email_url("EMAIL_URL", default="consolemail://")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Nordlys Instruments <shop@example.com>")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.list("STRIPE_WEBHOOK_SECRET", default=[])
STRIPE_HTTP_CLIENT = env.str("STRIPE_HTTP_CLIENT", default="")
PAYOUT_DEBTOR_NAME = env.str("PAYOUT_DEBTOR_NAME", default="")
PAYOUT_DEBTOR_IBAN = env.str("PAYOUT_DEBTOR_IBAN", default="")
PAYOUT_DEBTOR_BIC = env.str("PAYOUT_DEBTOR_BIC", default="")
BANK_ACCOUNT_KEYS = env.list("BANK_ACCOUNT_KEYS", default=[]) or [DEFAULT_BANK_ACCOUNT_KEY]
REPAYMENT_FOUR_EYES_ABOVE = Decimal(env.str("REPAYMENT_FOUR_EYES_ABOVE", default="500"))
CREDIT_HOLD_AFTER_DAYS = env.int("CREDIT_HOLD_AFTER_DAYS", default=30)
PAYOUT_DETAILS_HOLD_DAYS = env.int("PAYOUT_DETAILS_HOLD_DAYS", default=7)
DISPUTE_CLAIM_DAYS = env.int("DISPUTE_CLAIM_DAYS", default=90)
DISPUTE_ANSWER_DAYS = env.int("DISPUTE_ANSWER_DAYS", default=14)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
REQUIRE_TOTP = env.bool("REQUIRE_TOTP", default=False)
MAINTENANCE = env.bool("MAINTENANCE", default=False)
DEBUG = env.bool("DEBUG", default=False)
COMPANY_AUTO_APPROVE = env.bool("COMPANY_AUTO_APPROVE", default=True)
REGISTRATION_KEEP_DAYS = env.int("REGISTRATION_KEEP_DAYS", default=14)
TAX_PROVIDER = env.str("TAX_PROVIDER", default="shop.tax.providers.BuiltIn")
VAT_REGISTER = env.str("VAT_REGISTER", default="")
VAT_REGISTER_URL = env.str("VAT_REGISTER_URL", default="https://ec.europa.eu/taxation_customs/vies/rest-api")
PRICE_ACCESS = env.str("PRICE_ACCESS", default="public")
PRICE_RULES = env.dict("PRICE_RULES", default={"direct": "first_hit", "reseller": "first_hit"})
ISSUER_NAME = env.str("ISSUER_NAME", default="Nordlys Instruments AS")
ISSUER_ADDRESS = env.str("ISSUER_ADDRESS", default="Sandviksbodene 12, 5035 Bergen")
ISSUER_COUNTRY = env.str("ISSUER_COUNTRY", default="NO")
ISSUER_VAT_ID = env.str("ISSUER_VAT_ID", default="NO 999 000 111 MVA")
INVOICE_IBAN = env.str("INVOICE_IBAN", default="")
INVOICE_BIC = env.str("INVOICE_BIC", default="")
INVOICE_EMAIL = env.str("INVOICE_EMAIL", default="finance@example.com")
BOOKKEEPING_ACCOUNTS = env.dict(
    "BOOKKEEPING_ACCOUNTS",
    default={
        "receivable": "1500", "bank": "1920", "clearing": "1930", "deposits": "2900", "tax": "2700",
        "revenue": "3000", "revenue:reverse_charge": "3100", "revenue:intra_eu": "3100", "revenue:export": "3100",
        "revenue:exempt": "3100",
    },
)  # fmt: skip
REMINDER_DAYS = env.list("REMINDER_DAYS", cast=int, default=[3, 14, 30])
REPORTING_CURRENCY = env.str("REPORTING_CURRENCY", default="EUR")
APPROVAL_LIMIT_MINOR = env.int("APPROVAL_LIMIT_MINOR", default=1_000_000)
