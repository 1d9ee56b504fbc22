"""Recording what was observed. Rows are only ever added."""

from django.db import transaction

from channels.contracts import TouchpointFacts
from channels.journeys.models import CompanyProfile, PartnerCode, Touchpoint, Visitor
from channels.partners.models import ChannelPartner


class UnknownPartner(Exception):
    """A touchpoint names a partner that does not exist."""


class UnknownCompany(Exception):
    """A touchpoint names a company that channels was never told of."""


@transaction.atomic
def record_touchpoint(facts: TouchpointFacts) -> bool:
    """Add a touchpoint; False when its key was seen before, and nothing changed.

    A visitor key that is new makes the Visitor row: it exists from the first observation on, not from the cookie.
    """
    if Touchpoint.objects.filter(key=facts.key).exists():
        return False
    partner = _partner(facts.partner_code)
    code = PartnerCode.objects.filter(code=facts.link_code.lower()).first() if facts.link_code else None
    _, is_new = Touchpoint.objects.get_or_create(
        key=facts.key,
        defaults={
            "partner": partner,
            "code": code,
            "kind": facts.kind.value,
            "medium": facts.medium.value,
            "campaign": facts.campaign[:60],
            "at": facts.at,
            "visitor": _visitor(facts),
            "user_id": facts.user_id,
            "company": _company(facts.company_key),
            "recorded_by_id": facts.recorded_by_id,
            "note": facts.note[:500],
            "evidence": dict(facts.evidence),
            "cost_minor": facts.cost_minor,
            "cost_currency": facts.cost_currency,
        },
    )
    return is_new


def _partner(code: str) -> ChannelPartner | None:
    if not code:
        return None
    partner = ChannelPartner.objects.filter(code=code).first()
    if partner is None:
        raise UnknownPartner(code)
    return partner


def _company(key: str) -> CompanyProfile | None:
    if not key:
        return None
    company = CompanyProfile.objects.filter(key=key).first()
    if company is None:
        raise UnknownCompany(key)
    return company


def _visitor(facts: TouchpointFacts) -> Visitor | None:
    if not facts.visitor_key:
        return None
    visitor, _ = Visitor.objects.get_or_create(key=facts.visitor_key, defaults={"first_seen_at": facts.at})
    return visitor
