"""What checkout and the buyer's pages ask: which resellers may be picked, and how an order was bought."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.contracts import Channel, OrderChannel, PartnerCard, PartnerChoice
from channels.journeys.engine import stewardship
from channels.journeys.models import CompanyProfile, OrderRecord, Relationship
from channels.journeys.selectors.companies import companies_as_one, companies_as_one_each, relationships_of
from channels.journeys.selectors.rows import relationship_fact
from channels.partners.models import ChannelPartner
from channels.partners.selectors import TIER_ORDER, card, country_name, holding, listed, matching, serving

Status = ChannelPartner.Status


def partner_choices(
    *, company_key: str, country: str, product_classes: frozenset[str], at: datetime, query: str = ""
) -> list[PartnerChoice]:
    """Return the resellers a buyer may pick: the partner of record first, then by tier and name.

    Four queries, whatever there is. The partner of record is offered outside its territories and when it is not listed
    too, since it is this customer's; it still has to be active and allowed to sell these products.
    """
    record = _record(company_key, at)
    sellers = _selling(ChannelPartner.objects.filter(status=Status.ACTIVE), product_classes)
    of_record = Q(pk=record.partner_id) if record else Q(pk__in=())
    local = Q(pk__in=serving(listed(), country).values("pk"))
    found = list(matching(sellers.filter(of_record | local), query))
    return [
        PartnerChoice(
            card=card(partner),
            is_partner_of_record=record is not None and partner.pk == record.partner_id,
            reason=_reason(partner, record, country),
        )
        for partner in sorted(found, key=lambda partner: _rank(partner, record))
    ]


def partner_of_record(*, company_key: str, at: datetime) -> PartnerCard | None:
    """Return the company's renewal steward, else its reseller; None too while that partner is not active."""
    record = _record(company_key, at)
    return card(record.partner) if record and record.partner.status == Status.ACTIVE else None


def partners_of_record(*, company_keys: Collection[str], at: datetime) -> dict[str, str]:
    """Return the code of each company's partner of record, in bulk; a company without an active one is missing."""
    companies = list(CompanyProfile.objects.filter(key__in=company_keys))
    as_one = companies_as_one_each([company.pk for company in companies], at=at)
    rows: dict[int, list[Relationship]] = defaultdict(list)
    for row in relationships_of({pk for group in as_one.values() for pk in group}):
        rows[row.company_id].append(row)
    found = {}
    for company in companies:
        own = {relationship_fact(row): row for pk in as_one[company.pk] for row in rows[pk]}
        record = stewardship.partner_of_record(own, company.segment, at)
        if record and own[record].partner.status == Status.ACTIVE:
            found[company.key] = record.partner
    return found


def order_channel(*, number: str) -> OrderChannel | None:
    """Return how an order was bought; None for an order placed before channels knew of orders."""
    order = OrderRecord.objects.select_related("chosen_partner").filter(number=number).first()
    if order is None:
        return None
    partner = card(order.chosen_partner) if order.chosen_partner else None
    return OrderChannel(number=number, channel=Channel(order.channel), partner=partner, cycle=order.cycle)


def _record(company_key: str, at: datetime) -> Relationship | None:
    if not company_key:
        return None
    company = CompanyProfile.objects.filter(key=company_key).first()
    if company is None:
        return None
    rows = relationships_of(companies_as_one([company.pk], at=at))
    facts = [relationship_fact(row) for row in rows]
    record = stewardship.partner_of_record(facts, company.segment, at)
    return next((row for row, fact in zip(rows, facts, strict=True) if fact is record), None)


def _selling(partners: QuerySet[ChannelPartner], product_classes: frozenset[str]) -> QuerySet[ChannelPartner]:
    """Keep the partners of reselling kinds who may sell each of the classes; no classes of their own means all."""
    partners = partners.filter(kind__in=ChannelPartner.RESELLING_KINDS)
    restricted = partners
    for name in sorted(product_classes):
        restricted = holding(restricted, "product_classes", name)
    return partners.filter(Q(product_classes=[]) | Q(pk__in=restricted.values("pk")))


def _rank(partner: ChannelPartner, record: Relationship | None) -> tuple[bool, int, str]:
    is_record = record is not None and partner.pk == record.partner_id
    return (not is_record, TIER_ORDER.index(partner.tier), partner.name)


def _reason(partner: ChannelPartner, record: Relationship | None, country: str) -> str:
    if record is None or partner.pk != record.partner_id:
        return _("Sells these products in %(country)s.") % {"country": country_name(country)}
    since = date_format(record.valid_from, "j F Y")
    if record.role == Relationship.Role.RENEWAL_STEWARD:
        return _("Your partner of record since %(date)s: looks after your renewals.") % {"date": since}
    return _("Your partner of record since %(date)s: you have bought through them before.") % {"date": since}
