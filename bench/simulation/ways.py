"""What is measured. Each way reads the same order lines from the same database."""

import cProfile
import pstats
import sys
from typing import Any

from django.db import connection

from bench.simulation.data import DRAFT, SINCE, UNTIL
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.selectors import replay as reader
from channels.commissions.services import simulations
from channels.journeys.models import OrderLine


def read() -> dict[str, Any]:
    """Read the lines and their orders, and do nothing with them: the columns of a RatedLine, by a server-side cursor."""
    rows = OrderLine.objects.filter(order__placed_at__gte=SINCE, order__placed_at__lt=UNTIL)
    columns = (
        "order_id", "pk", "key", "net_minor", "cost_minor", "quantity", "product_class", "categories", "term_months", "sku",
        "order__number", "order__placed_at", "order__currency", "order__country", "order__channel", "order__cycle",
    )  # fmt: skip
    number = 0
    ordered = rows.order_by("order__placed_at", "order_id", "position").values_list(*columns)
    for _ in ordered.iterator(chunk_size=10_000):
        number += 1
    return {"lines": number}


def facts() -> dict[str, Any]:
    """Read everything that the rating asks, as the simulation does, without rating it."""
    number = 0
    for chunk in reader.past_orders(since=SINCE, until=UNTIL):
        number += sum(len(order.lines) for order in chunk)
    return {"lines": number}


def replay() -> dict[str, Any]:
    found = simulations.replay(terms=ProgrammeTerms.from_json(DRAFT), since=SINCE, until=UNTIL)
    return {name: found[name] for name in ("lines", "orders", "changed_orders", "totals")}


def profiled(way: str) -> dict[str, Any]:
    """Say on standard error where the time goes."""
    connection.force_debug_cursor = False
    profile = cProfile.Profile()
    found: dict[str, Any] = profile.runcall(globals()[way])
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    return found
