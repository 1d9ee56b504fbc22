"""What the rules ask about an order beside its own lines: read once, when it is first rated, and then frozen.

Only what says something is kept, so that the frozen facts stay small; `targets.py` reads them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from channels.commissions.models import StewardAcceptance
from channels.commissions.selectors.renewal_rates import RenewalRates
from channels.contracts import TouchKind
from channels.core.money import divide_half_up
from channels.core.periods import add_months
from channels.journeys.models import AttributionRun, CompanyProfile, Credit, OrderLine, OrderRecord, Touchpoint
from channels.journeys.selectors.companies import companies_as_ordered
from channels.partners.models import ChannelPartner, PartnerCertification

# What a steward may point to as looking after a customer: something a person did there.
ACTIVITIES = (TouchKind.CALL, TouchKind.VISIT, TouchKind.DEMO, TouchKind.EVENT)
LONGEST_ACTIVITY = timedelta(days=3 * 366)
Frozen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of one order: `order`, `lines` by line key, `credits` by partner id: plain JSON. `anchor_on` is the customer's first day."""

    anchor_on: date | None = None
    order: Frozen = field(default_factory=dict)
    lines: Mapping[str, Frozen] = field(default_factory=dict)
    credits: Mapping[str, Frozen] = field(default_factory=dict)


def circumstances_of(
    orders: Sequence[OrderRecord], holdouts: Mapping[int, int] | None = None
) -> dict[int, Circumstances]:
    """Read them for orders of `targets.orders_with_facts`, in a fixed number of queries for however many.

    `holdouts` names the orders whose programme pays an uplift, with the share of companies that it holds out.
    """
    if not orders:
        return {}
    shares = {order.pk: _credits(order) for order in orders}
    one = companies_as_ordered(orders)
    customers = _Customers.of(one)
    contracts = _contracts(orders, one)
    partners = _Partners.of(orders, shares, one)
    rates = _rates(orders, shares, holdouts or {})
    return {
        order.pk: Circumstances(
            anchor_on=customers.anchor_on(order),
            order=customers.told(order),
            lines={
                line.key: told
                for line in order.lines.all()
                if (told := _line(line, order, _terms_of(line, contracts, one[order.pk])))
            },
            credits={
                str(pk): told
                for pk in {credit.partner_id for credit in shares[order.pk]}
                if (told := partners.told(order, pk, shares[order.pk]) | rates.get((order.pk, pk), {}))
            },
        )
        for order in orders
    }


def sold_on(order: OrderRecord) -> date:
    return order.placed_at.astimezone(UTC).date()


def _credits(order: OrderRecord) -> list[Credit]:
    runs: list[AttributionRun] = order.done_attributions  # type: ignore[attr-defined]
    return list(runs[0].credits.all()) if runs else []


@dataclass(frozen=True, slots=True)
class _Customers:
    """The first order of each order's customer, when it was placed, and whether a partner was credited for it."""

    first: Mapping[int, tuple[datetime, int]]
    by_partner: Mapping[int, bool]

    @classmethod
    def of(cls, one: Mapping[int, frozenset[int]]) -> "_Customers":
        """`one` names the companies that are the customer, by order."""
        earliest = OrderRecord.objects.filter(company=OuterRef("pk")).order_by("placed_at", "pk")
        companies = CompanyProfile.objects.filter(pk__in=frozenset[int]().union(*one.values()))
        rows = companies.annotate(
            first_at=Subquery(earliest.values("placed_at")[:1]), first=Subquery(earliest.values("pk")[:1])
        )
        began = {pk: (at, order) for pk, at, order in rows.values_list("pk", "first_at", "first") if order is not None}
        first = {order: min(began[pk] for pk in ids if pk in began) for order, ids in one.items()}
        first_ids = {pk for _at, pk in first.values()}
        runs = AttributionRun.objects.filter(order__in=first_ids, state=AttributionRun.State.DONE)
        latest = dict(runs.order_by("order_id", "sequence").values_list("order_id", "pk"))
        credited = Credit.objects.filter(run__in=latest.values()).exclude(pool=Credit.Pool.OVERRIDE)
        helped = set(credited.values_list("run_id", flat=True))
        return cls(first, {order_id: run_id in helped for order_id, run_id in latest.items()})

    def anchor_on(self, order: OrderRecord) -> date:
        return self.first[order.pk][0].astimezone(UTC).date()

    def told(self, order: OrderRecord) -> Frozen:
        first = self.first[order.pk][1]
        business = "renewal" if order.cycle > 0 else "first" if first == order.pk else "expansion"
        found: Frozen = {"business": business}
        if first in self.by_partner:
            found["acquired"] = "partner" if self.by_partner[first] else "direct"
        return found


@dataclass(frozen=True, slots=True)
class _Term:
    """One term of a contract: who had what, from when to when, and what it cost."""

    key: str
    subscription: str
    placed: tuple[datetime, int]  # with the order's id: two orders of one moment have a sequence too
    start: date
    end: date
    months: int
    net_minor: int


def _contracts(orders: Sequence[OrderRecord], one: Mapping[int, frozenset[int]]) -> dict[tuple[int, str], list[_Term]]:
    """Return every term of the same products that these customers had, by company, in the order of their starts."""
    wanted = {
        (company, line.sku)
        for order in orders
        for line in order.lines.all()
        if _renews(line)
        for company in one[order.pk]
    }
    if not wanted:
        return {}
    rows = OrderLine.objects.filter(
        order__company__in={company for company, _ in wanted}, sku__in={sku for _, sku in wanted}
    ).filter(Q(term_months__isnull=False) | ~Q(subscription_key=""))
    found: dict[tuple[int, str], list[_Term]] = {}
    for company_id, sku, key, subscription, placed_at, order_id, months, net in rows.order_by(
        "order__placed_at", "order_id", "position"
    ).values_list(
        "order__company_id", "sku", "key", "subscription_key", "order__placed_at", "order_id", "term_months",
        "net_minor",
    ):  # fmt: skip
        start, term = placed_at.astimezone(UTC).date(), months or 1
        row = _Term(key, subscription, (placed_at, order_id), start, add_months(start, term), term, net)
        found.setdefault((company_id, sku), []).append(row)
    return found


def _renews(line: OrderLine) -> bool:
    return line.term_months is not None or bool(line.subscription_key)


def _terms_of(
    line: OrderLine, contracts: Mapping[tuple[int, str], Sequence[_Term]], companies: Iterable[int]
) -> list[_Term]:
    if not _renews(line):
        return []
    return sorted(
        (term for company in sorted(companies) for term in contracts.get((company, line.sku), ())),
        key=lambda term: term.placed,
    )


def _line(line: OrderLine, order: OrderRecord, terms: Sequence[_Term]) -> Frozen:
    found: Frozen = {}
    if order.done_attributions and _step(order, line.key) == "deal":  # type: ignore[attr-defined]
        found["deal"] = True
    earlier = [term for term in terms if term.placed < (order.placed_at, order.pk)]
    if lapses := _lapses([*earlier, *(term for term in terms if term.key == line.key)]):
        found["lapses"] = lapses
    same = [term for term in earlier if line.subscription_key and term.subscription == line.subscription_key]
    if order.cycle > 0 and same:
        last = same[-1]
        found["previous_net_minor"] = divide_half_up(last.net_minor * (line.term_months or 1), last.months)
    return found


def _step(order: OrderRecord, line_key: str) -> str:
    run: AttributionRun = order.done_attributions[0]  # type: ignore[attr-defined]
    return next((row["step"] for row in run.explanation.get("lines", []) if row["line"] == line_key), "")


def _lapses(terms: Sequence[_Term]) -> list[list[str | int]]:
    """Return when the product began again after none of its terms ran, and after how many days."""
    lapses: list[list[str | int]] = []
    end: date | None = None
    for term in terms:
        if end is not None and term.start > end:
            lapses.append([term.start.isoformat(), (term.start - end).days])
        end = max(end, term.end) if end else term.end
    return lapses


@dataclass(frozen=True, slots=True)
class _Partners:
    """What the credited partners were and did by the day of the order."""

    partners: Mapping[int, ChannelPartner]
    certified: Sequence[tuple[int, str, date, date | None]]
    campaigns: Mapping[str, str]
    activities: Mapping[tuple[int, int], Sequence[datetime]]
    accepted: Mapping[tuple[int, int], Sequence[datetime]]
    one: Mapping[int, frozenset[int]]

    @classmethod
    def of(
        cls, orders: Sequence[OrderRecord], shares: Mapping[int, Sequence[Credit]], one: Mapping[int, frozenset[int]]
    ) -> "_Partners":
        every = [credit for found in shares.values() for credit in found]
        keys = {key for credit in every for key in credit.touch_keys}
        touches = Touchpoint.objects.filter(key__in=keys).exclude(campaign="")
        renewing = [order for order in orders if any(row.pool == Credit.Pool.RENEWAL for row in shares[order.pk])]
        stewards = {row.partner_id for order in renewing for row in shares[order.pk]}
        customers = frozenset[int]().union(*(one[order.pk] for order in renewing))
        return cls(
            partners={credit.partner_id: credit.partner for credit in every},
            certified=_certified({credit.partner_id for credit in every}),
            campaigns=dict(touches.values_list("key", "campaign")) if keys else {},
            activities=_activities(renewing, stewards, customers) if renewing else {},
            accepted=_accepted(stewards, customers) if renewing else {},
            one=one,
        )

    def told(self, order: OrderRecord, partner_id: int, shares: Iterable[Credit]) -> Frozen:
        day = sold_on(order)
        partner = self.partners[partner_id]
        own = [credit for credit in shares if credit.partner_id == partner_id]
        codes = {
            code
            for pk, code, start, end in self.certified
            if pk == partner_id and start <= day and (end is None or day < end)
        }
        campaigns = {self.campaigns[key] for credit in own for key in credit.touch_keys if key in self.campaigns}
        pairs = [(company, partner_id) for company in self.one[order.pk]]
        active = [at for pair in pairs for at in self.activities.get(pair, ()) if at <= order.placed_at]
        accepted = [at for pair in pairs for at in self.accepted.get(pair, ()) if at <= order.placed_at]
        found: Frozen = {
            "certifications": sorted(codes),
            "campaigns": sorted(campaigns),
            "own_territory": order.country in (partner.territories or [partner.country]),
            "steward_accepted": bool(accepted),
        }
        if active:
            found["activity_days_ago"] = (day - max(active).astimezone(UTC).date()).days
        return {name: value for name, value in found.items() if value or (value == 0 and value is not False)}


def _certified(partner_ids: set[int]) -> list[tuple[int, str, date, date | None]]:
    rows = PartnerCertification.objects.filter(partner__in=partner_ids)
    return [
        (pk, code, start, min(filter(None, (until, ended)), default=None))
        for pk, code, start, until, ended in rows.values_list(
            "partner_id", "code", "valid_from", "valid_until", "end__on"
        )
    ]


def _rates(
    orders: Sequence[OrderRecord], shares: Mapping[int, Sequence[Credit]], holdouts: Mapping[int, int]
) -> dict[tuple[int, int], Frozen]:
    asked = [
        (order, credit.partner_id)
        for order in orders
        for credit in shares[order.pk]
        if order.pk in holdouts and credit.pool == Credit.Pool.RENEWAL
    ]
    if not asked:
        return {}
    found = RenewalRates.read(
        until=max(order.placed_at for order, _ in asked), partner_ids=[partner_id for _, partner_id in asked]
    )
    return {
        (order.pk, partner_id): {
            "renewal_rate_bp": found.of_steward(partner_id, on=sold_on(order)),
            "baseline_rate_bp": found.baseline(on=sold_on(order), holdout_bp=holdouts[order.pk]),
        }
        for order, partner_id in asked
    }


def _activities(
    orders: Sequence[OrderRecord], stewards: set[int], companies: Iterable[int]
) -> dict[tuple[int, int], list[datetime]]:
    moments = [order.placed_at for order in orders]
    rows = Touchpoint.objects.filter(
        company__in=companies,
        partner__in=stewards,
        kind__in=ACTIVITIES,
        at__gt=min(moments) - LONGEST_ACTIVITY,
        at__lte=max(moments),
    )
    found: dict[tuple[int, int], list[datetime]] = {}
    for company_id, partner_id, at in rows.values_list("company_id", "partner_id", "at"):
        found.setdefault((company_id, partner_id), []).append(at)
    return found


def _accepted(stewards: set[int], companies: Iterable[int]) -> dict[tuple[int, int], list[datetime]]:
    rows = StewardAcceptance.objects.filter(relationship__company__in=companies, relationship__partner__in=stewards)
    found: dict[tuple[int, int], list[datetime]] = {}
    for company_id, partner_id, at in rows.values_list("relationship__company_id", "relationship__partner_id", "at"):
        found.setdefault((company_id, partner_id), []).append(at)
    return found
