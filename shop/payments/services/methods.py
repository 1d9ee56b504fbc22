"""A company's saved cards and accounts: set up at Stripe, kept here, chosen, removed."""

import calendar
import contextlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from celery import signature
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from shop.companies.models import Company, Location
from shop.payments import gateway
from shop.payments.errors import ProviderAway, ProviderRefused
from shop.payments.models import SavedMethod, StripeCustomer
from shop.payments.services import customers, intents

BY, AT_LOCATION = "accord_user", "accord_location"  # in the setup intent's metadata


def begin_setup(
    *,
    company: Company,
    kind: str,
    currency: str,
    by: AbstractBaseUser,
    location: Location | None = None,
    key: UUID,
    at: datetime,
) -> dict[str, Any]:
    """Return Stripe's setup intent, on whose `client_secret` the person enters a card or an account. Network.

    The same key again returns the same one. Raises ProviderAway, ProviderRefused, and NotPayable for bank debit in a
    currency that none takes.
    """
    params = {
        "customer": customers.customer_id_of(company, at=at),
        "allowed_payment_method_types": [intents.method_type(kind, currency)],
        "usage": "off_session",
        "metadata": {BY: str(by.pk), AT_LOCATION: str(location.pk) if location else ""},
    }
    return gateway.ask(lambda v1: v1.setup_intents.create(params=params, options={"idempotency_key": f"setup-{key}"}))


def finish_setup(*, setup_intent_id: str, company: Company, at: datetime) -> SavedMethod | None:
    """Keep what was set up, on the way back from Stripe's form; None while it is not done. Network; raises ProviderAway."""
    if not setup_intent_id.startswith("seti_"):
        return None
    intent = gateway.ask(lambda v1: v1.setup_intents.retrieve(setup_intent_id))
    method = apply_setup(intent=intent, at=at)
    return method if method and method.company_id == company.pk else None


@transaction.atomic
def apply_setup(*, intent: Mapping[str, Any], at: datetime) -> SavedMethod | None:
    """Keep the method of a setup intent that succeeded, once; None for one that did not, or of nobody we know."""
    customer = StripeCustomer.objects.select_related("company").filter(customer_id=intent.get("customer") or "").first()
    if customer is None or intent["status"] != "succeeded":
        return None
    meta = intent.get("metadata") or {}
    location = customer.company.locations.filter(pk=meta.get(AT_LOCATION) or 0).first()
    is_card = intent["payment_method_types"] == ["card"]
    return remember(
        company=customer.company,
        provider_id=intent["payment_method"],
        kind=SavedMethod.Kind.CARD if is_card else SavedMethod.Kind.BANK_DEBIT,
        added_by_id=_person(customer.company, meta.get(BY)),
        location=location,
        at=at,
    )


def remember(
    *,
    company: Company,
    provider_id: str,
    kind: str,
    at: datetime,
    added_by_id: int | None = None,
    location: Location | None = None,
) -> SavedMethod:
    """Keep a method, in the caller's transaction; what it looks like is asked after the commit. A removed one stays removed."""
    method, is_new = SavedMethod.objects.get_or_create(
        provider_id=provider_id,
        defaults={
            "company": company, "kind": kind, "added_at": at, "added_by_id": added_by_id, "location": location,
        },
    )  # fmt: skip
    if is_new:
        transaction.on_commit(lambda: _later("describe_method", method.pk), robust=True)
    return method


def describe(*, method_id: int) -> None:
    """Ask Stripe what a method looks like; one that it does not know is removed. Network; raises ProviderAway."""
    method = SavedMethod.objects.get(pk=method_id)
    try:
        apply_description(gateway.ask(lambda v1: v1.payment_methods.retrieve(method.provider_id)))
    except ProviderRefused:
        remove(method=method)


def apply_description(theirs: Mapping[str, Any]) -> bool:
    """Take in what Stripe says of a method, which renews cards by itself; False for one that we do not know."""
    details = theirs.get(theirs["type"]) or {}
    expires = None
    if details.get("exp_year"):
        year, month = details["exp_year"], details["exp_month"]
        expires = date(year, month, calendar.monthrange(year, month)[1])
    rows = SavedMethod.objects.filter(provider_id=theirs["id"])
    return bool(
        rows.update(
            brand=(details.get("brand") or details.get("bank_name") or details.get("bank_code") or "")[:30],
            last4=details.get("last4") or "",
            expires_on=expires,
        )
    )


@transaction.atomic
def choose(*, method: SavedMethod) -> None:
    """Make it the company's standard method."""
    rows = SavedMethod.objects.select_for_update().filter(company=method.company_id).order_by("pk")
    list(rows.values_list("pk", flat=True))  # the lock of them all, in one order
    rows.filter(is_default=True).update(is_default=False)
    rows.filter(pk=method.pk, is_active=True).update(is_default=True)


@transaction.atomic
def remove(*, method: SavedMethod) -> None:
    """Never charge it again; Stripe is told after the commit. What was paid with it still names it."""
    SavedMethod.objects.filter(pk=method.pk).update(is_active=False, is_default=False)
    transaction.on_commit(lambda: _later("detach_method", method.pk), robust=True)


def detach(*, method_id: int, at: datetime) -> None:
    """Have Stripe forget a removed method. Network; raises ProviderAway."""
    method = SavedMethod.objects.get(pk=method_id, is_active=False)
    with contextlib.suppress(ProviderRefused):  # it has forgotten it already
        gateway.ask(lambda v1: v1.payment_methods.detach(method.provider_id))
    apply_detached(provider_id=method.provider_id, at=at)


def apply_detached(*, provider_id: str, at: datetime) -> bool:
    """Stripe forgot a method, whoever asked for it; False for one that we do not know."""
    rows = SavedMethod.objects.filter(provider_id=provider_id)
    rows.filter(detached_at=None).update(is_active=False, is_default=False, detached_at=at)
    return rows.exists()


def heal(*, now: datetime) -> int:
    """Describe and detach what a lost task left; return how many."""
    unknown = SavedMethod.objects.filter(last4="", detached_at=None, is_active=True).values_list("pk", flat=True)
    removed = SavedMethod.objects.filter(is_active=False, detached_at=None).values_list("pk", flat=True)
    done = 0
    with contextlib.suppress(ProviderAway):
        for pk in list(unknown[:100]):
            describe(method_id=pk)
            done += 1
        for pk in list(removed[:100]):
            detach(method_id=pk, at=now)
            done += 1
    return done


def _person(company: Company, user_id: str | None) -> int | None:
    member = company.memberships.filter(user_id=user_id or 0).first()
    return member.user_id if member else None


def _later(task: str, pk: int) -> None:
    signature(f"shop.payments.tasks.{task}", args=(pk,)).delay()
