"""Partner codes: making them, retiring them, and what one means when somebody uses it."""

import re
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from channels.audit.services import record
from channels.contracts import CodeResolution, CodeStatus
from channels.journeys.models import PartnerCode
from channels.partners.models import ChannelPartner

PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LINK_PREFIX = "/r/"


class InvalidCode(Exception):
    """A code that cannot be typed from a printed card: not letters, digits, hyphens, underscores, at most 40."""


class CodeTaken(Exception):
    """The code belongs to a link that exists, of this partner or another."""


class UnsafeLandingPath(Exception):
    """A landing page outside this site, or one that is itself a partner link."""


def resolve_code(*, code: str, at: datetime) -> CodeResolution:
    """Tell what a code means at a moment; one that nobody could have made costs no query."""
    wanted = code.strip().lower()
    unknown = CodeResolution(status=CodeStatus.UNKNOWN)
    if not PATTERN.fullmatch(wanted):
        return unknown
    found = PartnerCode.objects.select_related("partner").filter(code=wanted).first()
    if found is None:
        return unknown
    landing_path = found.landing_path if is_safe_path(found.landing_path) else "/"
    if found.partner.status != ChannelPartner.Status.ACTIVE:
        return CodeResolution(status=CodeStatus.SUSPENDED, landing_path=landing_path)
    if not found.is_active or (found.expires_at is not None and found.expires_at <= at):
        return CodeResolution(status=CodeStatus.EXPIRED, landing_path=landing_path)
    return CodeResolution(
        status=CodeStatus.OK,
        partner_code=found.partner.code,
        partner_name=found.partner.name,
        landing_path=landing_path,
        campaign=found.campaign,
    )


@transaction.atomic
def create(
    *,
    partner_id: int,
    code: str,
    at: datetime,
    actor: AbstractBaseUser | None = None,
    label: str = "",
    landing_path: str = "/",
    campaign: str = "",
    expires_at: datetime | None = None,
) -> PartnerCode:
    """Make a code. Raises InvalidCode, CodeTaken or UnsafeLandingPath."""
    wanted = code.strip().lower()
    if not PATTERN.fullmatch(wanted):
        raise InvalidCode(wanted)
    if not is_safe_path(landing_path):
        raise UnsafeLandingPath(landing_path)
    made, is_new = PartnerCode.objects.get_or_create(
        code=wanted,
        defaults={
            "partner_id": partner_id,
            "label": label,
            "landing_path": landing_path,
            "campaign": campaign,
            "expires_at": expires_at,
            "created_at": at,
        },
    )
    if not is_new:
        raise CodeTaken(wanted)
    record(verb="code.created", subject=made, at=at, actor=actor, data={"partner": made.partner.code})
    return made


@transaction.atomic
def retire(*, code_id: int, at: datetime, actor: AbstractBaseUser | None = None) -> PartnerCode:
    """Switch a code off; what it brought stays."""
    code = PartnerCode.objects.select_for_update().get(pk=code_id)
    if code.is_active:
        code.is_active = False
        code.save(update_fields=["is_active"])
        record(verb="code.retired", subject=code, at=at, actor=actor)
    return code


@transaction.atomic
def reactivate(*, code_id: int, at: datetime, actor: AbstractBaseUser | None = None) -> PartnerCode:
    """Switch a retired code on again; one that has expired stays expired."""
    code = PartnerCode.objects.select_for_update().get(pk=code_id)
    if not code.is_active:
        code.is_active = True
        code.save(update_fields=["is_active"])
        record(verb="code.reactivated", subject=code, at=at, actor=actor)
    return code


def is_safe_path(path: str) -> bool:
    """Tell whether a path stays on this site and leads to a page rather than to another partner link."""
    return (
        path.startswith("/")
        and "\\" not in path
        and path.isprintable()
        and not path.startswith(LINK_PREFIX)
        and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    )
