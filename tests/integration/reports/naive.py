"""What the naive totals are made of: plain rows and loops, with no join and no aggregate."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from channels.commissions.models import Accrual
from channels.journeys.models import AttributionRun, Credit, OrderLine
from channels.partners.models import ChannelPartner

Pair = tuple[ChannelPartner, ChannelPartner]


def summed(rows: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found: dict[Any, int] = defaultdict(int)
    for key, amount in rows:
        found[key] += amount
    return dict(found)


def in_force() -> list[Credit]:
    """The credits of each order's last attribution that is done."""
    last: dict[int, AttributionRun] = {}
    for run in AttributionRun.objects.all():
        if run.state == "done" and (run.order_id not in last or last[run.order_id].sequence < run.sequence):
            last[run.order_id] = run
    kept = {run.pk for run in last.values()}
    return [credit for credit in Credit.objects.all() if credit.run_id in kept]


def order_of_line() -> dict[int, int]:
    return {line.pk: line.order_id for line in OrderLine.objects.all()}


def origin(accrual: Accrual) -> Accrual:
    return accrual.reverses or accrual
