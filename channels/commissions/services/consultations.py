"""Asking chosen partners what they think of a draft, before it is published."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.audit.services import record
from channels.commissions.models import DraftComment, DraftShare, ProgrammeVersion
from channels.notices.services import tell
from channels.partners.models import ChannelPartner

MOST = 2000


class NotADraft(Exception):
    """What is published is not up for comment any more."""


class NotShared(Exception):
    """The draft is not shared with this partner, or no longer."""


class NothingSaid(ValueError):
    """An empty comment."""


@transaction.atomic
def share(
    *, version_id: int, partner_ids: Iterable[int], message: str, at: datetime, by: AbstractBaseUser
) -> list[DraftShare]:
    """Show a draft to partners and tell them; whoever has it already is not told again. Raises NotADraft."""
    version = ProgrammeVersion.objects.select_for_update(of=("self",)).select_related("programme").get(pk=version_id)
    if version.status != ProgrammeVersion.Status.DRAFT:
        raise NotADraft(_("%s is published") % version)
    open_now = set(version.shares.filter(ended_at__isnull=True).values_list("partner_id", flat=True))
    wanted = [pk for pk in dict.fromkeys(partner_ids) if pk not in open_now]
    partners = ChannelPartner.objects.filter(status=ChannelPartner.Status.ACTIVE).in_bulk(wanted)
    shares = []
    for pk in wanted:
        if pk in partners:
            made = DraftShare.objects.create(
                version=version, partner=partners[pk], message=message, shared_at=at, shared_by_id=by.pk
            )
            record(verb="programme.shared", subject=version, at=at, actor=by, data={"partner": partners[pk].code})
            _tell_shared(made)
            shares.append(made)
    return shares


@transaction.atomic
def unshare(*, share_id: int, at: datetime, by: AbstractBaseUser) -> None:
    """Take a draft back from a partner; what it wrote stays. Twice changes nothing."""
    found = DraftShare.objects.select_for_update(of=("self",)).select_related("version__programme", "partner")
    shared = found.get(pk=share_id)
    if shared.ended_at is None:
        shared.ended_at = at
        shared.save(update_fields=["ended_at"])
        record(
            verb="programme.unshared", subject=shared.version, at=at, actor=by, data={"partner": shared.partner.code}
        )


@transaction.atomic
def comment(*, version_id: int, partner_id: int, text: str, at: datetime, by: AbstractBaseUser) -> DraftComment:
    """Write into a partner's thread as that partner. Raises NotShared or NothingSaid."""
    if not DraftShare.objects.filter(version=version_id, partner=partner_id, ended_at__isnull=True).exists():
        raise NotShared(_("the draft is not shared with you any more"))
    return _write(version_id=version_id, partner_id=partner_id, text=text, at=at, by=by, is_from_desk=False)


@transaction.atomic
def answer(*, version_id: int, partner_id: int, text: str, at: datetime, by: AbstractBaseUser) -> DraftComment:
    """Write into a partner's thread for the desk, and tell the partner. Raises NotShared or NothingSaid."""
    if not DraftShare.objects.filter(version=version_id, partner=partner_id).exists():
        raise NotShared(_("the draft was never shared with this partner"))
    made = _write(version_id=version_id, partner_id=partner_id, text=text, at=at, by=by, is_from_desk=True)
    if DraftShare.objects.filter(version=version_id, partner=partner_id, ended_at__isnull=True).exists():
        tell(
            partner_id=partner_id,
            kind="consultation",
            subject=gettext_noop("An answer about %(version)s"),
            body=gettext_noop("Your channel manager has answered your comment on the draft %(version)s."),
            path=reverse("portal:consultation", args=[version_id]),
            key=f"consultation:answer:{made.pk}",
            at=at,
            audience="finance",
            params={"version": str(made.version)},
        )
    return made


def _write(
    *, version_id: int, partner_id: int, text: str, at: datetime, by: AbstractBaseUser, is_from_desk: bool
) -> DraftComment:
    text = text.strip()
    if not text:
        raise NothingSaid(_("write something first"))
    return DraftComment.objects.create(
        version_id=version_id,
        partner_id=partner_id,
        is_from_desk=is_from_desk,
        author_id=by.pk,
        text=text[:MOST],
        at=at,
    )


def _tell_shared(shared: DraftShare) -> None:
    tell(
        partner_id=shared.partner_id,
        kind="consultation",
        subject=gettext_noop("Your opinion on %(version)s is asked for"),
        body=gettext_noop(
            "We plan new commission rules and would like to hear what you think before they are published. You can read "
            "the draft %(version)s, see what it would have paid you on past orders, and write to us about it."
        ),
        path=reverse("portal:consultation", args=[shared.version_id]),
        key=f"consultation:share:{shared.pk}",
        at=shared.shared_at,
        audience="finance",
        params={"version": str(shared.version)},
    )
