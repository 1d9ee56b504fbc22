"""Past orders as the engine wants them: read by columns and in bounded chunks, without a model object per line.

The facts are those of `targets.facts_of`, which reads one order; a test holds the two against each other.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from channels.commissions.engine.facts import POSTED_ELSEWHERE, CreditFact, RatedLine
from channels.commissions.engine.simulation import Key, PastOrder
from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors.circumstances import circumstances_of
from channels.commissions.selectors.frozen import Frozen, credit_values, line_values, merged
from channels.commissions.selectors.payment import DECIDES
from channels.commissions.selectors.programmes import Published
from channels.commissions.selectors.remaining import TAKES_BACK
from channels.commissions.selectors.targets import (
    facts_of,
    holdouts_of,
    orders_with_facts,
    origin_terms,
    partner_key,
)
from channels.contracts import OrderEventKind
from channels.core.money import divide_half_up
from channels.journeys.models import AttributionRun, Credit, OrderEvent, OrderLine, OrderRecord
from channels.partners.models import ChannelPartner

ORDERS_PER_CHUNK = 500


class _Order(NamedTuple):
    id: int
    number: str
    placed_at: datetime
    currency: str
    country: str
    channel: str
    cycle: int
    segment: str | None
    customer: str | None


class _Rated(NamedTuple):
    """What the ratings of an order saw: up to which event, and what the first of them froze."""

    last_event: int
    frozen: Frozen


_COLUMNS = (
    "pk", "number", "placed_at", "currency", "country", "channel", "cycle", KT("facts__company__segment"),
    KT("facts__company__key"),
)  # fmt: skip


# What agreements promise at least: by order, then by line and partner. Channel harmony provides it.
Guarantees = Callable[[Sequence[int]], Mapping[int, Mapping[tuple[str, str], int]]]
_guarantees: list[Guarantees] = []


def provide_guarantees(provider: Guarantees) -> None:
    """Let the simulation know what is promised; the latest provider speaks."""
    _guarantees[:] = [provider]


def orders_between(*, since: datetime, until: datetime) -> QuerySet[OrderRecord]:
    return OrderRecord.objects.filter(placed_at__gte=since, placed_at__lt=until)


def past_orders(*, since: datetime, until: datetime, chunk: int = ORDERS_PER_CHUNK) -> Iterator[list[PastOrder]]:
    """Yield the orders placed in [since, until), oldest first, in chunks; each chunk costs the same few queries.

    It goes from key to key rather than through a cursor: nothing is held open between chunks, so the caller may write.
    """
    after: tuple[datetime, int] | None = None
    live = _live()
    published = Published()
    while True:
        found = orders_between(since=since, until=until)
        if after is not None:
            found = found.filter(Q(placed_at__gt=after[0]) | Q(placed_at=after[0], pk__gt=after[1]))
        orders = [_Order(*row) for row in found.order_by("placed_at", "pk").values_list(*_COLUMNS)[:chunk]]
        if not orders:
            return
        yield _read(orders, live, published)
        after = (orders[-1].placed_at, orders[-1].id)


def one_order(number: str) -> PastOrder | None:
    """Return one order, as if it were paid when it is not yet; None when there is none with this number."""
    row = OrderRecord.objects.filter(number=number).values_list(*_COLUMNS).first()
    return _read([_Order(*row)], _live(), Published(), as_if_paid=True)[0] if row else None


def _seen_now(order_id: int, published: Published) -> _Rated:
    """What a first rating would freeze today, for an order that has none."""
    order = orders_with_facts().get(pk=order_id)
    seen = circumstances_of([order], holdouts_of([order], published))
    return _Rated(0, facts_of(order, published, seen=seen[order_id]).frozen)


def _live() -> dict[str, tuple[str, str]]:
    """Return kind and tier of every partner as they are, for what no rating has frozen yet."""
    rows = ChannelPartner.objects.values_list("pk", "kind", "tier")
    return {partner_key(pk): (kind, tier) for pk, kind, tier in rows}


def _read(
    orders: Sequence[_Order], live: dict[str, tuple[str, str]], published: Published, *, as_if_paid: bool = False
) -> list[PastOrder]:
    rated = _ratings(order.id for order in orders)
    paid, taken = _events(rated)
    if as_if_paid:
        paid = {order.id for order in orders}
        rated |= {pk: _seen_now(pk, published) for pk in paid - rated.keys()}
    lines = _lines(paid)
    shares = _shares(paid)
    ids = [order.id for order in orders]
    posted = _posted_by_line(ids) if as_if_paid else _posted(ids)
    guaranteed = _guarantees[0](ids) if _guarantees else {}
    found = []
    for order in orders:
        facts = _OrderFacts.of(order, rated.get(order.id), posted.get(order.id, {}), live)
        found.append(
            PastOrder(
                id=order.id,
                number=order.number,
                placed_at=order.placed_at,
                currency=order.currency,
                segment=order.segment or "",
                lines=[
                    (facts.line(row, taken), facts.shares(shares[row[1]]))
                    for row in lines.get(order.id, ())
                    if row[1] in shares
                ],
                posted=posted.get(order.id, {}),
                partners=facts.partners,
                guaranteed=guaranteed.get(order.id, {}),
                origin=origin_terms(facts.anchor_on, order.placed_at, published),
            )
        )
    return found


def _ratings(order_ids: Iterator[int]) -> dict[int, _Rated]:
    runs = RatingRun.objects.filter(order_id__in=list(order_ids), state=RatingRun.State.DONE).order_by("pk")
    events: dict[int, int] = {}
    frozen: dict[int, list[Frozen]] = defaultdict(list)
    for order_id, event_id, seen in runs.values_list("order_id", "event_id", "frozen"):
        events[order_id] = max(events.get(order_id, 0), event_id or 0)
        frozen[order_id].append(seen)
    return {order_id: _Rated(last, merged(frozen[order_id])) for order_id, last in events.items()}


def _events(rated: dict[int, _Rated]) -> tuple[set[int], dict[str, list[int]]]:
    """Return the orders that are paid, and the units and the net that refunds took from lines, as far as rated."""
    paid: set[int] = set()
    taken: dict[str, list[int]] = {}
    kinds = (*DECIDES, *TAKES_BACK)
    events = OrderEvent.objects.filter(order_id__in=rated, kind__in=kinds)
    for pk, order_id, kind, parts in events.order_by("pk").values_list("pk", "order_id", "kind", "lines"):
        if pk > rated[order_id].last_event:
            continue
        if kind in DECIDES:
            (paid.add if kind == OrderEventKind.PAID else paid.discard)(order_id)
            continue
        for part in parts:
            sums = taken.setdefault(part["line_key"], [0, 0])
            sums[0] += part["quantity"]
            sums[1] += part["net_minor"]
    return paid, taken


def _lines(order_ids: set[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = OrderLine.objects.filter(order_id__in=order_ids).order_by("order_id", "position").values_list(
        "order_id", "pk", "key", "net_minor", "cost_minor", "quantity", "product_class", "term_months", "sku",
        Cast("categories", TextField()),
    )  # fmt: skip
    for row in rows.iterator(chunk_size=5_000):
        found[row[0]].append(row)
    return found


def _shares(order_ids: set[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Return the credits of each order's latest attribution, by order line."""
    runs = AttributionRun.objects.filter(order_id__in=order_ids, state=AttributionRun.State.DONE)
    latest = dict(runs.order_by("order_id", "sequence").values_list("order_id", "pk"))
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = Credit.objects.filter(run_id__in=latest.values()).order_by("line_id", "pool", "pk").values_list(
        "line_id", "pool", "partner_id", "share_bp", "role", "is_held_for_review", "rejection"
    )  # fmt: skip
    for row in rows:
        found[row[0]].append(row)
    return found


def _posted(order_ids: Sequence[int]) -> dict[int, dict[Key, int]]:
    """Return what was posted on whole orders, by partner and type: lines add nothing to a comparison of orders."""
    found: dict[int, dict[Key, int]] = defaultdict(dict)
    rows = Accrual.objects.filter(order_id__in=order_ids).exclude(type__in=POSTED_ELSEWHERE).order_by()
    sums = rows.values_list("order_id", "partner_id", "type").annotate(amount=Sum("amount_minor"))
    for order_id, partner_id, kind, amount in sums:
        found[order_id]["", partner_key(partner_id), kind] = amount
    return found


def _posted_by_line(order_ids: Sequence[int]) -> dict[int, dict[Key, int]]:
    found: dict[int, dict[Key, int]] = defaultdict(dict)
    rows = Accrual.objects.filter(order_id__in=order_ids).exclude(type__in=POSTED_ELSEWHERE).order_by()
    sums = rows.values_list("order_id", "line__key", "partner_id", "type").annotate(amount=Sum("amount_minor"))
    for order_id, line_key, partner_id, kind, amount in sums:
        found[order_id][line_key, partner_key(partner_id), kind] = amount
    return found


class _OrderFacts:
    """What the lines of one order have in common, worked out once."""

    def __init__(
        self, order: _Order, frozen: Frozen, partners: dict[str, tuple[str, str]], live: dict[str, tuple[str, str]]
    ) -> None:
        self.order, self.frozen, self.partners, self.live = order, frozen, partners, live
        self.sold_on = order.placed_at.astimezone(UTC).date()
        self.anchor_on = date.fromisoformat(frozen["anchor_on"]) if frozen.get("anchor_on") else self.sold_on
        self.common: dict[str, Any] = {
            "currency": order.currency,
            "sold_on": self.sold_on,
            "channel": order.channel.upper(),
            "country": order.country,
            "cycle": order.cycle,
            "segment": order.segment or "",
            "anchor_on": self.anchor_on,
            "customer": order.customer or "",
        }
        # Most lines froze nothing of their own.
        self.plain = line_values(frozen, "")
        self.own_lines: Mapping[str, Any] = frozen.get("lines", {})
        self._known: dict[tuple[tuple[Any, ...], ...], list[CreditFact]] = {}

    @classmethod
    def of(
        cls, order: _Order, rated: _Rated | None, posted: Mapping[Key, int], live: dict[str, tuple[str, str]]
    ) -> "_OrderFacts":
        partners = {key: live[key] for _, key, _ in posted}
        if rated:
            seen = rated.frozen["partners"].items()
            partners |= {partner_key(int(pk)): (values[0], values[1]) for pk, values in seen}
        return cls(order, rated.frozen if rated else {}, partners, live)

    def line(self, row: tuple[Any, ...], taken: Mapping[str, Sequence[int]]) -> RatedLine:
        _, _, key, net_minor, cost, quantity, product_class, term_months, sku, categories = row
        units, taken_net = taken.get(key, (0, 0))
        left = net_minor - taken_net
        if cost is None:
            cost_left = left  # as for targets: an unknown cost leaves no margin
        else:
            cost_left = divide_half_up(cost * (quantity - units), max(quantity, 1)) if units else cost
        return RatedLine(
            key=key,
            net_minor=left,
            cost_minor=cost_left,
            is_cost_known=cost is not None,
            product_class=product_class,
            categories=_words(categories),
            term_months=term_months or 0,
            quantity=quantity - units,
            sku=sku,
            sold_net_minor=net_minor,
            sold_quantity=quantity,
            **self.common,
            **(line_values(self.frozen, key) if key in self.own_lines else self.plain),
        )

    def shares(self, rows: Sequence[tuple[Any, ...]]) -> list[CreditFact]:
        """Return the credits of a line; lines of an order that share alike have them together."""
        alike = tuple([row[1:] for row in rows])
        found = self._known.get(alike)
        if found is None:
            found = self._known[alike] = [self._share(*values) for values in alike]
        return found

    def _share(
        self, pool: str, partner_id: int, share_bp: int, role: str, held: bool, rejection: int | None
    ) -> CreditFact:
        key = partner_key(partner_id)
        kind, tier = self.partners.setdefault(key, self.live[key])
        seen = credit_values(self.frozen, partner_id)
        return CreditFact(pool, key, share_bp, role, kind, tier, held, rejection is not None, **seen)


@lru_cache(maxsize=4_096)
def _words(text: str) -> tuple[str, ...]:
    """Read a list of categories; a catalogue has few that differ."""
    return tuple(json.loads(text))
