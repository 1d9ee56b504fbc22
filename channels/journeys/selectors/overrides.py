"""What an override would make of an order's lines: computed, not written."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import QuerySet

from channels.journeys.engine.decision import Decision
from channels.journeys.engine.eligibility import refusal
from channels.journeys.engine.facts import Journey, OverrideFact
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import decide_line
from channels.journeys.models import AttributionRun, OrderLine, OrderRecord, Override
from channels.journeys.selectors.facts import journey_of, partner_facts
from channels.partners.models import ChannelPartner

# {pool: {partner code: basis points}}
Pools = Mapping[str, Mapping[str, int]]


def open_overrides() -> QuerySet[Override]:
    return Override.objects.filter(state=Override.State.PROPOSED)


def run_in_force(order: OrderRecord) -> AttributionRun | None:
    """Return the attribution that counts, with the policy that it was made under."""
    done = order.attribution_runs.filter(state=AttributionRun.State.DONE)
    return done.select_related("policy").order_by("-sequence").first()


def lines_named(order: OrderRecord, keys: Iterable[str]) -> list[OrderLine]:
    """Return the lines with these keys; all of the order when none is named."""
    wanted = set(keys)
    return [line for line in order.lines.order_by("position") if not wanted or line.key in wanted]


def journey_with(order: OrderRecord, *, lines: Iterable[str], pools: Pools, reason: str, terms: PolicyTerms) -> Journey:
    """Return the order's journey with the override in it, and the partners that it names."""
    journey = journey_of(order, terms)
    codes = {code for shares in pools.values() for code in shares}
    named = set(ChannelPartner.objects.filter(code__in=codes).values_list("pk", flat=True))
    more = partner_facts(named, country=order.country, at=order.placed_at) if named else ()
    partners = {fact.code: fact for fact in (*more, *journey.partners)}
    facts = [
        OverrideFact(tuple(shares.items()), reason, pool=pool, line_key=line.key)
        for line in lines_named(order, lines)
        for pool, shares in (pools or {"": {}}).items()
    ]
    return replace(journey, overrides=tuple(facts), partners=tuple(partners.values()))


def decide_override(
    order: OrderRecord, run: AttributionRun, *, lines: Iterable[str], pools: Pools, reason: str
) -> tuple[Decision, ...]:
    """Return the decisions of the lines named, under the policy that the order was attributed with."""
    keys = list(lines)
    terms = _terms_of(order, run)
    journey = journey_with(order, lines=keys, pools=pools, reason=reason, terms=terms)
    named = {line.key for line in lines_named(order, keys)}
    return tuple(decide_line(journey, line, terms) for line in journey.lines if line.key in named)


def _terms_of(order: OrderRecord, run: AttributionRun) -> PolicyTerms:
    terms = PolicyTerms.from_json(run.policy.terms) if run.policy else PolicyTerms()
    return terms.for_mode(order.facts.get("site_mode", ""))


def refused_partners(order: OrderRecord, run: AttributionRun, *, pools: Pools) -> dict[str, str]:
    """Return why each partner named may earn nothing on this order, as codes; those who may are not in it."""
    terms = _terms_of(order, run)
    journey = journey_with(order, lines=(), pools=pools, reason="-", terms=terms)
    codes = sorted({code for shares in pools.values() for code in shares})
    found = {code: refusal(journey, code) for code in codes}
    return {code: skip.reason for code, skip in found.items() if skip}
