"""Overrides of the guard: asked for by one person with a reason and an end, decided on by another."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.harmony.models import GuardCheck, GuardOverride

State = GuardOverride.State


class OverrideNotAllowed(ValueError):
    """The override cannot be asked for, or not be decided on by this person."""


@transaction.atomic
def request(
    *, check_id: int, reason: str, expires_at: datetime, at: datetime, actor: AbstractBaseUser
) -> GuardOverride:
    """Ask for leave to undercut as far as a prevented check would have."""
    check = GuardCheck.objects.get(pk=check_id)
    if check.outcome != GuardCheck.Outcome.BLOCKED:
        raise OverrideNotAllowed(_("Only what was prevented needs an override."))
    if not reason.strip():
        raise OverrideNotAllowed(_("Write the reason: the second person decides by it."))
    if expires_at <= at:
        raise OverrideNotAllowed(_("The end must lie in the future."))
    override, is_new = GuardOverride.objects.get_or_create(
        guard_check=check,
        defaults={
            "reason": reason[:500], "expires_at": expires_at, "requested_at": at, "requested_by_id": actor.pk,
        },
    )  # fmt: skip
    if not is_new:
        raise OverrideNotAllowed(_("Somebody has already asked for this."))
    record(
        verb="guard.override_requested", subject=check, at=at, actor=actor, reason=reason,
        data={"expires_at": expires_at.isoformat()},
    )  # fmt: skip
    return override


@transaction.atomic
def decide(*, override_id: int, is_approved: bool, reason: str, at: datetime, actor: AbstractBaseUser) -> GuardOverride:
    """Approve or reject it; never the person who asked, and only once."""
    override = GuardOverride.objects.select_for_update(of=("self",)).select_related("guard_check").get(pk=override_id)
    if override.state != State.REQUESTED:
        raise OverrideNotAllowed(_("This was decided already."))
    if override.requested_by_id == actor.pk:
        raise OverrideNotAllowed(_("You asked for this yourself: a second person decides."))
    if is_approved and override.expires_at <= at:
        raise OverrideNotAllowed(_("Its end has passed. It has to be asked for again."))
    if not reason.strip():
        raise OverrideNotAllowed(_("Write the reason of your decision."))
    override.state = State.APPROVED if is_approved else State.REJECTED
    override.decided_at, override.decided_by_id, override.decision_reason = at, actor.pk, reason[:500]
    override.save()
    record(verb=f"guard.override_{override.state}", subject=override.guard_check, at=at, actor=actor, reason=reason)
    return override
