"""The people of a company: their role, place and limits, and how they leave."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order
from oscar.apps.wishlists.models import WishList

from channels import api
from shop.companies.capabilities import Level
from shop.companies.models import Company, CostCentre, Location, Membership, Role


class LastAdministratorError(Exception):
    """A company keeps at least one person who manages its people; the text tells the reader."""

    def __init__(self) -> None:
        super().__init__(_("This is the last person who manages your people. Give somebody else that role first."))


@transaction.atomic
def change(
    *,
    membership_id: int,
    role: Role,
    location: Location | None,
    spend_limit: Decimal | None,
    spend_window: str,
    cost_centres: Sequence[CostCentre],
    at: datetime,
    actor: Any,
) -> Membership:
    """Set what somebody may do, where, and for how much. Raises LastAdministratorError."""
    membership = lock(membership_id)
    if role.company_id not in (None, membership.company_id):
        raise ValueError("a role of another company")
    if membership.role_id != role.pk:
        if not _manages_people(role):
            _keep_an_administrator(membership)
        api.record_audit(
            verb="company.role_changed", subject=membership.company, at=at, actor=actor,
            data={"user": membership.user_id, "from": membership.role_id, "to": role.pk},
        )  # fmt: skip
    membership.role, membership.location = role, location
    membership.spend_limit, membership.spend_window = spend_limit, spend_window
    membership.save(update_fields=["role", "location", "spend_limit", "spend_window"])
    membership.cost_centres.set(cost_centres)
    return membership


@transaction.atomic
def deactivate(*, membership_id: int, successor: Membership | None, at: datetime, actor: Any) -> Membership:
    """Let somebody leave. The orders placed for the company and, when it was the only one, the lists pass on.

    Without a successor both stay with the person who left, out of everybody's own but in the company's. Raises
    LastAdministratorError. A second call changes nothing.
    """
    membership = lock(membership_id)
    if not membership.is_active:
        return membership
    _keep_an_administrator(membership)
    membership.is_active = membership.is_default = False
    membership.save(update_fields=["is_active", "is_default"])
    if successor is not None:
        hand_over(leaving=membership, successor=successor)
    api.record_audit(
        verb="company.person_left", subject=membership.company, at=at, actor=actor,
        data={"user": membership.user_id, "successor": successor.user_id if successor else None},
    )  # fmt: skip
    return membership


@transaction.atomic
def reactivate(*, membership_id: int, at: datetime, actor: Any) -> Membership:
    """Let somebody who left come back, in the role that they had."""
    membership = lock(membership_id)
    if not membership.is_active:
        membership.is_active = True
        membership.save(update_fields=["is_active"])
        api.record_audit(
            verb="company.person_returned", subject=membership.company, at=at, actor=actor,
            data={"user": membership.user_id},
        )  # fmt: skip
    return membership


@transaction.atomic
def leave_everywhere(*, user: Any, at: datetime) -> None:
    """Take a user who closes the own account out of every company. Raises LastAdministratorError."""
    for membership_id in user.memberships.order_by("company_id").values_list("pk", flat=True):
        deactivate(membership_id=membership_id, successor=None, at=at, actor=user)


def hand_over(*, leaving: Membership, successor: Membership) -> None:
    """Pass on the orders of this company, and the lists unless another company still needs them."""
    if successor.company_id != leaving.company_id or not successor.is_active or successor.pk == leaving.pk:
        raise ValueError("a successor is an active colleague")
    Order.objects.filter(user=leaving.user_id, purchase__company=leaving.company_id).update(user=successor.user_id)
    if not Membership.objects.filter(user=leaving.user_id, is_active=True).exists():
        WishList.objects.filter(owner=leaving.user_id).update(owner=successor.user_id)


def lock(membership_id: int) -> Membership:
    """Lock the company, not the person: two administrators leaving at once must see each other."""
    company_id = Membership.objects.values_list("company_id", flat=True).get(pk=membership_id)
    Company.objects.select_for_update().get(pk=company_id)
    return Membership.objects.select_related("company", "role", "user").get(pk=membership_id)


def _manages_people(role: Role) -> bool:
    return role.grants.get("manage_people") == Level.COMPANY


def has_administrator(company: Company, *, besides: Membership | None = None) -> bool:
    """Tell whether somebody, other than the person named, manages the company's people."""
    found = Membership.objects.filter(
        company=company, is_active=True, user__is_active=True, role__grants__manage_people=Level.COMPANY
    )
    return (found.exclude(pk=besides.pk) if besides else found).exists()


def _keep_an_administrator(leaving: Membership) -> None:
    if not leaving.is_active or not _manages_people(leaving.role):
        return
    if not has_administrator(leaving.company, besides=leaving):
        raise LastAdministratorError
