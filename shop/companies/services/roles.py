"""The roles that a company makes for its own people, beside the ones that every company has."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import ngettext

from channels import api
from shop.companies.models import Company, Invitation, Membership, Role
from shop.companies.services.people import LastAdministratorError, has_administrator

SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"


class RoleInUse(Exception):
    """Somebody still has the role; the text tells what to do."""

    def __init__(self, holders: int) -> None:
        text = ngettext(
            "%(count)s person has this role, or had it before leaving. Give them another one first.",
            "%(count)s people have this role, or had it before leaving. Give them another one first.",
            holders,
        )
        super().__init__(text % {"count": holders})


@transaction.atomic
def save(*, role: Role, at: datetime, actor: Any) -> Role:
    """Keep a new or changed role of a company; its holders have its rights from now on. Raises LastAdministratorError."""
    company = _lock(role)
    had_one = has_administrator(company)
    role.code = role.code or f"company-{company.pk}-{get_random_string(8, SIGNS)}"
    role.save()
    if had_one and not has_administrator(company):
        raise LastAdministratorError
    _audit("company.role_saved", role, company, at, actor)
    return role


@transaction.atomic
def delete(*, role: Role, at: datetime, actor: Any) -> None:
    """Delete a role that nobody has and nobody is invited to. Raises RoleInUse."""
    company = _lock(role)
    asked = Invitation.objects.filter(role=role)
    holders = Membership.objects.filter(role=role).count() + asked.filter(accepted_at=None, withdrawn_at=None).count()
    if holders:
        raise RoleInUse(holders)
    asked.delete()  # answered ones: the audit trail keeps what they said
    _audit("company.role_deleted", role, company, at, actor)
    role.delete()


def _lock(role: Role) -> Company:
    """Lock the company, as every change of its people does. Raises ValueError for a role that every company has."""
    if role.company_id is None:
        raise ValueError(f"{role.code} is not a company's own role")
    return Company.objects.select_for_update().get(pk=role.company_id)


def _audit(verb: str, role: Role, company: Company, at: datetime, actor: Any) -> None:
    data = {"role": role.pk, "name": role.name, "grants": role.grants}
    api.record_audit(verb=verb, subject=company, at=at, actor=actor, data=data)
