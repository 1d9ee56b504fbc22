"""What each partner should have earned on an order by now: a pure function of the order's frozen facts.

Kinds, tiers, the customer's first order and all that conditions ask (frozen.py) are frozen by the first rating, and so is
the programme version: a refund years later is rated as the sale was. The one in-between: facts of runs not yet done do not
count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from channels.commissions.engine.compiled import Lines, counters_of
from channels.commissions.engine.facts import CreditFact, RatedLine, Rating
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rating import compiled, rate_order
from channels.commissions.models import Adjustment, ProgrammeVersion, RatingRun
from channels.commissions.selectors.circumstances import Circumstances, sold_on
from channels.commissions.selectors.frozen import completed, credit_values, line_values, merged
from channels.commissions.selectors.payment import paid_since
from channels.commissions.selectors.programmes import Published
from channels.commissions.selectors.remaining import Remaining, remaining
from channels.contracts import OrderEventKind
from channels.journeys.models import AttributionRun, Credit, OrderEvent, OrderLine, OrderRecord


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the commission of one order depends on."""

    order: OrderRecord
    lines: Sequence[OrderLine]
    left: dict[str, Remaining]
    credits: Sequence[Credit]
    version: ProgrammeVersion | None
    frozen: dict[str, Any]
    paid_at: datetime | None
    delivered_at: datetime | None
    terms: ProgrammeTerms | None
    origin: ProgrammeTerms | None = None

    @property
    def hold_until(self) -> datetime | None:
        if self.terms is None or self.paid_at is None:
            return None
        return self.terms.held_until(paid_at=self.paid_at, delivered_at=self.delivered_at)


def orders_with_facts() -> QuerySet[OrderRecord]:
    """Return orders with everything that `facts_of` reads, in a fixed number of queries for however many orders."""
    done = AttributionRun.objects.filter(state=AttributionRun.State.DONE).order_by("-sequence")
    shares = Prefetch("credits", Credit.objects.select_related("rejection"))
    adjusted = Adjustment.objects.filter(line__order=OuterRef("pk"))
    return OrderRecord.objects.annotate(is_adjusted=Exists(adjusted)).prefetch_related(
        "lines",
        "events",
        Prefetch("attribution_runs", done.prefetch_related(shares, "credits__partner"), to_attr="done_attributions"),
        Prefetch("rating_runs", RatingRun.objects.select_related("programme_version__programme").order_by("pk")),
    )


def facts_of(
    order: OrderRecord, published: Published, *, up_to: OrderEvent | None = None, seen: Circumstances | None = None
) -> Facts:
    """Read the facts of an order from `orders_with_facts`: the events rated already, and those up to `up_to`.

    `seen` is what a first rating freezes, and one with a new partner; later ones need none.
    """
    rated = [run for run in order.rating_runs.all() if run.state == RatingRun.State.DONE]
    last = max([run.event_id or 0 for run in rated] + [up_to.pk if up_to else 0])
    events = [event for event in order.events.all() if event.pk <= last]
    version = version_of(order, published)
    lines = list(order.lines.all())
    shares = credits_in_force(order)
    frozen = _frozen(order, rated, shares, seen)
    return Facts(
        order=order,
        lines=lines,
        left=remaining(lines, events),
        credits=shares,
        version=version,
        frozen=frozen,
        paid_at=paid_since(events),
        delivered_at=max((event.at for event in events if event.kind == OrderEventKind.DELIVERED), default=None),
        terms=published.terms_of(version) if version else None,
        origin=origin_terms(date.fromisoformat(frozen["anchor_on"]), order.placed_at, published),
    )


def credits_in_force(order: OrderRecord) -> list[Credit]:
    """Return the credits of the latest attribution; earlier ones are history."""
    attributions: list[AttributionRun] = order.done_attributions  # type: ignore[attr-defined]
    return list(attributions[0].credits.all()) if attributions else []


def version_of(order: OrderRecord, published: Published) -> ProgrammeVersion | None:
    """Return the version that the order was first rated under, else the one of its day."""
    rated = [run for run in order.rating_runs.all() if run.state == RatingRun.State.DONE]
    version = next((run.programme_version for run in rated if run.programme_version), None)
    return version or published.in_force(at=order.placed_at)


def holdouts_of(orders: Iterable[OrderRecord], published: Published) -> dict[int, int]:
    """Return the share of companies held out, for each order whose programme pays an uplift."""
    found: dict[int, int] = {}
    for order in orders:
        version = version_of(order, published)
        terms = published.terms_of(version) if version else None
        if terms and any(rule.base == "uplift" for rule in terms.rules):
            found[order.pk] = terms.holdout_bp
    return found


def is_seen(order: OrderRecord) -> bool:
    """Say whether earlier ratings froze all that the next one asks: then nobody needs to look again."""
    runs = [run for run in order.rating_runs.all() if run.state == RatingRun.State.DONE]
    known = merged(run.frozen for run in runs).get("partners", {})
    return bool(runs) and all(str(credit.partner_id) in known for credit in credits_in_force(order))


def lines_of(facts: Facts) -> Lines:
    """Return what the engine rates: the credited lines of a paid order, each with its credits."""
    if facts.terms is None or facts.paid_at is None:
        return ()
    shares: dict[int, list[CreditFact]] = {}
    for credit in facts.credits:
        shares.setdefault(credit.line_id, []).append(_credit_fact(credit, facts.frozen))
    return [(_rated_line(line, facts), shares[line.pk]) for line in facts.lines if line.pk in shares]


def counters_for(facts: Facts) -> frozenset[str]:
    """Return the counters that rating the order may ask, each named with its programme: versions share them."""
    if facts.version is None or facts.terms is None:
        return frozenset()
    programme = compiled(facts.terms)
    names = counters_of(lines_of(facts), programme) if programme.is_counted else ()
    return frozenset(f"{facts.version.programme.code}:{name}" for name in names)


def rating_of(facts: Facts) -> Rating:
    """Return the targets and the skips. Nothing is earned before payment, or outside every programme.

    Counters are what the last rating froze; services/counters.py reads them for a first one.
    """
    lines = lines_of(facts)
    if facts.version is None or facts.terms is None or not lines:
        return Rating((), ())
    prefix = f"{facts.version.programme.code}:"
    before = {name.removeprefix(prefix): held for name, held in facts.frozen.get("before", {}).items()}
    rating = rate_order(lines, facts.terms, before=before, origin=facts.origin)
    return replace(rating, used={prefix + name: held for name, held in rating.used.items()})


def partner_key(partner_id: int) -> str:
    """Return the engine's name of a partner: text that sorts as the number does, since ties go by it."""
    return f"{partner_id:012d}"


def _frozen(
    order: OrderRecord, rated: Iterable[RatingRun], shares: Iterable[Credit], seen: Circumstances | None
) -> dict[str, Any]:
    """What earlier ratings saw, and what is seen now for the first time."""
    return completed(
        merged(run.frozen for run in rated),
        anchor_on=(seen and seen.anchor_on) or sold_on(order),
        partners={str(credit.partner_id): [credit.partner.kind, credit.partner.tier] for credit in shares},
        seen=seen,
    )


def origin_terms(anchor_on: date, placed_at: datetime, published: Published) -> ProgrammeTerms | None:
    """Return the terms in force when the customer came: for rules that keep their rate."""
    version = published.in_force(at=min(datetime.combine(anchor_on, time.max, tzinfo=UTC), placed_at))
    return published.terms_of(version) if version else None


def _credit_fact(credit: Credit, frozen: dict[str, Any]) -> CreditFact:
    kind, tier = frozen["partners"][str(credit.partner_id)]
    return CreditFact(
        pool=credit.pool,
        partner=partner_key(credit.partner_id),
        share_bp=credit.share_bp,
        role=credit.role,
        kind=kind,
        tier=tier,
        held_for_review=credit.is_held_for_review,
        rejected=hasattr(credit, "rejection"),
        **credit_values(frozen, credit.partner_id),
    )


def _rated_line(line: OrderLine, facts: Facts) -> RatedLine:
    left, order = facts.left[line.key], facts.order
    company = order.facts.get("company") or {}
    return RatedLine(
        key=line.key,
        net_minor=left.net_minor,
        currency=order.currency,
        sold_on=sold_on(order),
        # An unknown cost leaves no margin to share: rules on the margin pay nothing until it is known.
        cost_minor=left.net_minor if left.cost_minor is None else left.cost_minor,
        is_cost_known=left.cost_minor is not None,
        channel=order.channel.upper(),
        country=order.country,
        cycle=order.cycle,
        product_class=line.product_class,
        categories=tuple(line.categories),
        segment=company.get("segment", ""),
        term_months=line.term_months or 0,
        quantity=left.quantity,
        anchor_on=date.fromisoformat(facts.frozen["anchor_on"]),
        sku=line.sku,
        customer=company.get("key", ""),
        sold_net_minor=line.net_minor,
        sold_quantity=line.quantity,
        **line_values(facts.frozen, line.key),
    )
