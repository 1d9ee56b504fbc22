"""bench/run checkout [--quick]: orders of ten lines with a coupon, on credit, beside plain Oscar; see bench/README.md."""

import argparse
import json
import sys
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bench import load, machine
from bench.measure import wait_for_attribution
from bench.report import ratio
from bench.systems import ROOT, Lab, lab

PRODUCTS = 1_000
BUYERS = (1, 8, 32)
ORDERS = {1: 30, 8: 96, 32: 192}
QUICK = {1: 6, 8: 16, 32: 32}
SCARCE = 100
SHOPS = {"oscar": "plain Oscar", "accord": "Accord, with a worker"}

Rates = dict[tuple[str, int], list[dict[str, float]]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.checkout")
    parser.add_argument("--quick", action="store_true", help="one round of a few orders; writes nothing")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    before = machine.load()
    rounds, orders = (1, QUICK) if options.quick else (options.rounds, ORDERS)
    with lab() as place:
        place.build_templates()
        plans = {shop: prepare(place, shop, rounds=rounds, orders=orders) for shop in SHOPS}
        place.wait_for_disk(True)
        rates, checks = measure(place, plans, rounds=rounds)
    text = report(rates, checks, before)
    print(text)
    if not options.quick:
        (ROOT / "bench" / "checkout.md").write_text(text)
    return 0 if is_sound(checks["accord"], rounds=rounds, orders=orders) else 1


def prepare(place: Lab, shop: str, *, rounds: int, orders: dict[int, int]) -> dict[str, list[dict[str, str]]]:
    """Fill a shop, and return the last clicks of each group of buyers."""
    place.fill(shop, PRODUCTS, {})
    groups = {f"{buyers}-{number}": orders[buyers] for buyers in BUYERS for number in range(rounds)}
    groups |= {"warm": 8, "scarce": SCARCE}
    plan = place.folder / f"{shop}-clicks.json"
    place.run(shop, f"{shop}_{PRODUCTS}", "-m", "bench.checkout.prepare", str(PRODUCTS), str(plan), json.dumps(groups))
    found: dict[str, list[dict[str, str]]] = json.loads(plan.read_text())
    return found


def measure(place: Lab, plans: dict[str, Any], *, rounds: int) -> tuple[Rates, dict[str, dict[str, int]]]:
    """Return orders per second and latencies, the shops in turn, and what the orders left behind."""
    rates: Rates = defaultdict(list)
    checks = {}
    with ExitStack() as stack:
        ports = {shop: stack.enter_context(place.server(shop, f"{shop}_{PRODUCTS}")) for shop in SHOPS}
        stack.enter_context(place.worker(f"accord_{PRODUCTS}"))

        def press(shop: str, group: str, buyers: int) -> load.Result:
            return load.drive(port=ports[shop], requests=plans[shop][group], connections=buyers, expected=302)

        for shop in SHOPS:
            press(shop, "warm", 2)
        for number in range(rounds):
            for buyers in BUYERS:
                for shop, name in SHOPS.items():
                    result = press(shop, f"{buyers}-{number}", buyers)
                    if result.failures:
                        raise SystemExit(f"{name}: {result.failures[:3]}")
                    wait_for_attribution(place, PRODUCTS)  # so that the next shop does not pay for it
                    rates[shop, buyers].append(
                        {
                            "per_second": result.per_second,
                            "p50": result.milliseconds(0.5),
                            "p95": result.milliseconds(0.95),
                        }
                    )
        for shop in SHOPS:
            press(shop, "scarce", max(BUYERS))
            checks[shop] = json.loads(place.run(shop, f"{shop}_{PRODUCTS}", "-m", "bench.inside.check"))
    return rates, checks


def is_sound(check: dict[str, int], *, rounds: int, orders: dict[int, int]) -> bool:
    """Tell whether every click became one whole order, and no piece was sold twice."""
    clicks = 8 + rounds * sum(orders.values())
    wrong = ("stock records wrong", "oversold", "orders without lines", "orders not recorded", "orders without details")
    return check["orders"] == clicks + check["scarce sold"] and not any(check[name] for name in wrong)


def report(rates: Rates, checks: dict[str, dict[str, int]], before: float) -> str:
    described = machine.describe()
    rounds = len(next(iter(rates.values())))
    lines = [
        "# Placing orders",
        "",
        (
            f"`bench/run checkout`, measured {datetime.now(UTC):%Y-%m-%d} on {described['cores']} cores ({described['cpu']}), "
            f"PostgreSQL {described['postgresql']}. Load average before: {before}, after: {machine.load()}. Medians of "
            f"{rounds} rounds, the shops in turn, two server processes each."
        ),
        "",
        (
            "The last click of a checkout: ten lines, a coupon, delivery. Accord checks and takes the stock, recomputes what the "
            "buyer saw, charges the company's credit under its lock, taxes each line, issues an invoice with a gapless number, "
            "freezes the facts for attribution and leaves the mails to its worker; plain Oscar has none of these."
        ),
        "",
        "| buyers | shop | orders/s | p50 ms | p95 ms | ratio |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for buyers in BUYERS:
        for shop, name in SHOPS.items():
            rows = rates[shop, buyers]
            rate, p50, p95 = (median(row[column] for row in rows) for column in ("per_second", "p50", "p95"))
            against = "" if shop == "oscar" else f"**{ratio(rows, rates['oscar', buyers]):.2f}x**"
            lines.append(f"| {buyers} | {name} | {rate:.1f} | {p50:.0f} | {p95:.0f} | {against} |")
    sold = {shop: f"{found['scarce sold']} (oversold: {found['oversold']})" for shop, found in checks.items()}
    ours = checks["accord"]
    lines += [
        "",
        (
            f"Of 50 pieces wanted by {SCARCE} buyers at once Accord sold {sold['accord']}, plain Oscar {sold['oscar']}. Accord's "
            f"{ours['orders']} orders: {ours['attempts placed']} placed attempts, {ours['orders not recorded']} without frozen "
            f"facts, {ours['stock records wrong']} stock records that are not what was ordered."
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
