"""What each partner should have earned on an order by now: a pure function of the order's frozen facts.

Kinds, tiers and the customer's first order are frozen by the first rating, and so is the programme version: a refund
years later is rated as the sale was. The one in-between: facts of runs not yet done do not count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from channels.commissions.engine.facts import CreditFact, RatedLine, Rating
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rating import rate_line
from channels.commissions.models import ProgrammeVersion, RatingRun
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

    @property
    def hold_until(self) -> datetime | None:
        if self.terms is None or self.paid_at is None:
            return None
        return self.terms.held_until(paid_at=self.paid_at, delivered_at=self.delivered_at)


def orders_with_facts() -> QuerySet[OrderRecord]:
    """Return orders with everything that `facts_of` reads, in a fixed number of queries for however many orders."""
    done = AttributionRun.objects.filter(state=AttributionRun.State.DONE).order_by("-sequence")
    earlier = OrderRecord.objects.filter(company=OuterRef("company"), placed_at__lte=OuterRef("placed_at"))
    first = earlier.order_by("placed_at").values("placed_at")[:1]
    return OrderRecord.objects.annotate(first_order_at=Subquery(first)).prefetch_related(
        "lines",
        "events",
        Prefetch("attribution_runs", done.prefetch_related("credits__partner"), to_attr="done_attributions"),
        Prefetch("rating_runs", RatingRun.objects.select_related("programme_version__programme").order_by("pk")),
    )


def facts_of(order: OrderRecord, published: Published, *, up_to: OrderEvent | None = None) -> Facts:
    """Read the facts of an order from `orders_with_facts`: the events rated already, and those up to `up_to`."""
    rated = [run for run in order.rating_runs.all() if run.state == RatingRun.State.DONE]
    last = max([run.event_id or 0 for run in rated] + [up_to.pk if up_to else 0])
    events = [event for event in order.events.all() if event.pk <= last]
    version = next((run.programme_version for run in rated if run.programme_version), None)
    version = version or published.in_force(at=order.placed_at)
    lines = list(order.lines.all())
    shares = credits_in_force(order)
    return Facts(
        order=order,
        lines=lines,
        left=remaining(lines, events),
        credits=shares,
        version=version,
        frozen=_frozen(order, rated, shares),
        paid_at=min((event.at for event in events if event.kind == OrderEventKind.PAID), default=None),
        delivered_at=max((event.at for event in events if event.kind == OrderEventKind.DELIVERED), default=None),
        terms=published.terms_of(version) if version else None,
    )


def credits_in_force(order: OrderRecord) -> list[Credit]:
    """Return the credits of the latest attribution; earlier ones are history."""
    attributions: list[AttributionRun] = order.done_attributions  # type: ignore[attr-defined]
    return list(attributions[0].credits.all()) if attributions else []


def rating_of(facts: Facts) -> Rating:
    """Return the targets and the skips. Nothing is earned before payment, or outside every programme."""
    if facts.terms is None or facts.paid_at is None:
        return Rating((), ())
    shares: dict[int, list[CreditFact]] = {}
    for credit in facts.credits:
        shares.setdefault(credit.line_id, []).append(_credit_fact(credit, facts.frozen))
    ratings = [
        rate_line(_rated_line(line, facts), shares[line.pk], facts.terms) for line in facts.lines if line.pk in shares
    ]
    return Rating(
        tuple(target for rating in ratings for target in rating.targets),
        tuple(skip for rating in ratings for skip in rating.skipped),
    )


def partner_key(partner_id: int) -> str:
    """Return the engine's name of a partner: text that sorts as the number does, since ties go by it."""
    return f"{partner_id:012d}"


def _frozen(order: OrderRecord, rated: Iterable[RatingRun], shares: Iterable[Credit]) -> dict[str, Any]:
    """What earlier ratings saw, and what is seen now for the first time."""
    partners: dict[str, list[str]] = {}
    anchor, first = "", getattr(order, "first_order_at", None) or order.placed_at
    for run in rated:
        anchor = anchor or run.frozen.get("anchor_on", "")
        partners = run.frozen.get("partners", {}) | partners
    for credit in shares:
        partners.setdefault(str(credit.partner_id), [credit.partner.kind, credit.partner.tier])
    return {"anchor_on": anchor or first.astimezone(UTC).date().isoformat(), "partners": partners}


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
    )


def _rated_line(line: OrderLine, facts: Facts) -> RatedLine:
    left, order = facts.left[line.key], facts.order
    return RatedLine(
        key=line.key,
        net_minor=left.net_minor,
        currency=order.currency,
        sold_on=order.placed_at.astimezone(UTC).date(),
        # An unknown cost leaves no margin to share: rules on the margin pay nothing until it is known.
        cost_minor=left.net_minor if left.cost_minor is None else left.cost_minor,
        channel=order.channel.upper(),
        country=order.country,
        cycle=order.cycle,
        product_class=line.product_class,
        categories=tuple(line.categories),
        segment=(order.facts.get("company") or {}).get("segment", ""),
        term_months=line.term_months or 0,
        quantity=left.quantity,
        anchor_on=date.fromisoformat(facts.frozen["anchor_on"]),
    )
