"""Changes of the return windows, each with who made it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from channels import api
from shop.returns.models import ReturnPolicy


@transaction.atomic
def save(*, policy: ReturnPolicy, at: datetime, by: Any) -> ReturnPolicy:
    """Write a new or a changed window; returns that were asked for before stay as they are."""
    policy.save()
    api.record_audit(verb="return_policy.saved", subject=policy, at=at, actor=by, data={"policy": str(policy)})
    return policy


@transaction.atomic
def remove(*, policy: ReturnPolicy, at: datetime, by: Any) -> None:
    """Take a window away: a less particular one counts then, or the goods are not taken back."""
    api.record_audit(verb="return_policy.removed", subject=policy, at=at, actor=by, data={"policy": str(policy)})
    policy.delete()
