"""Who a customer is to the rules: its groups, its country, how it buys; and what the rules then say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from channels import api
from channels.contracts import Channel
from shop.catalogue.models import CatalogueVersion
from shop.companies.models import Company
from shop.segments.engine.profiles import ROUTES, SELL, Profile, profile_for
from shop.segments.engine.visibility import NOTHING, Hidden, Spoken, from_bytes, resolve
from shop.segments.models import GroupMember, Level, SiteProfile, VisibilityRule, VisibilitySet

SETS = ("shown", "hidden", "shown_categories", "hidden_categories")


@dataclass(frozen=True, slots=True)
class Audience:
    """Everything about a customer that rules may name. Of somebody without a company nothing is known.

    `channel` is "reseller" for a company with a partner of record, else "direct".
    """

    company_id: int | None = None
    country: str = ""
    segment: str = ""
    channel: str = ""
    group_ids: tuple[int, ...] = ()

    def names(self) -> tuple[tuple[str, str], ...]:
        """The (level, audience) pairs whose rules speak of this customer."""
        found = [(Level.EVERYONE.value, "")]
        found += [(Level.COUNTRY.value, self.country)] if self.country else []
        found += [(Level.CHANNEL.value, self.channel)] if self.channel else []
        found += [(Level.GROUP.value, str(pk)) for pk in self.group_ids]
        found += [(Level.COMPANY.value, str(self.company_id))] if self.company_id else []
        return tuple(found)


NOBODY = Audience()


def group_ids_of(company_key: str) -> tuple[int, ...]:
    """Return the company's groups, the one that counts most first; () without a company."""
    if not company_key:
        return ()
    found = GroupMember.objects.filter(company__key=company_key).order_by("-group__priority", "group__name", "group_id")
    return tuple(found.values_list("group_id", flat=True))


def audience_of(company_key: str, *, at: datetime) -> Audience:
    """Return who a company is to the rules at a moment; NOBODY without a company."""
    company = Company.objects.filter(key=company_key).only("country", "segment").first() if company_key else None
    if company is None:
        return NOBODY
    has_partner = api.partner_of_record(company_key=company_key, at=at) is not None
    return Audience(
        company_id=company.pk,
        country=company.country,
        segment=company.segment,
        channel=(Channel.RESELLER if has_partner else Channel.DIRECT).value,
        group_ids=group_ids_of(company_key),
    )


def spoken_by_level(names: Sequence[tuple[str, str]]) -> dict[str, Spoken]:
    """Return what the rules of these audiences show and hide, joined on each level; one query."""
    wanted = Q()
    for level, audience in names:
        wanted |= Q(level=level, audience=audience)
    found: dict[str, Spoken] = {}
    for level, *sets in VisibilitySet.objects.filter(wanted).values_list("level", *SETS):
        found[level] = found.get(level, Spoken()) | Spoken(*map(from_bytes, sets))
    return found


def has_rules() -> bool:
    """Whether any visibility rule or site profile exists: without one nobody's audience matters."""
    return CatalogueVersion.objects.exclude(audience_token="").exists()


def hidden_from(audience: Audience) -> Hidden:
    """Return what the customer does not see, as the flat table says at this moment; one query."""
    return resolve(spoken_by_level(audience.names()))


def profiles() -> list[Profile]:
    rows = SiteProfile.objects.order_by("pk").values_list("group_id", "segment", "country", "mode", "prices")
    return [Profile(*row) for row in rows]


def mode_of(audience: Audience) -> str:
    """Return what the store does for this customer: a SiteMode; SELL where no profile says anything. One query."""
    return profile_for(
        profiles(), group_ids=audience.group_ids, segment=audience.segment, country=audience.country
    ).mode


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules say of one customer at the moment of its order."""

    hidden: Hidden = NOTHING
    mode: str = SELL

    @property
    def routes(self) -> tuple[str, ...]:
        """The channels through which it may order."""
        return ROUTES[self.mode]


def standing_of(company_key: str, *, at: datetime) -> Standing:
    """Return what holds for the company now, past every cache; one query while there are no rules."""
    if not has_rules():
        return Standing()
    audience = audience_of(company_key, at=at)
    return Standing(hidden=hidden_from(audience), mode=mode_of(audience))


def rules_for_lists() -> QuerySet[VisibilityRule]:
    """Return the rules with all that a list shows of them."""
    return VisibilityRule.objects.select_related("product", "category", "group", "company").order_by("-pk")
