"""Which companies are one, on a day; what a merge would join, and which look like two records of one company."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from channels.core.free_mail import FREE_MAIL
from channels.journeys.engine.stewardship import partner_of_record
from channels.journeys.models import (
    CompanyMerge,
    CompanyProfile,
    OrderRecord,
    Relationship,
    SubscriptionProfile,
    Touchpoint,
    VisitorLogin,
)
from channels.journeys.selectors.rows import relationship_fact

MOST_SUGGESTIONS = 50


def merges_at(at: datetime) -> QuerySet[CompanyMerge]:
    """Return the merges in force at a moment."""
    return CompanyMerge.objects.filter(at__lte=at).filter(Q(end__isnull=True) | Q(end__at__gt=at))


def companies_as_one(company_ids: Collection[int], *, at: datetime) -> frozenset[int]:
    """Return the companies that are one with these at a moment, themselves among them.

    One query where nothing was merged, and one more for each step of a chain of merges.
    """
    return _joined(company_ids, _links(company_ids), at)


def companies_as_one_each(company_ids: Collection[int], *, at: datetime) -> dict[int, frozenset[int]]:
    """Return the same for each company by itself; as many queries as for one."""
    links = _links(company_ids)
    return {pk: _joined([pk], links, at) for pk in company_ids}


def companies_as_ordered(orders: Iterable[OrderRecord]) -> dict[int, frozenset[int]]:
    """Return, by order, the companies that were one with its own when it was placed; as many queries as for one order."""
    found = list(orders)
    links = _links({order.company_id for order in found})
    return {order.pk: _joined([order.company_id], links, order.placed_at) for order in found}


@dataclass(frozen=True, slots=True)
class _Link:
    """A merge: between which companies, and when."""

    pair: frozenset[int]
    at: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.at <= at and (self.until is None or at < self.until)


def _links(company_ids: Collection[int]) -> set[_Link]:
    """Return every merge, of whatever time, that leads to one of these companies."""
    links: set[_Link] = set()
    known = set(company_ids)
    frontier: Collection[int] = known
    while frontier:
        touching = CompanyMerge.objects.filter(Q(company__in=frontier) | Q(survivor__in=frontier))
        rows = touching.values_list("company_id", "survivor_id", "at", "end__at")
        links |= {_Link(frozenset((company, survivor)), at, until) for company, survivor, at, until in rows}
        frontier = {pk for link in links for pk in link.pair} - known
        known |= frontier
    return links


def _joined(company_ids: Collection[int], links: Iterable[_Link], at: datetime) -> frozenset[int]:
    pairs = [link.pair for link in links if link.holds(at)]
    found = set(company_ids)
    while reached := [pair for pair in pairs if pair & found and not pair <= found]:
        found.update(*reached)
    return frozenset(found)


def survivor_of(company: CompanyProfile, *, at: datetime) -> CompanyProfile:
    """Return the company that stands for this one at a moment; itself when it was not merged."""
    merge = merges_at(at).filter(company=company).select_related("survivor").first()
    return survivor_of(merge.survivor, at=at) if merge else company


def relationships_of(company_ids: Iterable[int]) -> list[Relationship]:
    """Return all relationships of companies, the earliest first."""
    found = Relationship.objects.filter(company__in=list(company_ids))
    return list(found.select_related("partner", "company", "end").order_by("valid_from", "id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two companies of a merge, with what it brings. `members` are merged into it already."""

    company: CompanyProfile
    members: list[CompanyProfile]
    touches: int
    people: int
    orders: int
    subscriptions: int
    running: list[Relationship]
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a merge would join. `record` is the partner of record afterwards; `warnings` are codes."""

    company: Side
    survivor: Side
    record: str
    warnings: tuple[str, ...]


def preview(company: CompanyProfile, survivor: CompanyProfile, *, at: datetime) -> Preview:
    """Return both sides and what they make together, without changing anything."""
    sides = [_side(one, at) for one in (company, survivor)]
    stewards = {row.partner_id for side in sides for row in side.running if row.role == "renewal_steward"}
    together = [row for side in sides for row in side.running]
    found = {
        "countries_differ": company.country != survivor.country,
        "vat_ids_differ": bool(company.vat_id and survivor.vat_id and company.vat_id != survivor.vat_id),
        "domains_differ": bool(
            company.email_domain and survivor.email_domain and company.email_domain != survivor.email_domain
        ),
        "two_stewards": len(stewards) > 1,
    }
    return Preview(
        company=sides[0],
        survivor=sides[1],
        record=_record(together, survivor.segment, at),
        warnings=tuple(code for code, holds in found.items() if holds),
    )


def _side(company: CompanyProfile, at: datetime) -> Side:
    ids = companies_as_one([company.pk], at=at)
    rows = relationships_of(ids)
    facts = [(row, relationship_fact(row)) for row in rows]
    running = [row for row, fact in facts if fact.valid_from <= at and (fact.valid_to is None or at < fact.valid_to)]
    touches = Touchpoint.objects.filter(Q(company__in=ids) | Q(company__isnull=True, visitor__company__in=ids))
    people = VisitorLogin.objects.filter(company__in=ids).values("user").distinct()
    return Side(
        company=company,
        members=list(CompanyProfile.objects.filter(pk__in=ids - {company.pk})),
        touches=touches.count(),
        people=people.count(),
        orders=OrderRecord.objects.filter(company__in=ids).count(),
        subscriptions=SubscriptionProfile.objects.filter(company__in=ids, status="active").count(),
        running=running,
        record=_record(running, company.segment, at),
    )


def _record(rows: Iterable[Relationship], segment: str, at: datetime) -> str:
    """The name of the partner of record that these relationships make."""
    rows = list(rows)
    found = partner_of_record([relationship_fact(row) for row in rows], segment, at)
    return next((row.partner.name for row in rows if found and row.partner.code == found.partner), "")


def possible_duplicates(*, at: datetime) -> list[list[CompanyProfile]]:
    """Return groups of companies with one VAT id or one e-mail domain of their own, that are not one yet."""
    groups: dict[frozenset[int], list[CompanyProfile]] = {}
    for field in ("vat_id", "email_domain"):
        shared = CompanyProfile.objects.exclude(**{field: ""}).exclude(email_domain__in=FREE_MAIL)
        values = shared.values(field).annotate(n=Count("pk")).filter(n__gt=1).order_by(field).values_list(field)
        rows: dict[str, list[CompanyProfile]] = {}
        for row in shared.filter(**{f"{field}__in": [value for (value,) in values[:MOST_SUGGESTIONS]]}):
            rows.setdefault(getattr(row, field), []).append(row)
        groups |= {frozenset(row.pk for row in found): found for found in rows.values()}
    merged = set(merges_at(at).values_list("company_id", flat=True))
    open_groups = ([row for row in found if row.pk not in merged] for found in groups.values())
    return [found for found in open_groups if len(found) > 1][:MOST_SUGGESTIONS]
