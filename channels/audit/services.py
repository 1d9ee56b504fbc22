"""Writing the audit trail."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from channels.audit.models import AuditEvent


def record(
    *,
    verb: str,
    subject: models.Model,
    at: datetime,
    actor: AbstractBaseUser | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one audit event, in the caller's transaction, so that an act and its trace commit together."""
    return AuditEvent.objects.create(
        at=at,
        actor_id=actor.pk if actor else None,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_name=str(subject)[:255],
        reason=reason,
        data=data or {},
    )
