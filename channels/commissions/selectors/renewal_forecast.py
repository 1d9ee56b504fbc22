"""What renews in the months to come, for how much, and the commission that its steward would earn.

An expected renewal is an order that nobody has placed: it is rated by the code that rates orders, on the facts of today
and under the programme of its date. Counters of brackets and limits begin at nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from channels.commissions.selectors import targets
from channels.commissions.selectors.circumstances import circumstances_of
from channels.commissions.selectors.programmes import Published
from channels.core.periods import Month, add_months
from channels.journeys.engine.stewardship import steward_on
from channels.journeys.models import (
    AttributionRun,
    CompanyProfile,
    Credit,
    OrderLine,
    OrderRecord,
    Relationship,
    SubscriptionProfile,
)
from channels.journeys.selectors.companies import companies_as_one_each, relationships_of
from channels.journeys.selectors.rows import relationship_fact
from channels.partners.models import ChannelPartner

GOES_ON = ("active", "past_due")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One renewal to come. Amounts are minor units of its currency; without a steward there is no commission."""

    subscription: SubscriptionProfile
    on: date
    value_minor: int
    steward: ChannelPartner | None
    commission_minor: int

    @property
    def currency(self) -> str:
        return self.subscription.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalForecast:
    """What renews in a month (its first day) in one currency, net, and the renewal commission that it would earn."""

    month: date
    currency: str
    renewals: int
    value_minor: int
    commission_minor: int


def expected_renewals(*, now: datetime, months: int = 12, partner: ChannelPartner | None = None) -> list[Expected]:
    """Return every renewal due before the end of so many months, this one included, by date; a partner's own with one.

    A constant number of queries. What is past due counts in the month of its due date, or in this one.
    """
    end = Month.of(now).shift(months).start.date()
    rows = SubscriptionProfile.objects.filter(status__in=GOES_ON, renews_on__lt=end).select_related("company")
    if partner is not None:
        mine = Relationship.objects.filter(partner=partner, role=Relationship.Role.RENEWAL_STEWARD)
        rows = rows.filter(company__in=mine.values("company"))
    subscriptions = list(rows.order_by("renews_on", "pk"))
    stewards = _Stewards.read(subscriptions, now)
    due = [(row, number, on, stewards.on(row, on)) for row in subscriptions for number, on in _dates(row, end)]
    if partner is not None:
        due = [found for found in due if found[3] is not None and found[3].pk == partner.pk]
    commissions = _commissions(due)
    return sorted(
        (
            Expected(
                subscription=row,
                on=on,
                value_minor=row.value_minor,
                steward=steward,
                commission_minor=commissions.get(place, 0),
            )
            for place, (row, _number, on, steward) in enumerate(due)
        ),
        key=lambda found: (found.on, found.subscription.pk),
    )


def by_month(renewals: Iterable[Expected], *, at: datetime) -> list[RenewalForecast]:
    """Sum up by month and currency; what is overdue belongs to the month of today."""
    today = Month.of(at)
    found: dict[tuple[Month, str], list[Expected]] = {}
    for row in renewals:
        found.setdefault((max(Month.of(_midnight(row.on)), today), row.currency), []).append(row)
    return [
        RenewalForecast(
            month=month.start.date(),
            currency=currency,
            renewals=len(rows),
            value_minor=sum(row.value_minor for row in rows),
            commission_minor=sum(row.commission_minor for row in rows),
        )
        for (month, currency), rows in sorted(found.items())
    ]


def forecast_renewals(*, at: datetime, months: int = 12) -> list[RenewalForecast]:
    """Return what renews in this and the next months by month and currency, and what it earns its stewards."""
    return by_month(expected_renewals(now=at, months=months), at=at)


def _dates(subscription: SubscriptionProfile, end: date) -> list[tuple[int, date]]:
    """Return (number, date) of the renewals of one subscription before a day."""
    first, step = subscription.renews_on, subscription.term_months or 1
    found: list[tuple[int, date]] = []
    while first is not None and (on := add_months(first, len(found) * step)) < end:
        found.append((len(found), on))
    return found


@dataclass(frozen=True, slots=True)
class _Stewards:
    """Who looks after each company when, with all that it was merged with."""

    relationships: Mapping[int, Sequence[Relationship]]
    one: Mapping[int, frozenset[int]]

    @classmethod
    def read(cls, subscriptions: Sequence[SubscriptionProfile], now: datetime) -> "_Stewards":
        one = companies_as_one_each({row.company_id for row in subscriptions}, at=now)
        found: dict[int, list[Relationship]] = {}
        for row in relationships_of({pk for group in one.values() for pk in group}):
            found.setdefault(row.company_id, []).append(row)
        return cls(found, one)

    def on(self, subscription: SubscriptionProfile, day: date) -> ChannelPartner | None:
        company: CompanyProfile = subscription.company
        rows = {relationship_fact(row): row for pk in self.one[company.pk] for row in self.relationships.get(pk, ())}
        steward = steward_on(rows, company.segment, _midnight(day))
        partner = rows[steward].partner if steward else None
        return partner if partner is not None and partner.status == ChannelPartner.Status.ACTIVE else None


_Due = tuple[SubscriptionProfile, int, date, ChannelPartner | None]


def _commissions(due: Sequence[_Due]) -> dict[int, int]:
    """Return the commission of each renewal by its place; those without steward or order before are left out."""
    lines = _latest_lines({row.key for row, *_ in due})
    orders = {
        place: _imagined(place, row, number, on, steward, lines[row.key])
        for place, (row, number, on, steward) in enumerate(due)
        if steward is not None and row.key in lines
    }
    published = Published()
    every = list(orders.values())
    seen = circumstances_of(every, targets.holdouts_of(every, published))
    found = {}
    for place, order in orders.items():
        facts = targets.facts_of(order, published, seen=seen[order.pk])
        rating = targets.rating_of(replace(facts, paid_at=order.placed_at))
        found[place] = sum(target.amount_minor for target in rating.targets)
    return found


def _latest_lines(keys: set[str]) -> dict[str, OrderLine]:
    rows = OrderLine.objects.filter(subscription_key__in=keys).select_related("order")
    return {row.subscription_key: row for row in rows.order_by("order__cycle", "order__placed_at", "pk")}


def _imagined(
    place: int, subscription: SubscriptionProfile, number: int, on: date, steward: ChannelPartner, last: OrderLine
) -> OrderRecord:
    """The order that the renewal would be, unsaved, with its line and its credit where queries would find them."""
    key = -1 - place
    order = OrderRecord(
        pk=key,
        number=f"expected:{subscription.key}:{on}",
        company=subscription.company,
        channel=last.order.channel,
        medium=last.order.medium,
        country=last.order.country,
        currency=subscription.currency,
        net_minor=subscription.value_minor,
        cycle=last.order.cycle + 1 + number,
        placed_at=_midnight(on),
        facts=last.order.facts,
    )
    line = OrderLine(
        pk=key,
        order=order,
        key=order.number,
        position=1,
        sku=last.sku,
        title=last.title,
        product_class=last.product_class,
        categories=last.categories,
        quantity=last.quantity,
        net_minor=subscription.value_minor,
        cost_minor=last.cost_minor,
        term_months=last.term_months,
        subscription_key=subscription.key,
    )
    run = AttributionRun(pk=key, order=order, state=AttributionRun.State.DONE)
    credit = Credit(  # without a key, so that nobody looks for its rejection
        run=run, line=line, pool=Credit.Pool.RENEWAL, partner=steward,
        role=Relationship.Role.RENEWAL_STEWARD, share_bp=10_000,
    )  # fmt: skip
    _found(run, credits=[credit])
    _found(order, lines=[line], events=[], rating_runs=[])
    order.done_attributions = [run]  # type: ignore[attr-defined]
    return order


def _found(row: OrderRecord | AttributionRun, **related: list[object]) -> None:
    """Let a row find these where it would ask the database."""
    row._prefetched_objects_cache = related  # type: ignore[union-attr]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
