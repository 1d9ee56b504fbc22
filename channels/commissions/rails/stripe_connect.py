"""Transfers to connected accounts at Stripe. The only module of channels that knows Stripe.

Every call carries a key of ours, so that asking again is safe; retries are Stripe's own client's, and few, since the
sender comes back by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any, ClassVar

import stripe
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from channels.commissions.rails.protocol import Payee, Receipt, Refused, Transfer, Undecided
from channels.core.money import currency_exponent, written

MAX_NETWORK_RETRIES = 2  # Stripe's client has none unless told
TIMEOUT = 20  # seconds; its default of 80 is longer than a worker should hold a lease
METADATA = "accord_attempt"


class NotConfigured(RuntimeError):
    """No Stripe key is set."""


def client() -> stripe.StripeClient:
    """Return Stripe's client; STRIPE_HTTP_CLIENT names another transport than the network."""
    if not settings.STRIPE_SECRET_KEY:
        raise NotConfigured("STRIPE_SECRET_KEY is empty")
    path = settings.STRIPE_HTTP_CLIENT
    transport = import_string(path)() if path else stripe.RequestsClient(timeout=TIMEOUT)
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, max_network_retries=MAX_NETWORK_RETRIES, http_client=transport
    )


@contextmanager
def asking() -> Iterator[None]:
    """Turn Stripe's errors into the two that matter to money."""
    try:
        yield
    except stripe.IdempotencyError as error:
        # The key was used for something else: that something may well have moved money.
        raise Undecided(_text(error)) from error
    except (stripe.InvalidRequestError, stripe.PermissionError) as error:
        raise Refused(_text(error)) from error
    except stripe.StripeError as error:
        raise Undecided(_text(error)) from error
    except NotConfigured as error:
        raise Undecided(str(error)) from error


# Where Stripe counts otherwise than ISO 4217: ISK and UGX with two decimals for compatibility, MGA with none.
STRIPES_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}


def amount_at_stripe(amount_minor: int, currency: str) -> int:
    """Return an amount in minor units as Stripe counts it. Raises Refused where Stripe cannot carry all of it."""
    decimals = currency_exponent(currency)
    theirs = STRIPES_DECIMALS.get(currency, decimals)
    amount = Fraction(amount_minor) * 10**theirs / 10**decimals
    if amount % (10 if theirs == 3 else 1):  # with three decimals the last one is a zero there
        raise Refused(
            _("Stripe cannot carry %(amount)s to the last digit. Pay it by hand.")
            % {"amount": written(amount_minor, currency)}
        )
    return int(amount)


class StripeConnect:
    # Stripe forgets keys once they are a day old.
    key_lives_for: ClassVar[timedelta | None] = timedelta(hours=23)

    def obstacle(self, payee: Payee, currency: str) -> str:
        if not settings.STRIPE_SECRET_KEY:
            return _("Stripe is not set up.")
        if not payee.account_id:
            return _("The partner has not connected an account at Stripe.")
        return "" if payee.account_is_ready else _("Stripe has not cleared the partner's account for payouts yet.")

    def destination(self, payee: Payee) -> str:
        return payee.account_id

    def send(self, transfer: Transfer) -> Receipt | None:
        with asking():
            made = client().v1.transfers.create(
                params={
                    "amount": amount_at_stripe(transfer.amount_minor, transfer.currency),
                    "currency": transfer.currency.lower(),
                    "destination": transfer.destination,
                    "description": transfer.reference,
                    "transfer_group": transfer.group,
                    "metadata": {METADATA: transfer.key},
                },
                options={"idempotency_key": transfer.key},
            )
        return Receipt(made.id)

    def find(self, transfer: Transfer) -> Receipt | None:
        with asking():
            found = client().v1.transfers.list(params={"transfer_group": transfer.group, "limit": 100})
            for row in found.auto_paging_iter():
                if row.metadata.to_dict().get(METADATA) == transfer.key:
                    return Receipt(row.id)
        return None

    def take_back(self, transfer: Transfer, *, provider_id: str, key: str) -> None:
        """All of it, or nothing. A transfer that is reversed already counts as taken back."""
        with asking():
            if client().v1.transfers.retrieve(provider_id).reversed:
                return
            client().v1.transfers.reversals.create(
                provider_id, params={"description": transfer.reference}, options={"idempotency_key": key}
            )


# --- connected accounts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """What Stripe says of a connected account."""

    account_id: str
    is_ready: bool
    is_submitted: bool
    requirements: tuple[str, ...]
    disabled_reason: str


def create_account(*, key: str, country: str, email: str, partner_code: str) -> AccountStatus:
    """Open a connected account that may receive transfers. The same key again returns the same account."""
    with asking():
        account = client().v1.accounts.create(
            params={
                "type": "express",
                "country": country,
                "email": email,
                "business_type": "company",
                "capabilities": {"transfers": {"requested": True}},
                "metadata": {"accord_partner": partner_code},
            },
            options={"idempotency_key": key},
        )
    return _status(account)


def account_status(account_id: str) -> AccountStatus:
    with asking():
        return _status(client().v1.accounts.retrieve(account_id))


def onboarding_url(*, account_id: str, return_url: str, refresh_url: str) -> str:
    """Return where the partner tells Stripe about itself. The address works once, for minutes."""
    with asking():
        link = client().v1.account_links.create(
            params={
                "account": account_id,
                "type": "account_onboarding",
                "return_url": return_url,
                "refresh_url": refresh_url,
            }
        )
    return link.url


def _status(account: Any) -> AccountStatus:
    requirements = account.requirements
    return AccountStatus(
        account_id=account.id,
        is_ready=getattr(account.capabilities, "transfers", "") == "active",
        is_submitted=bool(account.details_submitted),
        requirements=tuple(requirements.currently_due or ()) if requirements else (),
        disabled_reason=(requirements.disabled_reason or "") if requirements else "",
    )


def _text(error: stripe.StripeError) -> str:
    """Return what may be shown: Stripe's message and code, and the request's id for its support."""
    words = [str(error.user_message or error), f"[{error.code}]" if error.code else "", error.request_id or ""]
    return " ".join(word for word in words if word)[:255]
