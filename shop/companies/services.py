"""Registering companies and changing who may do what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.customer.forms import generate_username
from oscar.apps.customer.utils import normalise_email

from channels import api
from channels.contracts import CodeStatus, Medium, TouchKind, TouchpointFacts
from shop import facts
from shop.companies.models import Company, Membership

# Addresses that many companies share say nothing about which company someone belongs to.
FREE_MAIL = frozenset({"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me", "gmx.de"})


@dataclass(frozen=True, slots=True)
class Registration:
    user: Any
    company: Company


@transaction.atomic
def register_company(
    *,
    name: str,
    country: str,
    email: str,
    password: str | None,
    first_name: str,
    last_name: str,
    at: datetime,
    vat_id: str = "",
    segment: str = "",
    introduced_by: str = "",
    visitor_key: str = "",
    is_confirmed: bool = True,
) -> Registration:
    """Create a company with its first user, its administrator, and tell channels of both.

    The caller has checked that the e-mail is free. A VAT id that another company has leaves the new one pending, for
    staff to look at; otherwise ACCORD_COMPANY_AUTO_APPROVE decides. A valid `introduced_by` code becomes a
    touchpoint, an invalid one nothing. `is_confirmed=False` keeps the user out until the e-mail is confirmed.
    """
    email = normalise_email(email)
    domain = email.rpartition("@")[2]
    duplicate = bool(vat_id) and Company.objects.filter(vat_id=vat_id).exists()
    is_approved = settings.ACCORD_COMPANY_AUTO_APPROVE and not duplicate
    company = Company.objects.create(
        name=name,
        vat_id=vat_id,
        country=country,
        segment=segment,
        status=Company.Status.APPROVED if is_approved else Company.Status.PENDING,
        status_reason="Another company has the same VAT id." if duplicate else "",
        email_domain="" if domain in FREE_MAIL else domain,
        created_at=at,
    )
    user = get_user_model()(
        username=generate_username(),
        email=email,
        first_name=first_name,
        last_name=last_name,
        is_active=is_confirmed,
        date_joined=at,
    )
    user.set_password(password)
    user.save()
    Membership.objects.create(user=user, company=company, role=Membership.Role.ADMIN, is_confirmed=is_confirmed)
    api.record_company(facts.company(company))
    record_introduction(company=company, user=user, code=introduced_by, visitor_key=visitor_key, at=at)
    return Registration(user, company)


def unconfirmed(email: str) -> Membership | None:
    """Return the registration of this address that nobody has confirmed yet."""
    waiting = Membership.objects.filter(user__email__iexact=email, user__is_active=False, is_confirmed=False)
    return waiting.select_related("user", "company").first()


@transaction.atomic
def register_again(
    membership: Membership, *, name: str, country: str, vat_id: str, password: str, first_name: str, last_name: str
) -> Registration:
    """Replace a registration that was never confirmed; the links sent for it stop working."""
    user: Any = membership.user
    company = membership.company
    user.first_name, user.last_name = first_name, last_name
    user.set_password(password)
    user.save()
    company.name, company.country, company.vat_id = name, country, vat_id
    company.save(update_fields=["name", "country", "vat_id"])
    api.record_company(facts.company(company))
    return Registration(user, company)


def confirm(user: Any) -> None:
    """Let a registered user in."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    Membership.objects.filter(user=user).update(is_confirmed=True)


def record_introduction(*, company: Company, user: Any, code: str, visitor_key: str, at: datetime) -> bool:
    """Record that a channel partner introduced the company; False when the code names none that may be credited."""
    if not code:
        return False
    resolution = api.resolve_code(code=code, at=at)
    if resolution.status != CodeStatus.OK:
        return False
    return api.record_touchpoint(
        TouchpointFacts(
            key=f"introduction:{company.key}",
            kind=TouchKind.INTRODUCTION,
            medium=Medium.WEB,
            at=at,
            partner_code=resolution.partner_code,
            link_code=code,
            campaign=resolution.campaign,
            visitor_key=visitor_key,
            user_id=user.pk,
            company_key=str(company.key),
            note=_("Named at registration"),
        )
    )


def set_status(*, company: Company, status: Company.Status, reason: str = "") -> None:
    """Approve, reject or block a company; its people keep their login and their basket."""
    company.status = status
    company.status_reason = reason
    company.save(update_fields=["status", "status_reason"])


@transaction.atomic
def act_for(*, user: Any, company: Company) -> None:
    """Make the company the one the user acts for."""
    Membership.objects.filter(user=user).update(is_default=False)
    Membership.objects.filter(user=user, company=company).update(is_default=True)
