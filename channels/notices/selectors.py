"""A partner's notices, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import translate_url
from django.utils import translation
from django.utils.translation import get_language, gettext

from channels.notices.models import Notice
from channels.partners.models import ChannelPartner, PartnerMember

Audience, Role = Notice.Audience, PartnerMember.Role
# Sales reads what is for everybody; owners read everything.
READS: dict[str, tuple[str, ...]] = {
    Role.OWNER: (Audience.ALL, Audience.OWNER, Audience.FINANCE),
    Role.FINANCE: (Audience.ALL, Audience.FINANCE),
    Role.SALES: (Audience.ALL,),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as one person reads it."""

    notice: Notice
    subject: str
    body: str
    path: str

    @property
    def at(self) -> datetime:
        return self.notice.at

    @property
    def is_unread(self) -> bool:
        return self.notice.read_at is None


def notices(partner: ChannelPartner, *, role: str) -> QuerySet[Notice]:
    """Return what people of this role may read, latest first."""
    return Notice.objects.filter(partner=partner, audience__in=READS.get(role, ())).order_by("-at", "-pk")


def letter(notice: Notice) -> Letter:
    """Put a notice into the language that is active."""
    return Letter(notice, _written(notice.subject, notice.params), _written(notice.body, notice.params), _path(notice))


def unread_of_member() -> Coalesce:
    """Return how many notices a member has not read, to annotate a query of members with: no query of its own."""
    may_read = Q()
    for role, audiences in READS.items():
        may_read |= Q(partner__members__role=role, audience__in=audiences)
    unread = (
        Notice.objects.filter(may_read, read_at__isnull=True, partner__members=OuterRef("pk"))
        .order_by()
        .values("partner")
        .annotate(count=Count("pk", distinct=True))
    )
    return Coalesce(Subquery(unread.values("count")[:1]), 0)


def addressees(notice: Notice) -> QuerySet[PartnerMember]:
    """Return the active people whom a notice is mailed to, but those who have it."""
    roles = [role for role, audiences in READS.items() if notice.audience in audiences]
    return (
        PartnerMember.objects.filter(partner_id=notice.partner_id, is_active=True, role__in=roles)
        .filter(user__is_active=True)
        .exclude(user__email="")
        .exclude(user__in=notice.mailed_to)
        .select_related("user")
        .order_by("pk")
    )


def _written(text: str, params: dict[str, Any]) -> str:
    """Without params the text is taken as it is: a per cent sign in it is one."""
    translated = gettext(text) if text else ""
    return translated % params if params else translated


def _path(notice: Notice) -> str:
    language = get_language() or settings.LANGUAGE_CODE
    with translation.override(settings.LANGUAGE_CODE):  # `tell` keeps the address of the site's own language
        return translate_url(notice.path, language) if notice.path else ""
