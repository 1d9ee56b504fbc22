"""The table of what touches usually cost."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.journeys.models import TouchCost


class CostTaken(Exception):
    """There is a cost of this kind and medium from this day on already."""


def put(
    *,
    kind: str,
    medium: str,
    cost_minor: int,
    currency: str,
    valid_from: date,
    at: datetime,
    valid_to: date | None = None,
    note: str = "",
    actor: AbstractBaseUser | None = None,
    cost_id: int | None = None,
) -> TouchCost:
    """Add a cost, or correct the one with this id; the audit trail keeps both. Raises CostTaken."""
    found = TouchCost.objects.get(pk=cost_id) if cost_id else TouchCost()
    before = _values(found) if cost_id else {}
    found.kind, found.medium, found.cost_minor, found.currency = kind, medium, cost_minor, currency
    found.valid_from, found.valid_to, found.note = valid_from, valid_to, note
    found.recorded_at, found.recorded_by_id = at, actor.pk if actor else None
    try:
        with transaction.atomic():
            found.save()
            verb = "touch_cost.corrected" if cost_id else "touch_cost.added"
            record(verb=verb, subject=found, at=at, actor=actor, reason=note, data=_values(found) | {"before": before})
    except IntegrityError as error:
        raise CostTaken(_("There is a cost for this from that day on already. Correct that one.")) from error
    return found


def _values(row: TouchCost) -> dict[str, object]:
    return {
        "kind": row.kind,
        "medium": row.medium,
        "cost_minor": row.cost_minor,
        "currency": row.currency,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }
