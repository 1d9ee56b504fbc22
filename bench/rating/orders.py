"""python -m bench.rating.orders COUNT: write orders that were attributed and paid, and wait for their first rating."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.inside import which

which.shop()

from bench.simulation import data  # noqa: E402
from channels.commissions.engine.ledger import GENESIS  # noqa: E402
from channels.commissions.models import LedgerHead, RatingRun  # noqa: E402
from channels.journeys.models import AttributionRun, Credit, OrderEvent, OrderLine, OrderRecord  # noqa: E402

# Name: lines of an order, partners who share it.
SHAPES = {"1 line, 1 partner": (1, 1), "5 lines, 4 partners": (5, 4)}
SHARES_BP = {1: (10_000,), 3: (4_000, 3_000, 3_000)}


def write(count: int) -> dict[str, list[int]]:
    """Write so many orders of each shape and return the runs that wait, by shape."""
    data.people()
    LedgerHead.objects.get_or_create(pk=1, defaults={"hash": GENESIS})
    numbers = {shape: range(place * count, (place + 1) * count) for place, shape in enumerate(SHAPES)}
    orders = [(n, *SHAPES[shape]) for shape, found in numbers.items() for n in found]
    data.copy_rows(OrderRecord, (data.order(n, data.SINCE + timedelta(minutes=n)) for n, _, _ in orders))
    rows = list(_lines(orders))
    data.copy_rows(OrderLine, (row for row, _ in rows))
    data.copy_rows(
        AttributionRun,
        ({"id": n + 1, "order_id": n + 1, "state": "done", "created_at": data.SINCE} for n, _, _ in orders),
    )
    data.copy_rows(Credit, _credits(rows))
    data.copy_rows(OrderEvent, (data.paid(n, data.SINCE + timedelta(minutes=n)) for n, _, _ in orders))
    data.copy_rows(RatingRun, (_waiting(n) for n, _, _ in orders))
    data.analyze()
    return {shape: [n + 1 for n in found] for shape, found in numbers.items()}


def _lines(orders: list[tuple[int, int, int]]) -> Iterator[tuple[dict[str, Any], int]]:
    number = 0
    for n, lines, partners in orders:
        for position in range(1, lines + 1):
            number += 1
            yield {
                "id": number, "order_id": n + 1, "key": f"B-{n}/{position}", "position": position, "sku": f"SKU-{number % 997}",
                "title": "A pump", "product_class": data.CLASSES[number % 5], "categories": ["goods"], "quantity": 2,
                "net_minor": 10_000 + number % 977, "cost_minor": 6_000, "term_months": None,
            }, partners  # fmt: skip


def _credits(rows: list[tuple[dict[str, Any], int]]) -> Iterator[dict[str, Any]]:
    """A reseller has the whole of its pool; the other partners share the influence."""
    number = 0
    for line, partners in rows:
        n = line["order_id"]
        shares = [("resale", n % data.PARTNERS + 1, 10_000)]
        others = SHARES_BP.get(partners - 1, ())
        shares += [("influence", (n + k) % data.PARTNERS + 1, share) for k, share in enumerate(others, 1)]
        for pool, partner, share_bp in shares:
            number += 1
            yield {
                "id": number, "run_id": n, "line_id": line["id"], "pool": pool, "partner_id": partner,
                "role": "reseller" if pool == "resale" else "influencer", "share_bp": share_bp, "reason": "bench",
            }  # fmt: skip


def _waiting(n: int) -> dict[str, Any]:
    return {
        "id": n + 1, "order_id": n + 1, "event_id": n + 1, "cause": f"B-{n}:paid", "state": "pending",
        "created_at": data.SINCE,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(write(int(sys.argv[1]))))
