"""Acting in a buyer's place: our sales staff by permission, a partner's people where the customer agreed."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from channels import api
from shop.companies.capabilities import Capability
from shop.companies.models import Company, Membership, OnBehalf

PERMISSION = "shop_companies.order_on_behalf"


def buyers_of(companies: QuerySet[Company]) -> QuerySet[Membership]:
    """Return the people of approved companies in whose place somebody may order."""
    return (
        Membership.objects.filter(
            company__in=companies,
            company__status=Company.Status.APPROVED,
            is_active=True,
            is_confirmed=True,
            user__is_active=True,
            role__grants__has_key=Capability.ORDER,
        )
        .select_related("company", "role", "user", "location")
        .order_by("company__name", "user__last_name", "pk")
    )


def buyers_for_partner(*, user: Any, at: datetime) -> QuerySet[Membership] | None:
    """Return the buyers that a partner's person may order for; None for who works for no partner.

    Raises PermissionDenied for a partner's people who do not sell.
    """
    allowed = api.ordering_customers(user=user, at=at)
    if allowed is None:
        return None
    if not allowed.is_seller:
        raise PermissionDenied(_("Your role does not open this page. The owner of your portal can change that."))
    return buyers_of(Company.objects.filter(key__in=allowed.company_keys))


@transaction.atomic
def start_as_staff(*, actor: Any, membership: Membership, reason: str, at: datetime) -> OnBehalf:
    """Begin to act as the buyer. Raises PermissionDenied without the permission, ValueError without a reason."""
    if not actor.has_perm(PERMISSION):
        raise PermissionDenied(_("You may not order on behalf of customers."))
    if not reason.strip():
        raise ValueError(_("Write why you order for this customer."))
    return _start(actor=actor, membership=membership, partner_code="", reason=reason, at=at)


@transaction.atomic
def start_as_partner(*, actor: Any, membership: Membership, at: datetime) -> OnBehalf:
    """Begin to act as the buyer. Raises PermissionDenied unless the customer lets this partner order."""
    allowed = api.ordering_customers(user=actor, at=at)
    if allowed is None or str(membership.company.key) not in allowed.company_keys:
        raise PermissionDenied(_("This customer does not let you order for it."))
    return _start(actor=actor, membership=membership, partner_code=allowed.partner_code, reason="", at=at)


@transaction.atomic
def stop_all(*, actor: Any, at: datetime) -> None:
    """End whatever somebody does in another's place."""
    for row in OnBehalf.objects.select_for_update(of=("self",)).filter(actor=actor, ended_at=None):
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        api.record_audit(verb="company.on_behalf_ended", subject=row, at=at, actor=actor)
        _put_basket_back(actor)


def _set_basket_aside(actor: Any) -> None:
    """What the actor had in the own basket is not the customer's."""
    for basket in _baskets().filter(owner=actor, status="Open"):
        basket.status = "Saved"
        basket.save(update_fields=["status"])


def _put_basket_back(actor: Any) -> None:
    """Drop what was not ordered for the customer, and take the own basket out again."""
    _baskets().filter(owner=actor, status="Open").delete()
    for basket in _baskets().filter(owner=actor, status="Saved"):
        basket.status = "Open"
        basket.save(update_fields=["status"])


def _baskets() -> Any:
    return apps.get_model("basket", "Basket").objects


def _start(*, actor: Any, membership: Membership, partner_code: str, reason: str, at: datetime) -> OnBehalf:
    stop_all(actor=actor, at=at)
    _set_basket_aside(actor)
    row = OnBehalf.objects.create(
        actor=actor, membership=membership, partner_code=partner_code, reason=reason.strip()[:255], started_at=at
    )
    api.record_audit(
        verb="company.on_behalf_started", subject=row, at=at, actor=actor, reason=row.reason,
        data={"company": str(membership.company.key), "buyer": membership.user_id, "partner": partner_code},
    )  # fmt: skip
    return row
