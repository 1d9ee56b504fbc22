"""A renewal steward's word that it looks after a customer. Some rules pay nobody who has not given it."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from channels.audit.services import record
from channels.commissions.models import StewardAcceptance
from channels.journeys.models import Relationship


class NotSteward(Exception):
    """The partner is not, or no longer, the renewal steward that this names."""


@transaction.atomic
def accept(
    *, relationship_id: int, partner_id: int, at: datetime, by: AbstractBaseUser | None = None
) -> StewardAcceptance:
    """Keep the word; given twice it changes nothing. Raises NotSteward."""
    running = Relationship.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at),
        Q(end__isnull=True) | Q(end__at__gt=at),
        partner=partner_id,
        role=Relationship.Role.RENEWAL_STEWARD,
    )
    row = running.filter(pk=relationship_id).first()
    if row is None:
        raise NotSteward(f"partner {partner_id} is no steward by relationship {relationship_id}")
    kept, is_new = StewardAcceptance.objects.get_or_create(
        relationship=row, defaults={"at": at, "by_id": by.pk if by else None}
    )
    if is_new:
        record(verb="steward.accepted", subject=row, at=at, actor=by)
    return kept
