"""Gathering what the engine decides from: rows of one order's world, as of the order, turned into frozen facts."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

from channels.core.periods import add_months
from channels.journeys.engine.facts import (
    Channel,
    IdentityFact,
    Journey,
    OrderFacts,
    PartnerFact,
)
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.models import DealProtection, OrderRecord, Touchpoint, Visitor
from channels.journeys.selectors.companies import companies_as_one, relationships_of
from channels.journeys.selectors.rows import deal_fact, line_fact, relationship_fact, touch_fact
from channels.partners.models import Agreement, ChannelPartner, PartnerMember
from channels.partners.selectors import serving, statuses_at

# Touches up to this much older than the window are told of as outside it; anything older is history.
LOOK_BACK = timedelta(days=365)
MOST_TOUCHES = 500


def journey_of(order: OrderRecord, terms: PolicyTerms) -> Journey:
    """Return the order's journey in a fixed number of queries, however much there is.

    Companies merged by the time of the order are one company; a later merge changes nothing for it.
    """
    companies = companies_as_one([order.company_id], at=order.placed_at)
    touches = touches_of(order, terms, companies)
    relationships = relationships_of(companies)
    deals = _deals(order, companies)
    named = {touch.partner_id for touch in touches if touch.partner_id}
    named |= {row.partner_id for row in relationships}
    named |= {row.partner_id for row in deals}
    named |= {order.chosen_partner_id} if order.chosen_partner_id else set()
    return Journey(
        order=_order_fact(order),
        lines=tuple(line_fact(line, order.company.segment) for line in order.lines.order_by("position")),
        touches=tuple(touch_fact(touch) for touch in touches),
        relationships=tuple(relationship_fact(row) for row in relationships),
        deals=tuple(deal_fact(row) for row in deals),
        partners=partner_facts(
            named,
            country=order.country,
            at=order.placed_at,
            buyers=_earlier_buyers(order, companies),
            company=order.company.key,
            account_holders=order.facts.get("account_holders", ()),
        ),
    )


def touches_of(order: OrderRecord, terms: PolicyTerms, companies: Collection[int]) -> list[Touchpoint]:
    """Return the touches of this company: noted on it, on the buyer, or on a browser known to be one of theirs."""
    browsers = Q(company__in=companies)
    if order.user_id:
        browsers |= Q(user_id=order.user_id, company__isnull=True)
    if order.visitor_key:
        browsers |= Q(key=order.visitor_key, company__isnull=True)
    visitors = list(Visitor.objects.filter(browsers).values_list("pk", flat=True))
    theirs = Q(company__in=companies) | Q(company__isnull=True, visitor_id__in=visitors)
    if order.user_id:
        theirs |= Q(company__isnull=True, user_id=order.user_id)
    since = order.placed_at - timedelta(days=terms.window_days) - LOOK_BACK
    found = Touchpoint.objects.filter(theirs, at__gt=since, at__lte=order.placed_at).select_related("partner")
    return list(reversed(found.order_by("-at", "-id")[:MOST_TOUCHES]))


def partner_facts(
    named: set[int],
    *,
    country: str,
    at: datetime,
    buyers: Collection[str] = (),
    company: str = "",
    account_holders: Collection[int] = (),
) -> tuple[PartnerFact, ...]:
    """Return the partners named, those who serve the country, and the distributors above them.

    A partner one of whose people is among `buyers` is taken to be the company itself. `account_holders` are the ids of
    partners that are paid on the account from which the company pays.
    """
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
            company=company if users.get(row.pk, set()) & set(buyers) else "",
            shares_account=row.pk in account_holders,
        )
        for row in sorted(partners.values(), key=lambda row: row.code)
    )


def _deals(order: OrderRecord, companies: Collection[int]) -> list[DealProtection]:
    """Return the deals that protect a partner at this company on the day of the order."""
    at = order.placed_at
    rows = DealProtection.objects.filter(company__in=companies, protected_from__lte=at, protected_until__gt=at)
    return list(rows.select_related("partner").order_by("protected_from", "pk"))


def _earlier_buyers(order: OrderRecord, companies: Collection[int]) -> set[str]:
    """Who bought for this company before: a partner whose people did is likely to be the company itself."""
    before = OrderRecord.objects.filter(company__in=companies, placed_at__lt=order.placed_at, user__isnull=False)
    return {str(user_id) for user_id in before.order_by().values_list("user", flat=True).distinct()}


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
