"""Which cells there are, and in what order they are measured: the shops in turn, round after round."""

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis

from bench import load
from bench.systems import Lab
from tests.harness import postgres

CONNECTIONS = 4
BUYERS = (1, 8)
SCARCE_BUYERS = 100
PATIENCE = 120
# The shop, and the cache it gets.
VARIANTS = (("oscar", "locmem"), ("accord", "locmem"), ("oscar", "none"), ("accord", "none"), ("accord", "redis"))
# Who places orders: the group's name and the server that takes them.
PLACERS = {"plain": "oscar", "worker": "accord", "embedded": "accord"}


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    rounds: int = 3
    seconds: float = 1.5
    orders: dict[int, int] = field(default_factory=lambda: {1: 30, 8: 96})

    def groups(self, shop: str) -> dict[str, int]:
        """Return how many buyers to prepare for each time that orders are placed."""
        found = {}
        for placer in (name for name, of in PLACERS.items() if of == shop):
            found[f"{placer}-warm"] = 12
            for buyers in BUYERS:
                found |= {f"{placer}-{buyers}-{n}": self.orders[buyers] for n in range(self.rounds)}
        for name in ("count-locmem", "count-none", "count-embedded"):
            found[name] = 3
        return {**found, "scarce": SCARCE_BUYERS}


@dataclass
class Findings:
    """All that was found out about one number of products."""

    products: int
    pages: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))
    queries: dict[str, dict[str, int]] = field(default_factory=dict)
    checks: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def measure(lab: Lab, *, products: int, size: Size, say: Callable[[str], None]) -> Findings:
    """Fill both shops, measure every page and the orders, check the orders, and drop the databases."""
    found = Findings(products)
    redis.Redis.from_url(lab.redis).flushall()
    plans = {}
    lab.wait_for_disk(False)
    for shop in ("oscar", "accord"):
        say(f"{products} products: filling {shop}")
        plans[shop] = lab.fill(shop, products, size.groups(shop))
    databases = {shop: f"{shop}_{products}" for shop in plans}
    say(f"{products} products: counting queries")
    count(lab, databases, found)
    lab.wait_for_disk(True)
    with contextlib.ExitStack() as servers:
        ports = {
            (shop, cache): servers.enter_context(lab.server(shop, databases[shop], BENCH_CACHE=cache))
            for shop, cache in VARIANTS
        }
        ports["bare", ""] = servers.enter_context(lab.server("bare", databases["oscar"]))
        measure_pages(plans, ports, found, size=size, say=say)
    with contextlib.ExitStack() as servers:
        stores = {
            "plain": servers.enter_context(lab.server("oscar", databases["oscar"])),
            "worker": servers.enter_context(lab.server("accord", databases["accord"])),
            "embedded": servers.enter_context(lab.server("accord", databases["accord"], BENCH_TASKS="embedded")),
        }
        servers.enter_context(lab.worker(databases["accord"]))
        measure_orders(lab, plans, stores, found, size=size, say=say)
        for shop, placer in (("oscar", "plain"), ("accord", "worker")):
            load.drive(port=stores[placer], requests=plans[shop]["orders"]["scarce"], connections=32, expected=302)
            found.checks[shop] = json.loads(lab.run(shop, databases[shop], "-m", "bench.inside.check"))
    for database in databases.values():
        lab.drop(database)
    return found


def count(lab: Lab, databases: dict[str, str], found: Findings) -> None:
    for shop, database in databases.items():
        plan = str(lab.folder / f"{database}.json")
        for cache in ("locmem", "none"):
            printed = lab.run(shop, database, "-m", "bench.inside.count", plan, f"count-{cache}", BENCH_CACHE=cache)
            found.queries[f"{shop} {cache}"] = json.loads(printed.splitlines()[-1])
    embedded = {"BENCH_CACHE": "locmem", "BENCH_TASKS": "embedded"}
    printed = lab.run("accord", databases["accord"], "-m", "bench.inside.count", plan, "count-embedded", **embedded)
    found.queries["accord embedded"] = json.loads(printed.splitlines()[-1])


def measure_pages(
    plans: dict[str, Any], ports: dict[tuple[str, str], int], found: Findings, *, size: Size, say: Callable[[str], None]
) -> None:
    def ask(variant: tuple[str, str], page: str, seconds: float) -> load.Result:
        requests = [{"path": "/"}] if variant[0] == "bare" else plans[variant[0]]["pages"][page]
        return load.drive(port=ports[variant], requests=requests, connections=CONNECTIONS, seconds=seconds)

    cells = [(variant, page) for page in plans["oscar"]["pages"] for variant in VARIANTS] + [
        (("bare", ""), "bare view")
    ]
    for variant, page in cells:
        ask(variant, page, min(1.0, size.seconds))
    for number in range(size.rounds):
        say(f"{found.products} products: pages, round {number + 1} of {size.rounds}")
        for variant, page in cells:
            result = ask(variant, page, size.seconds)
            keep(found, found.pages, f"{page} | {' '.join(variant).strip()}", result)


def measure_orders(
    lab: Lab,
    plans: dict[str, Any],
    stores: dict[str, int],
    found: Findings,
    *,
    size: Size,
    say: Callable[[str], None],
) -> None:
    def place(placer: str, group: str, buyers: int) -> tuple[load.Result, float]:
        requests = plans[PLACERS[placer]]["orders"][group]
        result = load.drive(port=stores[placer], requests=requests, connections=buyers, expected=302)
        return result, wait_for_attribution(lab, found.products)

    for placer in stores:
        place(placer, f"{placer}-warm", 4)
    for number in range(size.rounds):
        say(f"{found.products} products: orders, round {number + 1} of {size.rounds}")
        for buyers in BUYERS:
            for placer in stores:
                result, behind = place(placer, f"{placer}-{buyers}-{number}", buyers)
                keep(found, found.orders, f"{buyers} | {placer}", result)
                found.orders[f"{buyers} | {placer}"][-1]["attributed_after_s"] = round(behind, 1)


def keep(found: Findings, rows: dict[str, list[dict[str, float]]], name: str, result: load.Result) -> None:
    found.failures += [f"{name}: {failure}" for failure in result.failures]
    if not result.latencies:
        raise SystemExit(f"Nothing was answered for {name}: {result.failures[:3]}")
    rows[name].append(
        {
            "per_second": round(result.per_second, 2),
            "p50_ms": round(result.milliseconds(0.50), 2),
            "p95_ms": round(result.milliseconds(0.95), 2),
        }
    )


def wait_for_attribution(lab: Lab, products: int) -> float:
    """Let the worker finish before the next shop is measured, so that it does not pay; return the seconds it took."""
    started = time.monotonic()
    pending = "SELECT count(*) FROM channels_journeys_attributionrun WHERE state = 'pending'"
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(postgres.named(lab.dsn, f"accord_{products}"), autocommit=True) as connection:
        while connection.execute(pending).fetchone() != (0,) and time.monotonic() < deadline:
            time.sleep(0.1)
    return time.monotonic() - started
