"""Registering channel partners and changing what is known of them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.partners.models import ChannelPartner, PartnerStatusChange

EDITABLE = frozenset({
    "name", "kind", "tier", "country", "city", "territories", "specialities", "product_classes", "summary", "about",
    "website", "email", "phone", "vat_id", "email_domains", "is_listed",
})  # fmt: skip


class CircularChain(Exception):
    """A distributor chain that leads back to its own start."""


@transaction.atomic
def register(
    *,
    code: str,
    name: str,
    kind: str,
    country: str,
    at: datetime,
    actor: AbstractBaseUser | None = None,
    **details: Any,
) -> ChannelPartner:
    """Take on an application: the partner starts as applied, and earns nothing until it is active."""
    unknown = set(details) - EDITABLE - {"parent"}
    if unknown:
        raise TypeError(f"unknown details: {', '.join(sorted(unknown))}")
    partner = ChannelPartner(code=code, name=name, kind=kind, country=country.upper(), joined_at=at, **details)
    partner.full_clean(exclude=["parent"])
    partner.save()
    PartnerStatusChange.objects.create(
        partner=partner, to_status=partner.status, at=at, actor_id=actor.pk if actor else None
    )
    record(verb="partner.applied", subject=partner, at=at, actor=actor)
    return partner


@transaction.atomic
def change(
    *, partner_id: int, changes: dict[str, Any], at: datetime, actor: AbstractBaseUser | None, reason: str = ""
) -> ChannelPartner:
    """Change editable fields; the audit event holds each old and new value. Nothing changed, nothing written."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    partner = ChannelPartner.objects.select_for_update().get(pk=partner_id)
    differences = {
        name: {"from": getattr(partner, name), "to": value}
        for name, value in changes.items()
        if getattr(partner, name) != value
    }
    if not differences:
        return partner
    for name, difference in differences.items():
        setattr(partner, name, difference["to"])
    partner.full_clean(exclude=["parent"])
    partner.save(update_fields=sorted(differences))
    record(verb="partner.changed", subject=partner, at=at, actor=actor, reason=reason, data=differences)
    return partner


@transaction.atomic
def set_parent(
    *, partner_id: int, parent_id: int | None, at: datetime, actor: AbstractBaseUser | None, reason: str = ""
) -> ChannelPartner:
    """Put a partner under a distributor, or take it out. Raises CircularChain."""
    # Every partner is locked, in one order: two moves at once could each be fine and together make a circle.
    parents = dict(ChannelPartner.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))
    above = parent_id
    while above is not None:
        if above == partner_id:
            raise CircularChain(f"partner {parent_id} is below partner {partner_id}")
        above = parents[above]
    partner = ChannelPartner.objects.get(pk=partner_id)
    before, partner.parent_id = partner.parent_id, parent_id
    partner.save(update_fields=["parent"])
    record(
        verb="partner.parent_set", subject=partner, at=at, actor=actor, reason=reason,
        data={"from": before, "to": parent_id},
    )  # fmt: skip
    return partner
