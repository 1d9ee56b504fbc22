"""The lifecycle of a channel partner: each step with its reason, kept in the history and in the audit trail."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.partners.models import Agreement, ChannelPartner, PartnerStatusChange

Status = ChannelPartner.Status

TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.APPLIED: (Status.IN_REVIEW, Status.REJECTED),
    Status.IN_REVIEW: (Status.INFO_REQUESTED, Status.APPROVED, Status.REJECTED),
    Status.INFO_REQUESTED: (Status.IN_REVIEW, Status.REJECTED),
    Status.APPROVED: (Status.ACTIVE, Status.TERMINATED),
    Status.ACTIVE: (Status.SUSPENDED, Status.TERMINATED),
    Status.SUSPENDED: (Status.ACTIVE, Status.TERMINATED),
    Status.TERMINATED: (),
    Status.REJECTED: (),
}


class StepNotAllowed(Exception):
    """The lifecycle has no such step from where the partner stands."""


class AgreementMissing(Exception):
    """A partner becomes active with an agreement in force, not before."""


def start_review(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str = "") -> ChannelPartner:
    return _move(partner_id, Status.IN_REVIEW, at=at, actor=actor, reason=reason)


def request_information(
    *, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str
) -> ChannelPartner:
    return _move(partner_id, Status.INFO_REQUESTED, at=at, actor=actor, reason=reason)


def reject(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str) -> ChannelPartner:
    return _move(partner_id, Status.REJECTED, at=at, actor=actor, reason=reason)


@transaction.atomic
def approve(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str = "") -> ChannelPartner:
    """Approve an application; one that nobody opened passes through its review at the same moment."""
    if _locked(partner_id).status == Status.APPLIED:
        _move(partner_id, Status.IN_REVIEW, at=at, actor=actor, reason=reason)
    return _move(partner_id, Status.APPROVED, at=at, actor=actor, reason=reason)


@transaction.atomic
def activate(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str = "") -> ChannelPartner:
    """Let an approved partner earn. Raises AgreementMissing without an agreement in force."""
    if not Agreement.objects.filter(partner_id=partner_id, status=Agreement.Status.ACTIVE).exists():
        raise AgreementMissing("no agreement is in force: sign one first")
    if _locked(partner_id).status != Status.APPROVED:
        raise StepNotAllowed("only an approved partner is activated; a suspended one is reinstated")
    return _move(partner_id, Status.ACTIVE, at=at, actor=actor, reason=reason)


def suspend(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str) -> ChannelPartner:
    """Stop new credit; what was earned stays earned."""
    return _move(partner_id, Status.SUSPENDED, at=at, actor=actor, reason=reason)


@transaction.atomic
def reinstate(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str) -> ChannelPartner:
    if _locked(partner_id).status != Status.SUSPENDED:
        raise StepNotAllowed("only a suspended partner is reinstated")
    return _move(partner_id, Status.ACTIVE, at=at, actor=actor, reason=reason)


@transaction.atomic
def terminate(*, partner_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str) -> ChannelPartner:
    """End the partnership and its agreements; the tail of the last agreement starts to run."""
    partner = _move(partner_id, Status.TERMINATED, at=at, actor=actor, reason=reason)
    Agreement.objects.filter(partner=partner, status=Agreement.Status.ACTIVE).update(
        status=Agreement.Status.TERMINATED, ended_at=at
    )
    return partner


def _locked(partner_id: int) -> ChannelPartner:
    return ChannelPartner.objects.select_for_update().get(pk=partner_id)


@transaction.atomic
def _move(partner_id: int, to: str, *, at: datetime, actor: AbstractBaseUser | None, reason: str) -> ChannelPartner:
    partner = _locked(partner_id)
    before = partner.status
    if to not in TRANSITIONS[before]:
        raise StepNotAllowed(f"{partner.code} is {before} and cannot become {to}")
    partner.status = to
    partner.save(update_fields=["status"])
    PartnerStatusChange.objects.create(
        partner=partner, from_status=before, to_status=to, at=at, reason=reason, actor_id=actor.pk if actor else None
    )
    record(verb=f"partner.{to}", subject=partner, at=at, actor=actor, reason=reason, data={"from": before, "to": to})
    return partner
