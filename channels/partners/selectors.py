"""Reads on channel partners: the public directory, their state on a date, and whose portal it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale, UnknownLocaleError
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import get_language

from channels.contracts import PartnerCard
from channels.partners import specialities
from channels.partners.models import Agreement, ChannelPartner, PartnerMember, PartnerStatusChange

Status = ChannelPartner.Status
TIER_ORDER = tuple(reversed(ChannelPartner.Tier.values))


@dataclass(frozen=True, slots=True)
class Facets:
    """The values that the listed partners have, for the directory's filters: (value, label)."""

    countries: tuple[tuple[str, str], ...]
    specialities: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]


def listed() -> QuerySet[ChannelPartner]:
    """Return the partners that the public may see."""
    return ChannelPartner.objects.filter(status=Status.ACTIVE, is_listed=True)


def listed_for(*, country: str = "", speciality: str = "", tier: str = "", query: str = "") -> QuerySet[ChannelPartner]:
    partners = listed()
    if country:
        partners = serving(partners, country)
    if speciality:
        partners = holding(partners, "specialities", speciality)
    if tier:
        partners = partners.filter(tier=tier)
    return matching(partners, query)


def directory(*, country: str = "", speciality: str = "", tier: str = "", query: str = "") -> list[PartnerCard]:
    """Return the listed partners that pass every filter given, by name."""
    return [card(partner) for partner in listed_for(country=country, speciality=speciality, tier=tier, query=query)]


def partner_card(*, code: str) -> PartnerCard | None:
    """Return a listed and active partner's card, else None."""
    partner = listed().filter(code=code.lower()).first()
    return card(partner) if partner else None


def facets() -> Facets:
    rows = list(listed().values_list("country", "territories", "specialities", "tier"))
    countries = {code for country, territories, _, _ in rows for code in (territories or [country])}
    slugs = {slug for _, _, found, _ in rows for slug in found}
    tiers = {tier for *_, tier in rows}
    return Facets(
        countries=tuple(sorted(((code, country_name(code)) for code in countries), key=lambda pair: pair[1])),
        specialities=tuple(sorted(((slug, specialities.label(slug)) for slug in slugs), key=lambda pair: pair[1])),
        tiers=tuple((tier, str(ChannelPartner.Tier(tier).label)) for tier in TIER_ORDER if tier in tiers),
    )


# --- filters which partner_choices and attribution share -----------------------------------------------------------


def serving(partners: QuerySet[ChannelPartner], country: str) -> QuerySet[ChannelPartner]:
    """Keep the partners whose territories hold the country; without territories, their own country is meant."""
    inside = holding(partners, "territories", country.upper())
    at_home = Q(territories=[], country=country.upper())
    return partners.filter(Q(pk__in=inside.values("pk")) | at_home)


def holding(partners: QuerySet[ChannelPartner], field: str, value: str) -> QuerySet[ChannelPartner]:
    """Keep the partners whose JSON list holds a text. SQLite knows no containment, so both search the list's text."""
    alias = f"{field}_text"
    quoted = '"' + value.replace('"', "") + '"'
    return partners.alias(**{alias: Cast(field, CharField())}).filter(**{f"{alias}__contains": quoted})


def matching(partners: QuerySet[ChannelPartner], query: str) -> QuerySet[ChannelPartner]:
    """Keep the partners in which each word of the query is found: name, city, summary or speciality."""
    partners = partners.alias(speciality_words=Cast("specialities", CharField()))
    for word in query.replace("\x00", "").split()[:8]:
        partners = partners.filter(
            Q(name__icontains=word)
            | Q(city__icontains=word)
            | Q(summary__icontains=word)
            | Q(speciality_words__icontains=word)
        )
    return partners


# --- a partner on a date --------------------------------------------------------------------------------------------


def statuses_at(partners: Iterable[ChannelPartner], at: datetime) -> dict[int, str]:
    """Return each partner's status at a moment: what the last step until then led to."""
    found: dict[int, str] = {partner.pk: partner.status for partner in partners}
    told: set[int] = set()
    for change in PartnerStatusChange.objects.filter(partner_id__in=found).order_by("at", "id"):
        if change.at <= at:
            found[change.partner_id] = change.to_status
        elif change.partner_id not in told:
            # The first step is still to come: it tells what went before it.
            found[change.partner_id] = change.from_status or Status.APPLIED
        told.add(change.partner_id)
    return found


def data_level(*, partner_id: int, on: date) -> int:
    """Return how much of a customer the partner's agreement lets it see on a day; quotas only without one."""
    agreement = agreement_on(partner_id=partner_id, on=on)
    return agreement.data_level if agreement else Agreement.DataLevel.QUOTAS


def agreement_on(*, partner_id: int, on: date) -> Agreement | None:
    """Return the agreement in force on a day."""
    return (
        Agreement.objects.filter(partner_id=partner_id, starts_on__lte=on)
        .exclude(status__in=(Agreement.Status.DRAFT, Agreement.Status.SENT))
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), Q(ended_at__isnull=True))
        .order_by("-version")
        .first()
    )


def membership(user: AbstractBaseUser | AnonymousUser) -> PartnerMember | None:
    """Return the user's active membership of a partner that still has a portal, with its partner."""
    return memberships(user).first() if user.is_authenticated else None


def memberships(user: AbstractBaseUser) -> QuerySet[PartnerMember]:
    """Return `membership` as a query, for those who want to know more with it."""
    return PartnerMember.objects.select_related("partner").filter(
        user_id=user.pk,
        is_active=True,
        partner__status__in=(Status.APPROVED, Status.ACTIVE, Status.SUSPENDED, Status.TERMINATED),
    )


def handles_money(user: AbstractBaseUser) -> bool:
    """Tell whether the user is an owner or a finance person of any partner, whatever has become of the partner."""
    trusted = (PartnerMember.Role.OWNER, PartnerMember.Role.FINANCE)
    return PartnerMember.objects.filter(user_id=user.pk, is_active=True, role__in=trusted).exists()


# --- how a partner is shown -----------------------------------------------------------------------------------------


def card(partner: ChannelPartner) -> PartnerCard:
    return PartnerCard(
        code=partner.code,
        name=partner.name,
        kind=partner.kind,
        kind_label=str(partner.get_kind_display()),
        tier=partner.tier,
        tier_label=str(partner.get_tier_display()),
        country=partner.country,
        city=partner.city,
        territories=tuple(partner.territories),
        specialities=tuple(partner.specialities),
        summary=partner.summary,
        about=partner.about,
        website=partner.website,
        email=partner.email,
        phone=partner.phone,
    )


def country_name(code: str) -> str:
    """Return a country's name in the reader's language; the code itself when it is unknown."""
    try:
        locale = Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.territories.get(code.upper(), code))
