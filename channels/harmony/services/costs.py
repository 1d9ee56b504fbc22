"""The table of payment fees and support: a change is a new row."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.harmony.models import CostRate


@transaction.atomic
def set_rate(
    *,
    kind: str,
    currency: str,
    at: datetime,
    valid_from: datetime,
    valid_to: datetime | None = None,
    channel: str = "",
    rate_bp: int = 0,
    flat_minor: int = 0,
    actor: AbstractBaseUser | None = None,
    reason: str = "",
) -> CostRate:
    """Say what an order costs from a moment on; the same values for the same period again change nothing."""
    rate, is_new = CostRate.objects.get_or_create(
        kind=CostRate.Kind(kind), channel=channel, currency=currency, valid_from=valid_from, valid_to=valid_to,
        rate_bp=rate_bp, flat_minor=flat_minor,
        defaults={"reason": reason[:255], "recorded_at": at, "recorded_by_id": actor.pk if actor else None},
    )  # fmt: skip
    if is_new:
        record(
            verb="cost_rate.set", subject=rate, at=at, actor=actor, reason=reason,
            data={"rate_bp": rate_bp, "flat_minor": flat_minor, "currency": currency},
        )  # fmt: skip
    return rate
