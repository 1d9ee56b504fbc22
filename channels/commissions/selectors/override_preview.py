"""Who would gain and who would lose by an override: computed from the order's frozen facts, nothing written."""

from copy import copy
from dataclasses import dataclass, replace

from channels.commissions.engine.facts import Rating
from channels.commissions.selectors import targets
from channels.commissions.selectors.circumstances import circumstances_of
from channels.commissions.selectors.programmes import Published
from channels.journeys.engine.decision import CreditShare
from channels.journeys.models import AttributionRun, Credit, OrderRecord
from channels.journeys.selectors import overrides
from channels.journeys.selectors.overrides import Pools
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Change:
    """One partner's commission of one type on one line, as it is and as it would be."""

    partner: ChannelPartner
    line_key: str
    line_title: str
    type: str
    before_minor: int
    after_minor: int
    is_held_for_review: bool

    @property
    def delta_minor(self) -> int:
        return self.after_minor - self.before_minor


@dataclass(frozen=True, slots=True)
class Preview:
    """`is_paid` False: nothing is earned before payment, and the amounts are those of the day it is paid."""

    order: OrderRecord
    is_paid: bool
    changes: tuple[Change, ...]

    def by_partner(self) -> dict[ChannelPartner, int]:
        """Return what each partner gains (or loses, negative), those who keep theirs included."""
        totals: dict[ChannelPartner, int] = {}
        for change in self.changes:
            totals[change.partner] = totals.get(change.partner, 0) + change.delta_minor
        return totals


def preview(order: OrderRecord, *, lines: list[str], pools: Pools, reason: str = "-") -> Preview:
    """Rate the order with the credits it has and with those proposed. The order must be attributed."""
    run = overrides.run_in_force(order)
    if run is None:
        raise LookupError(f"order {order.number} is not attributed")
    found = targets.orders_with_facts().get(pk=order.pk)
    published = Published()
    now = targets.facts_of(found, published)
    decisions = overrides.decide_override(order, run, lines=lines, pools=pools, reason=reason)
    shares = [share for decision in decisions for share in decision.credits]
    decided = {decision.line_key for decision in decisions}
    keys = {line.pk: line.key for line in now.lines}
    kept = [credit for credit in now.credits if keys[credit.line_id] not in decided]
    found.done_attributions = [_imagined(run, [*kept, *_credits(run, shares, now)])]  # type: ignore[attr-defined]
    seen = {} if targets.is_seen(found) else circumstances_of([found])
    then = targets.facts_of(found, published, seen=seen.get(order.pk))
    paid_at = now.paid_at or order.placed_at
    before, after = (targets.rating_of(replace(facts, paid_at=paid_at)) for facts in (now, then))
    return Preview(order, now.paid_at is not None, _changes(before, after, now))


def _imagined(run: AttributionRun, credits: list[Credit]) -> AttributionRun:
    """A copy of the run whose credits are these; no row of either is touched."""
    imagined = copy(run)
    imagined._prefetched_objects_cache = {"credits": credits}  # type: ignore[attr-defined]
    return imagined


def _credits(run: AttributionRun, shares: list[CreditShare], facts: targets.Facts) -> list[Credit]:
    lines = {line.key: line for line in facts.lines}
    partners = {row.code: row for row in ChannelPartner.objects.filter(code__in={share.partner for share in shares})}
    return [
        Credit(
            run=run,
            line=lines[share.line_key],
            pool=share.pool,
            partner=partners[share.partner],
            role=share.role,
            share_bp=share.share_bp,
            is_held_for_review=share.held_for_review,
        )
        for share in shares
    ]


def _changes(before: Rating, after: Rating, facts: targets.Facts) -> tuple[Change, ...]:
    """Lines in the order of the order; partners by name."""
    titles = {line.key: (line.position, line.title) for line in facts.lines}
    had = {(row.line_key, row.partner, str(row.type)): row for row in before.targets}
    gets = {(row.line_key, row.partner, str(row.type)): row for row in after.targets}
    partners = ChannelPartner.objects.in_bulk({int(partner) for _, partner, _ in had.keys() | gets.keys()})
    changes = [
        Change(
            partner=partners[int(partner)],
            line_key=line,
            line_title=titles[line][1],
            type=kind,
            before_minor=had[name].amount_minor if (name := (line, partner, kind)) in had else 0,
            after_minor=gets[name].amount_minor if name in gets else 0,
            is_held_for_review=name in gets and gets[name].held_for_review,
        )
        for line, partner, kind in had.keys() | gets.keys()
    ]
    changes.sort(key=lambda row: (titles[row.line_key][0], row.partner.name, row.partner.pk, row.type))
    return tuple(changes)
