"""What the shop asks when a company registers: who brought its visitor, and which partners have a say already."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from channels.contracts import CompanyFacts, Introducer, PartnerClaim
from channels.core.free_mail import FREE_MAIL
from channels.journeys.models import CompanyProfile, DealProtection, Relationship, Touchpoint
from channels.partners.models import ChannelPartner


def latest_introducer(*, visitor_key: str) -> Introducer | None:
    """Return the active partner that this browser came through last; None without a visitor key, that is without consent."""
    if not visitor_key:
        return None
    touches = Touchpoint.objects.filter(
        visitor__key=visitor_key, partner__status=ChannelPartner.Status.ACTIVE
    ).select_related("partner", "code")
    touch = touches.order_by("-at", "-pk").first()
    if touch is None or touch.partner is None:
        return None
    return Introducer(
        partner_code=touch.partner.code,
        partner_name=touch.partner.name,
        link_code=touch.code.code if touch.code and touch.code.is_active else "",
    )


def partner_claims(*, companies: Iterable[CompanyFacts], at: datetime) -> dict[str, tuple[PartnerClaim, ...]]:
    """Return, by company key, the deals and roles that hold at a moment there, or where VAT id or e-mail domain are the same.

    Three queries, however many companies there are. Domains that many companies share tell nothing.
    """
    asked = list(companies)
    profiles = list(
        CompanyProfile.objects.filter(
            Q(key__in=[facts.key for facts in asked])
            | Q(vat_id__in={facts.vat_id for facts in asked} - {""})
            | Q(email_domain__in={facts.email_domain.lower() for facts in asked}.difference({""}, FREE_MAIL))
        )
    )
    claims = _claims_at({profile.pk for profile in profiles}, at)
    found: dict[str, tuple[PartnerClaim, ...]] = {}
    for facts in asked:
        same = [profile.pk for profile in profiles if _is_same(profile, facts)]
        found[facts.key] = tuple(claim for pk in same for claim in claims.get(pk, ()))
    return found


def _claims_at(company_ids: set[int], at: datetime) -> dict[int, list[PartnerClaim]]:
    deals = DealProtection.objects.filter(company__in=company_ids, protected_from__lte=at, protected_until__gt=at)
    roles = Relationship.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=at),
        Q(end=None) | Q(end__at__gt=at),
        company__in=company_ids,
        valid_from__lte=at,
    )
    found: dict[int, list[PartnerClaim]] = {}
    for deal in deals.select_related("partner", "company"):
        found.setdefault(deal.company_id, []).append(_claim(deal, _("Deal protection"), deal.protected_until))
    for role in roles.select_related("partner", "company").order_by("valid_from", "pk"):
        found.setdefault(role.company_id, []).append(_claim(role, str(role.get_role_display()), role.valid_to))
    return found


def _claim(row: DealProtection | Relationship, label: str, until: datetime | None) -> PartnerClaim:
    return PartnerClaim(
        company_name=row.company.name,
        partner_code=row.partner.code,
        partner_name=row.partner.name,
        label=label,
        until=until,
    )


def _is_same(profile: CompanyProfile, facts: CompanyFacts) -> bool:
    domain = facts.email_domain.lower()
    return (
        profile.key == facts.key
        or bool(facts.vat_id and profile.vat_id == facts.vat_id)
        or bool(domain and domain not in FREE_MAIL and profile.email_domain == domain)
    )
