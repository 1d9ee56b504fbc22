"""Gathering what the engine decides from: rows of one order's world, as of the order, turned into frozen facts."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

from channels.contracts import TouchKind
from channels.core.periods import add_months
from channels.core.roles import Role
from channels.journeys.engine.facts import (
    Channel,
    IdentityFact,
    Journey,
    LineFact,
    OrderFacts,
    PartnerFact,
    RelationshipFact,
    Touch,
)
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.models import CompanyProfile, OrderLine, OrderRecord, Relationship, Touchpoint, Visitor
from channels.partners.models import Agreement, ChannelPartner, PartnerMember
from channels.partners.selectors import serving, statuses_at

# Touches up to this much older than the window are told of as outside it; anything older is history.
LOOK_BACK = timedelta(days=365)
MOST_TOUCHES = 500

ROLE_OF_KIND = {
    TouchKind.LINK.value: Role.SOURCER,
    TouchKind.REFERRAL_CODE.value: Role.SOURCER,
    TouchKind.INTRODUCTION.value: Role.SOURCER,
}


def journey_of(order: OrderRecord, terms: PolicyTerms) -> Journey:
    """Return the order's journey in a fixed number of queries, however much there is."""
    touches = touches_of(order, terms)
    relationships = relationships_of(order.company)
    named = {touch.partner_id for touch in touches if touch.partner_id}
    named |= {row.partner_id for row in relationships}
    named |= {order.chosen_partner_id} if order.chosen_partner_id else set()
    return Journey(
        order=_order_fact(order),
        lines=tuple(line_fact(line, order.company.segment) for line in order.lines.order_by("position")),
        touches=tuple(touch_fact(touch) for touch in touches),
        relationships=tuple(relationship_fact(row) for row in relationships),
        partners=partner_facts(named, country=order.country, at=order.placed_at),
    )


def touches_of(order: OrderRecord, terms: PolicyTerms) -> list[Touchpoint]:
    """Return the touches of this company: noted on it, on the buyer, or on a browser known to be one of theirs."""
    browsers = Q(company=order.company)
    if order.user_id:
        browsers |= Q(user_id=order.user_id, company__isnull=True)
    if order.visitor_key:
        browsers |= Q(key=order.visitor_key, company__isnull=True)
    visitors = list(Visitor.objects.filter(browsers).values_list("pk", flat=True))
    theirs = Q(company=order.company) | Q(company__isnull=True, visitor_id__in=visitors)
    if order.user_id:
        theirs |= Q(company__isnull=True, user_id=order.user_id)
    since = order.placed_at - timedelta(days=terms.window_days) - LOOK_BACK
    found = Touchpoint.objects.filter(theirs, at__gt=since, at__lte=order.placed_at).select_related("partner")
    return list(reversed(found.order_by("-at", "-id")[:MOST_TOUCHES]))


def relationships_of(company: CompanyProfile) -> list[Relationship]:
    return list(company.relationships.select_related("partner", "end").order_by("valid_from", "id"))


def touch_fact(touch: Touchpoint) -> Touch:
    return Touch(
        id=touch.key,
        partner=touch.partner.code if touch.partner else None,
        at=touch.at,
        kind=touch.kind,
        medium=touch.medium,
        campaign=touch.campaign,
        role=ROLE_OF_KIND.get(touch.kind, Role.INFLUENCER),
    )


def relationship_fact(row: Relationship) -> RelationshipFact:
    ends = [moment for moment in (row.valid_to, row.end.at if hasattr(row, "end") else None) if moment]
    return RelationshipFact(
        partner=row.partner.code,
        role=row.role,
        segment=row.segment,
        valid_from=row.valid_from,
        valid_to=min(ends, default=None),
    )


def line_fact(line: OrderLine, segment: str) -> LineFact:
    return LineFact(
        key=line.key,
        sku=line.sku,
        product_class=line.product_class,
        segment=segment,
        net_minor=line.net_minor,
        term_months=line.term_months or 0,
        subscription=line.term_months is not None or bool(line.subscription_key),
        categories=tuple(line.categories),
        quantity=line.quantity,
    )


def partner_facts(named: set[int], *, country: str, at: datetime) -> tuple[PartnerFact, ...]:
    """Return the partners named, those who serve the country, and the distributors above them."""
    wanted = Q(pk__in=named) | Q(pk__in=serving(ChannelPartner.objects.all(), country).values("pk"))
    partners = {row.pk: row for row in ChannelPartner.objects.filter(wanted).select_related("parent")}
    partners |= {row.parent.pk: row.parent for row in list(partners.values()) if row.parent}
    statuses = statuses_at(partners.values(), at)
    tails = _tails(partners)
    users: dict[int, set[str]] = {}
    for partner_id, user_id in PartnerMember.objects.filter(partner_id__in=partners).values_list("partner", "user"):
        users.setdefault(partner_id, set()).add(str(user_id))
    codes = {row.pk: row.code for row in partners.values()}
    return tuple(
        PartnerFact(
            code=row.code,
            status=statuses[row.pk],
            kind=row.kind,
            parent=codes.get(row.parent_id) if row.parent_id else None,
            territories=frozenset(row.territories or [row.country]),
            product_classes=frozenset(row.product_classes),
            domains=frozenset(domain.lower() for domain in row.email_domains),
            vat_id=row.vat_id,
            tail_until=tails.get(row.pk),
            member_user_ids=frozenset(users.get(row.pk, ())),
        )
        for row in sorted(partners.values(), key=lambda row: row.code)
    )


def _tails(partners: Iterable[int]) -> dict[int, datetime]:
    """When each terminated agreement's tail ends; the latest version speaks."""
    ended = Agreement.objects.filter(
        partner_id__in=list(partners), status=Agreement.Status.TERMINATED, ended_at__isnull=False
    )
    tails: dict[int, datetime] = {}
    for agreement in ended.order_by("version"):
        if agreement.ended_at is not None:
            day = add_months(agreement.ended_at.date(), agreement.tail_months)
            tails[agreement.partner_id] = datetime.combine(day, time.min, tzinfo=UTC)
    return tails


def _order_fact(order: OrderRecord) -> OrderFacts:
    return OrderFacts(
        number=order.number,
        placed_at=order.placed_at,
        channel=Channel(order.channel.upper()),
        chosen_partner=order.chosen_partner.code if order.chosen_partner else None,
        country=order.country,
        cycle=order.cycle,
        buyer=IdentityFact(
            user_ids=frozenset({str(order.user_id)} if order.user_id else ()),
            company=order.company.key,
            vat_id=order.company.vat_id,
            email_domain=order.company.email_domain,
        ),
    )
