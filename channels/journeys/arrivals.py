"""From a partner link or campaign tag in a request to a touchpoint, now or once we may know who it was.

Without consent and without a login an arrival waits in the session, which the visitor's basket needs anyway. Logging in
makes it a touchpoint of that user: somebody who buys here has a contract, and crediting who referred them is part of it.
"""

import logging
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from channels.contracts import CodeResolution, CodeStatus, Medium, TouchKind, TouchpointFacts
from channels.core.ids import key
from channels.journeys.models import CompanyProfile
from channels.journeys.services.codes import resolve_code
from channels.journeys.services.identity import link_visitor
from channels.journeys.services.touchpoints import UnknownPartner, record_touchpoint

logger = logging.getLogger(__name__)

WAITING = "channels_arrivals"
LINKED = "channels_linked"
REFERRED_BY = "referred_by"
MOST_WAITING = 20
TAGS = ("utm_source", "utm_medium", "utm_campaign")
LONGEST_TAG = 60
_UNPRINTABLE = re.compile(r"[^\w .:/+@-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One use of a code or tag, as the session can keep it."""

    kind: str
    medium: str
    at: str
    code: str = ""
    partner_code: str = ""
    campaign: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    def same_as(self, other: "Arrival") -> bool:
        return (self.code, self.campaign, self.at[:10]) == (other.code, other.campaign, other.at[:10])


class Outcome(Enum):
    """What became of an arrival. All are final."""

    NEWS = auto()
    KNOWN = auto()
    REFUSED = auto()


def tags_of(request: HttpRequest) -> dict[str, str]:
    """Return the campaign tags of the address, without what no campaign is called."""
    found = {tag: _UNPRINTABLE.sub("", request.GET.get(tag, ""))[:LONGEST_TAG].strip() for tag in TAGS}
    return {tag: value for tag, value in found.items() if value}


def arrive_by_code(request: HttpRequest, *, code: str, kind: TouchKind, at: datetime) -> tuple[CodeResolution, bool]:
    """Take a partner code; tell what it means, and whether this was news."""
    resolution = resolve_code(code=code, at=at)
    if resolution.status != CodeStatus.OK:
        return resolution, False
    request.session[REFERRED_BY] = code.strip().lower()  # a form that asks who introduced someone begins with it
    tags = tags_of(request)
    arrival = Arrival(
        kind=kind.value,
        medium=Medium.PARTNER_LINK.value,
        at=at.isoformat(),
        code=code.strip().lower(),
        partner_code=resolution.partner_code,
        campaign=tags.get("utm_campaign", resolution.campaign),
        tags=tuple(tags.items()),
    )
    return resolution, _take(request, arrival)


def arrive_by_campaign(request: HttpRequest, *, tags: dict[str, str], at: datetime) -> bool:
    """Take campaign tags that came without a partner code."""
    campaign = tags.get("utm_campaign") or tags.get("utm_source") or tags["utm_medium"]
    arrival = Arrival(
        kind=TouchKind.CAMPAIGN.value,
        medium=Medium.CAMPAIGN.value,
        at=at.isoformat(),
        campaign=campaign,
        tags=tuple(tags.items()),
    )
    return _take(request, arrival)


def follow_login(request: HttpRequest, *, at: datetime) -> None:
    """Link this browser to whoever logged in since the last request, and settle what waited for that."""
    if SESSION_KEY not in request.session:
        return
    mark = f"{request.session[SESSION_KEY]}:{_visitor_key(request)}:{_company_key(request)}"
    if _visitor_key(request) and request.session.get(LINKED) != mark and request.user.is_authenticated:
        request.session[LINKED] = _link(request, at)
    settle(request)


def settle(request: HttpRequest) -> None:
    """Make touchpoints of the arrivals that waited in the session."""
    if WAITING not in request.session or not _is_known(request):
        return
    for raw in request.session.pop(WAITING):
        arrival = Arrival(**{**raw, "tags": tuple((name, value) for name, value in raw["tags"])})
        if not _try(request, arrival):
            _wait(request, arrival)


def _link(request: HttpRequest, at: datetime) -> str:
    """Link, with a new key when the browser is known as somebody else's; return the session's mark of it."""
    user_id, company_key = int(request.session[SESSION_KEY]), _company_key(request)
    visit = request.visit  # type: ignore[attr-defined]
    if not link_visitor(visitor_key=visit.key, user_id=user_id, company_key=company_key, at=at):
        visit.renew_key()
        request.visitor_key = visit.key  # type: ignore[attr-defined]
        link_visitor(visitor_key=visit.key, user_id=user_id, company_key=company_key, at=at)
    return f"{user_id}:{visit.key}:{company_key}"


def _take(request: HttpRequest, arrival: Arrival) -> bool:
    if _is_known(request):
        recorded = _try(request, arrival)
        return recorded is Outcome.NEWS if recorded else _wait(request, arrival)
    return _wait(request, arrival)


def _wait(request: HttpRequest, arrival: Arrival) -> bool:
    waiting = request.session.get(WAITING, [])
    if len(waiting) >= MOST_WAITING or any(arrival.same_as(Arrival(**raw)) for raw in waiting):
        return False
    request.session[WAITING] = [*waiting, asdict(arrival)]
    return True


def _try(request: HttpRequest, arrival: Arrival) -> Outcome | None:
    """Record; None when that failed for now. No failure reaches the visitor, and none loses the arrival."""
    try:
        return Outcome.NEWS if _record(request, arrival) else Outcome.KNOWN
    except UnknownPartner:
        logger.exception("An arrival names a partner that is gone.")
        return Outcome.REFUSED
    except Exception:
        logger.exception("An arrival by the code %r could not be recorded and waits.", arrival.code)
        return None


def _record(request: HttpRequest, arrival: Arrival) -> bool:
    user_id = request.user.pk if SESSION_KEY in request.session else None
    visitor_key = _visitor_key(request)
    at = datetime.fromisoformat(arrival.at)
    who = visitor_key or f"user-{user_id}"
    what = arrival.code or arrival.campaign
    return record_touchpoint(
        TouchpointFacts(
            key=key(arrival.kind, who, what, f"{at:%Y-%m-%d}")[:120],
            kind=TouchKind(arrival.kind),
            medium=Medium(arrival.medium),
            at=at,
            partner_code=arrival.partner_code,
            link_code=arrival.code,
            campaign=arrival.campaign,
            visitor_key=visitor_key,
            user_id=user_id,
            company_key=_known_company(_company_key(request)) if user_id else "",
            evidence=dict(arrival.tags),
        )
    )


def _is_known(request: HttpRequest) -> bool:
    return bool(_visitor_key(request)) or (SESSION_KEY in request.session and request.user.is_authenticated)


def _visitor_key(request: HttpRequest) -> str:
    return str(getattr(request, "visitor_key", ""))


def _company_key(request: HttpRequest) -> str:
    return str(getattr(request, "company_key", ""))


def _known_company(company_key: str) -> str:
    """The shop may know a company that it has not told channels of yet; the visitor link tells then."""
    known: Any = company_key and CompanyProfile.objects.filter(key=company_key).exists()
    return company_key if known else ""
