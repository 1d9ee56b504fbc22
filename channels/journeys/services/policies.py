"""Versions of the attribution policy: drafted, published, and then never changed."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max

from channels.audit.services import record
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.models import Policy


class NoPolicy(Exception):
    """No policy was in force at the moment asked for."""


class AlreadyPublished(Exception):
    """A published version does not change; draft the next one."""


class EffectiveInThePast(Exception):
    """A version cannot reach back behind the moment at which it is published."""


@transaction.atomic
def draft(*, terms: dict[str, Any], at: datetime, actor: AbstractBaseUser | None = None, reason: str = "") -> Policy:
    """Keep a new version's terms. Raises TermsError with every mistake in them."""
    checked = PolicyTerms.from_json(terms).to_json()
    # Two drafts at once: the version's uniqueness refuses the second.
    latest = Policy.objects.aggregate(latest=Max("version"))["latest"] or 0
    policy = Policy.objects.create(version=latest + 1, terms=checked, reason=reason)
    record(verb="policy.drafted", subject=policy, at=at, actor=actor, reason=reason)
    return policy


@transaction.atomic
def change_draft(
    *, policy_id: int, terms: dict[str, Any], at: datetime, actor: AbstractBaseUser | None = None, reason: str = ""
) -> Policy:
    """Replace a draft's terms. Raises AlreadyPublished or TermsError."""
    policy = _locked_draft(policy_id)
    policy.terms = PolicyTerms.from_json(terms).to_json()
    policy.reason = reason or policy.reason
    policy.save(update_fields=["terms", "reason"])
    record(verb="policy.changed", subject=policy, at=at, actor=actor, reason=reason)
    return policy


@transaction.atomic
def publish(
    *, policy_id: int, at: datetime, effective_from: datetime, actor: AbstractBaseUser | None = None, reason: str = ""
) -> Policy:
    """Put a draft in force for the orders placed from `effective_from` on. Raises EffectiveInThePast."""
    policy = _locked_draft(policy_id)
    if effective_from < at:
        raise EffectiveInThePast(f"{effective_from:%Y-%m-%d %H:%M} is before {at:%Y-%m-%d %H:%M}")
    PolicyTerms.from_json(policy.terms)
    policy.status = Policy.Status.PUBLISHED
    policy.effective_from, policy.published_at = effective_from, at
    policy.published_by_id = actor.pk if actor else None
    policy.reason = reason or policy.reason
    policy.save()
    record(
        verb="policy.published", subject=policy, at=at, actor=actor, reason=reason,
        data={"version": policy.version, "effective_from": effective_from.isoformat()},
    )  # fmt: skip
    return policy


def current(*, at: datetime) -> Policy:
    """Return the version in force at a moment. Raises NoPolicy."""
    policy = (
        Policy.objects.filter(status=Policy.Status.PUBLISHED, effective_from__lte=at)
        .order_by("-effective_from", "-version")
        .first()
    )
    if policy is None:
        raise NoPolicy(f"no attribution policy was in force on {at:%Y-%m-%d %H:%M}")
    return policy


def _locked_draft(policy_id: int) -> Policy:
    policy = Policy.objects.select_for_update().get(pk=policy_id)
    if policy.status == Policy.Status.PUBLISHED:
        raise AlreadyPublished(str(policy))
    return policy
