"""The people of a channel partner and their roles in the portal."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.crypto import get_random_string

from channels.audit.services import record
from channels.partners.models import ChannelPartner, PartnerMember


class LastOwner(Exception):
    """A partner keeps at least one active owner."""


class AlreadyMember(Exception):
    """The person works for another channel partner."""


@transaction.atomic
def add(
    *, partner_id: int, user_id: int, role: str, at: datetime, actor: AbstractBaseUser | None = None
) -> PartnerMember:
    """Give a person a role; somebody who left comes back under the new one."""
    partner = ChannelPartner.objects.select_for_update().get(pk=partner_id)
    member = PartnerMember.objects.filter(user_id=user_id).first()
    if member and (member.partner_id != partner_id or member.is_active):
        raise AlreadyMember(f"user {user_id} is a member of {member.partner}")
    if member:
        member.role, member.is_active = PartnerMember.Role(role), True
        member.save(update_fields=["role", "is_active"])
    else:
        member = PartnerMember.objects.create(
            partner=partner, user_id=user_id, role=PartnerMember.Role(role), joined_at=at
        )
    record(
        verb="partner.member_added",
        subject=partner,
        at=at,
        actor=actor,
        data={"member": member.pk, "role": member.role},
    )
    return member


@transaction.atomic
def invite(
    *,
    partner_id: int,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    at: datetime,
    actor: AbstractBaseUser | None,
) -> PartnerMember:
    """Give the person with this e-mail address a role; somebody new gets a login, and sets a password by the reset mail.

    The password is random, not absent: Django mails no reset link to an account without one.
    """
    people = get_user_model()
    user = people.objects.filter(email__iexact=email).first()
    if user is None:
        user = people(
            username=f"member-{get_random_string(16)}", email=email.lower(), first_name=first_name, last_name=last_name
        )
        user.set_password(get_random_string(40))
        user.save()
    return add(partner_id=partner_id, user_id=user.pk, role=role, at=at, actor=actor)


@transaction.atomic
def change_role(*, member_id: int, role: str, at: datetime, actor: AbstractBaseUser | None) -> PartnerMember:
    member = _locked(member_id)
    if member.role == PartnerMember.Role.OWNER and role != PartnerMember.Role.OWNER:
        _keep_an_owner(member)
    before, member.role = member.role, PartnerMember.Role(role)
    member.save(update_fields=["role"])
    record(
        verb="partner.member_role", subject=member.partner, at=at, actor=actor,
        data={"member": member.pk, "from": before, "to": member.role},
    )  # fmt: skip
    return member


@transaction.atomic
def deactivate(*, member_id: int, at: datetime, actor: AbstractBaseUser | None, reason: str = "") -> PartnerMember:
    member = _locked(member_id)
    if member.role == PartnerMember.Role.OWNER:
        _keep_an_owner(member)
    member.is_active = False
    member.save(update_fields=["is_active"])
    record(
        verb="partner.member_removed", subject=member.partner, at=at, actor=actor, reason=reason,
        data={"member": member.pk},
    )  # fmt: skip
    return member


def note_language(*, member: PartnerMember, language: str) -> None:
    """Keep the language in which somebody signed in; e-mails are written in it."""
    if language != member.language:
        PartnerMember.objects.filter(pk=member.pk).update(language=language)


def _locked(member_id: int) -> PartnerMember:
    """Lock the partner, not the member: two owners leaving at once must see each other."""
    member = PartnerMember.objects.get(pk=member_id)
    ChannelPartner.objects.select_for_update().get(pk=member.partner_id)
    return PartnerMember.objects.select_related("partner").get(pk=member_id)


def _keep_an_owner(leaving: PartnerMember) -> None:
    owners = PartnerMember.objects.filter(
        partner_id=leaving.partner_id, role=PartnerMember.Role.OWNER, is_active=True
    ).exclude(pk=leaving.pk)
    if leaving.is_active and not owners.exists():
        raise LastOwner(f"{leaving.partner} would have no owner")
