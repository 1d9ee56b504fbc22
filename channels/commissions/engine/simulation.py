"""What a draft would have paid on past orders, beside what was really posted. The caller brings the frozen facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from channels.commissions.engine.compiled import COUNTED, Programme
from channels.commissions.engine.facts import CreditFact, RatedLine, Rating, Target
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rating import rate_order
from channels.commissions.engine.rules import BRACKET_KINDS

# Order line, partner, commission type; without a line ("") it is the whole order's.
Key = tuple[str, str, str]
K = TypeVar("K", str, tuple[str, ...])
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST_BREACHES = 500


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order as its last rating saw it: what refunds have left, its credits, and what it was posted.

    `partners` are the kind and the tier that the first rating froze. `guaranteed` is what the agreement promises a
    partner at least for a line (guarantee factor times the margin it would have earned), where it promises anything.
    `origin` is the programme in force when the customer came, for rules that keep its rate.
    """

    id: int
    number: str
    placed_at: datetime
    currency: str
    segment: str
    lines: Sequence[tuple[RatedLine, Sequence[CreditFact]]] = ()
    posted: Mapping[Key, int] = field(default_factory=dict)
    partners: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    guaranteed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    origin: ProgrammeTerms | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One partner's commission on one order, as it was and as the draft would have it."""

    order_id: int
    partner: str
    currency: str
    then_minor: int
    now_minor: int


@dataclass(slots=True)
class Simulation:
    """Adds orders up, one at a time, so that memory does not grow with their number."""

    programme: Programme
    counters: dict[str, int] = field(default_factory=dict)
    orders: int = 0
    lines: int = 0
    changed_orders: int = 0
    _totals: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _partners: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _tiers: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _segments: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _types: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _caps: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _shortfalls: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _breaches: list[dict[str, object]] = field(default_factory=list)

    def warm_up(self, order: PastOrder) -> None:
        """Let an order from before the period move the counters, and nothing else."""
        self._rate(order)

    def add(self, order: PastOrder) -> list[Change]:
        """Rate an order under the draft; return what changes for each of its partners."""
        self.orders += 1
        self.lines += len(order.lines)
        rating = self._rate(order)
        now: dict[tuple[str, str], int] = {}
        for target in rating.targets:
            pair = (target.partner, target.type)
            now[pair] = now.get(pair, 0) + target.amount_minor
            if target.cuts:
                self._note_caps(target)
        if order.guaranteed:
            self._note_breaches(order, rating.targets)
        return self._compare(order, now)

    def _rate(self, order: PastOrder) -> Rating:
        rating = rate_order(order.lines, self.programme, before=self.counters, origin=order.origin)
        for name, amount in rating.used.items():
            self.counters[name] = self.counters.get(name, 0) + amount
        return rating

    def _note_caps(self, target: Target) -> None:
        before = target.uncapped_minor
        for cut in target.cuts:
            if cut.reason.endswith("cap") and cut.after_minor < before:
                rule = "" if cut.reason == "total_cap" else target.rule_id
                _add(self._caps, (cut.reason, rule, target.currency), 1, before - cut.after_minor)
            before = cut.after_minor

    def _note_breaches(self, order: PastOrder, targets: Sequence[Target]) -> None:
        earned: dict[tuple[str, str], int] = {}
        for target in targets:
            key = (target.line_key, target.partner)
            earned[key] = earned.get(key, 0) + target.amount_minor
        for (line_key, partner), floor in order.guaranteed.items():
            short = floor - earned.get((line_key, partner), 0)
            if short <= 0:
                continue
            _add(self._shortfalls, (order.currency,), 1, short)
            if len(self._breaches) < MOST_BREACHES:
                self._breaches.append({
                    "order": order.number, "line": line_key, "partner": partner, "currency": order.currency,
                    "guaranteed_minor": floor, "now_minor": floor - short,
                })  # fmt: skip

    def _compare(self, order: PastOrder, now: Mapping[tuple[str, str], int]) -> list[Change]:
        then: dict[tuple[str, str], int] = {}
        for (_, partner, kind), amount in order.posted.items():
            then[partner, kind] = then.get((partner, kind), 0) + amount
        by_partner: dict[str, list[int]] = {}
        for pair in then.keys() | now.keys():
            partner, kind = pair
            before, after = then.get(pair, 0), now.get(pair, 0)
            _add(self._types, (kind, order.currency), before, after)
            _add(by_partner, partner, before, after)
        changes = []
        for partner in sorted(by_partner):
            before, after = by_partner[partner]
            tier = order.partners.get(partner, ("", ""))[1]
            _add(self._totals, (order.currency,), before, after)
            _add(self._partners, (partner, order.currency), before, after)
            _add(self._tiers, (tier, order.currency), before, after)
            _add(self._segments, (order.segment, order.currency), before, after)
            if before != after:
                changes.append(Change(order.id, partner, order.currency, before, after))
        self.changed_orders += bool(changes)
        return changes

    def result(self) -> dict[str, object]:
        """Return plain JSON; amounts are minor units, `then` what was posted and `now` what the draft pays."""
        return {
            "orders": self.orders,
            "lines": self.lines,
            "changed_orders": self.changed_orders,
            "totals": _rows(self._totals, ("currency",)),
            "partners": _rows(self._partners, ("partner", "currency")),
            "tiers": _rows(self._tiers, ("tier", "currency")),
            "segments": _rows(self._segments, ("segment", "currency")),
            "types": _rows(self._types, ("type", "currency")),
            "cap_hits": _rows(self._caps, ("cap", "rule", "currency"), ("commissions", "cut_minor")),
            "shortfalls": _rows(self._shortfalls, ("currency",), ("lines", "short_minor")),
            "breaches": list(self._breaches),
        }


def warm_from(programme: Programme, since: datetime) -> datetime:
    """Return from when on orders move the counters that the orders from `since` on are rated with."""
    periods = {
        period
        for rules in programme.by_type.values()
        for compiled in rules
        for period in (
            *((compiled.rule.bracket_period,) if compiled.rule.rate_kind in BRACKET_KINDS else ()),
            *(limit.per for limit in compiled.limits if limit.per in COUNTED),
        )
    }
    if "customer" in periods:
        return LONG_AGO
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if "year" in periods:
        return day.replace(month=1, day=1)
    if "quarter" in periods:
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(day=1) if periods else since


def _add(cells: dict[K, list[int]], key: K, first: int, second: int) -> None:
    cell = cells.get(key)
    if cell is None:
        cells[key] = [first, second]
    else:
        cell[0] += first
        cell[1] += second


def _rows(
    cells: Mapping[tuple[str, ...], list[int]],
    names: Sequence[str],
    amounts: Sequence[str] = ("then_minor", "now_minor"),
) -> list[dict[str, object]]:
    return [
        {**dict(zip(names, key, strict=True)), **dict(zip(amounts, cells[key], strict=True))} for key in sorted(cells)
    ]
