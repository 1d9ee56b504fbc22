"""Asking people by e-mail to join a company, and their answer."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from oscar.apps.customer.forms import generate_username
from oscar.apps.customer.utils import normalise_email

from channels import api
from shop.companies import confirmations
from shop.companies.models import Company, Invitation, Location, Membership, Role

WORKS_FOR = timedelta(days=7)
SALT = "company.invitation"


class AlreadyMemberError(Exception):
    """The address belongs to somebody who acts for the company already."""

    def __init__(self, email: str) -> None:
        super().__init__(_("%(email)s belongs to your company already.") % {"email": email})


@transaction.atomic
def invite(
    *, company: Company, email: str, role: Role, location: Location | None, at: datetime, actor: Any
) -> Invitation:
    """Ask somebody to join; who was asked before is asked again, on the new terms. Raises AlreadyMemberError."""
    Company.objects.select_for_update().get(pk=company.pk)
    email = normalise_email(email)
    if Membership.objects.filter(company=company, user__email__iexact=email, is_active=True).exists():
        raise AlreadyMemberError(email)
    waiting = Invitation.objects.filter(company=company, email__iexact=email, accepted_at=None, withdrawn_at=None)
    invitation = waiting.first() or Invitation(company=company, email=email)
    invitation.role, invitation.location, invitation.invited_by, invitation.sent_at = role, location, actor, at
    invitation.save()
    api.record_audit(
        verb="company.person_invited", subject=company, at=at, actor=actor, data={"email": email, "role": role.pk}
    )
    _mail(invitation)
    return invitation


@transaction.atomic
def resend(*, invitation_id: int, at: datetime) -> Invitation:
    """Mail a new link; the one before stops working. Raises Invitation.DoesNotExist for one that is answered."""
    invitation = _open(invitation_id)
    invitation.sent_at = at
    invitation.save(update_fields=["sent_at"])
    _mail(invitation)
    return invitation


@transaction.atomic
def withdraw(*, invitation_id: int, at: datetime, actor: Any) -> Invitation:
    """Take the invitation back; its link stops working. Raises Invitation.DoesNotExist for one that is answered."""
    invitation = _open(invitation_id)
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    api.record_audit(
        verb="company.invitation_withdrawn", subject=invitation.company, at=at, actor=actor,
        data={"email": invitation.email},
    )  # fmt: skip
    return invitation


def path_of(invitation: Invitation) -> str:
    """Return the page that the mail leads to."""
    token = signing.dumps({"invitation": invitation.pk, "sent": invitation.sent_at.isoformat()}, salt=SALT)
    return reverse("customer:invitation", kwargs={"token": token})


def read(token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation that a link stands for; None for a forged, old, replaced, withdrawn or used one."""
    try:
        data = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    waiting = Invitation.objects.filter(pk=data["invitation"], accepted_at=None, withdrawn_at=None)
    invitation = waiting.select_related("company", "role", "invited_by").first()
    if invitation is None or invitation.sent_at.isoformat() != data["sent"] or invitation.sent_at + WORKS_FOR <= now:
        return None
    return invitation


def user_of(invitation: Invitation) -> Any:
    """Return the user who reads the invited address; None for somebody new."""
    return get_user_model().objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept(*, invitation_id: int, user: Any, at: datetime) -> Membership:
    """Make the user a member, or an active one again. Raises Invitation.DoesNotExist for one that is answered."""
    invitation = _open(invitation_id)
    membership = Membership.objects.filter(company=invitation.company, user=user).first()
    if membership is None:
        membership = Membership(company=invitation.company, user=user)
        membership.is_default = not Membership.objects.filter(user=user, is_active=True).exists()
    membership.role, membership.location = invitation.role, invitation.location
    membership.is_active = membership.is_confirmed = True
    membership.save()
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    api.record_audit(
        verb="company.person_joined", subject=invitation.company, at=at, actor=user, data={"role": invitation.role_id}
    )
    return membership


@transaction.atomic
def accept_as_new(*, invitation_id: int, first_name: str, last_name: str, password: str, at: datetime) -> Membership:
    """Make an account for the invited address, which the link has proved, and accept with it."""
    user = get_user_model()(
        username=generate_username(),
        email=_open(invitation_id).email,
        first_name=first_name,
        last_name=last_name,
        date_joined=at,
    )
    user.set_password(password)
    user.save()
    return accept(invitation_id=invitation_id, user=user, at=at)


def _open(invitation_id: int) -> Invitation:
    waiting = Invitation.objects.select_for_update(of=("self",)).filter(accepted_at=None, withdrawn_at=None)
    return waiting.select_related("company", "role").get(pk=invitation_id)


def _mail(invitation: Invitation) -> None:
    confirmations.mail(
        "invitation", to=invitation.email, invitation=invitation, company=invitation.company,
        inviter=invitation.invited_by, days=WORKS_FOR.days, path=path_of(invitation),
    )  # fmt: skip
