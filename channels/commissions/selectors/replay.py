"""Past orders as the engine wants them: read by columns and in bounded chunks, without a model object per line.

The facts are those of `targets.facts_of`, which reads one order; a test holds the two against each other.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.db.models.fields.json import KT

from channels.commissions.engine.facts import POSTED_ELSEWHERE, CreditFact, RatedLine
from channels.commissions.engine.simulation import PastOrder
from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors.frozen import Frozen, credit_values, line_values, merged
from channels.commissions.selectors.programmes import Published
from channels.commissions.selectors.remaining import TAKES_BACK
from channels.commissions.selectors.targets import origin_terms, partner_key
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
    lines = _lines(paid)
    shares = _shares(paid)
    posted = _posted(order.id for order in orders)
    return [
        _past_order(
            order,
            rated.get(order.id),
            lines.get(order.id, ()),
            shares,
            taken,
            posted.get(order.id, {}),
            live,
            published,
        )
        for order in orders
    ]


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
    kinds = (OrderEventKind.PAID, *TAKES_BACK)
    events = OrderEvent.objects.filter(order_id__in=rated, kind__in=kinds)
    for pk, order_id, kind, parts in events.order_by().values_list("pk", "order_id", "kind", "lines"):
        if pk > rated[order_id].last_event:
            continue
        if kind == OrderEventKind.PAID:
            paid.add(order_id)
            continue
        for part in parts:
            sums = taken.setdefault(part["line_key"], [0, 0])
            sums[0] += part["quantity"]
            sums[1] += part["net_minor"]
    return paid, taken


def _lines(order_ids: set[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = OrderLine.objects.filter(order_id__in=order_ids).order_by("order_id", "position").values_list(
        "order_id", "pk", "key", "net_minor", "cost_minor", "quantity", "product_class", "categories", "term_months",
        "sku",
    )  # fmt: skip
    for row in rows:
        found[row[0]].append(row)
    return found


def _shares(order_ids: set[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Return the credits of each order's latest attribution, by order line."""
    runs = AttributionRun.objects.filter(order_id__in=order_ids, state=AttributionRun.State.DONE)
    latest = dict(runs.order_by("order_id", "sequence").values_list("order_id", "pk"))
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = Credit.objects.filter(run_id__in=latest.values()).order_by("line_id", "pool", "pk").values_list(
        "line_id", "pool", "partner_id", "share_bp", "role", "is_held_for_review"
    )  # fmt: skip
    for row in rows:
        found[row[0]].append(row)
    return found


def _posted(order_ids: Iterator[int]) -> dict[int, dict[tuple[str, str, str], int]]:
    found: dict[int, dict[tuple[str, str, str], int]] = defaultdict(dict)
    rows = Accrual.objects.filter(order_id__in=list(order_ids)).exclude(type__in=POSTED_ELSEWHERE).order_by()
    for order_id, line_key, partner_id, kind, amount in rows.values_list(
        "order_id", "line__key", "partner_id", "type"
    ).annotate(amount=Sum("amount_minor")):
        found[order_id][line_key, partner_key(partner_id), kind] = amount
    return found


def _past_order(
    order: _Order,
    rated: _Rated | None,
    rows: Sequence[tuple[Any, ...]],
    shares: dict[int, list[tuple[Any, ...]]],
    taken: dict[str, list[int]],
    posted: dict[tuple[str, str, str], int],
    live: dict[str, tuple[str, str]],
    published: Published,
) -> PastOrder:
    partners = {key: live[key] for _, key, _ in posted}
    if rated:
        partners |= {partner_key(int(pk)): (seen[0], seen[1]) for pk, seen in rated.frozen["partners"].items()}
    sold_on = order.placed_at.astimezone(UTC).date()
    frozen = rated.frozen if rated else {}
    anchor_on = date.fromisoformat(frozen["anchor_on"]) if frozen.get("anchor_on") else sold_on
    channel = order.channel.upper()
    lines = []
    for _, pk, key, net_minor, cost, quantity, product_class, categories, term_months, sku in rows:
        if pk not in shares:
            continue
        units, taken_net = taken.get(key, (0, 0))
        left = net_minor - taken_net
        if cost is None:
            cost_left = left  # as for targets: an unknown cost leaves no margin
        else:
            cost_left = divide_half_up(cost * (quantity - units), max(quantity, 1)) if units else cost
        line = RatedLine(
            key=key,
            net_minor=left,
            currency=order.currency,
            sold_on=sold_on,
            cost_minor=cost_left,
            channel=channel,
            country=order.country,
            cycle=order.cycle,
            product_class=product_class,
            categories=tuple(categories),
            segment=order.segment or "",
            term_months=term_months or 0,
            quantity=quantity - units,
            anchor_on=anchor_on,
            sku=sku,
            customer=order.customer or "",
            sold_net_minor=net_minor,
            sold_quantity=quantity,
            **line_values(frozen, key),
        )
        lines.append((line, [_share(row, partners, live, frozen) for row in shares[pk]]))
    return PastOrder(
        id=order.id,
        number=order.number,
        placed_at=order.placed_at,
        currency=order.currency,
        segment=order.segment or "",
        lines=lines,
        posted=posted,
        partners=partners,
        origin=origin_terms(anchor_on, order.placed_at, published),
    )


def _share(
    row: tuple[Any, ...], partners: dict[str, tuple[str, str]], live: dict[str, tuple[str, str]], frozen: Frozen
) -> CreditFact:
    _, pool, partner_id, share_bp, role, held = row
    key = partner_key(partner_id)
    kind, tier = partners.setdefault(key, live[key])
    return CreditFact(pool, key, share_bp, role, kind, tier, held, **credit_values(frozen, partner_id))
