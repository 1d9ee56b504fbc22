"""bench/run prices [--quick]: prices from ten lists of 100,000 entries, in bulk and on a list page; see bench/README.md."""

import argparse
import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from statistics import median

from bench import load, machine
from bench.systems import ROOT, Lab, lab

SIGNED_IN, ANYBODY = "list, signed in", "list"
LISTS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.prices")
    parser.add_argument("--quick", action="store_true", help="1,000 products, one short round; writes nothing")
    parser.add_argument("--products", type=int, default=100_000, help="entries of each list")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    products = 1_000 if options.quick else options.products
    before = machine.load()
    with lab() as place:
        place.build_templates()
        plans = {shop: place.fill(shop, products, {}) for shop in ("oscar", "accord")}
        place.run("accord", f"accord_{products}", "-m", "bench.prices.fill")
        place.wait_for_disk(True)
        plan = str(place.folder / f"accord_{products}.json")
        found = json.loads(place.run("accord", f"accord_{products}", "-m", "bench.prices.ask", plan).splitlines()[-1])
        rates = pages(place, products, plans, rounds=1 if options.quick else options.rounds)
    text = report(products, found, rates, before)
    print(text)
    if not options.quick:
        (ROOT / "bench" / "prices.md").write_text(text)
    return 0


def pages(place: Lab, products: int, plans: dict[str, dict], *, rounds: int) -> dict[str, list[load.Result]]:
    """Ask for the list of plain Oscar, unknown, and of Accord, unknown and signed in, in turn."""
    asked = {
        "plain Oscar, not signed in": ("oscar", ANYBODY),
        "Accord, not signed in": ("accord", ANYBODY),
        "Accord, own prices": ("accord", SIGNED_IN),
    }
    rates: dict[str, list[load.Result]] = {name: [] for name in asked}
    with ExitStack() as stack:
        ports = {shop: stack.enter_context(place.server(shop, f"{shop}_{products}")) for shop in plans}
        for number in range(rounds + 1):
            for name, (shop, page) in asked.items():
                requests = plans[shop]["pages"][page]
                result = load.drive(port=ports[shop], requests=requests, connections=4, seconds=1.5 if number else 1)
                if result.failures:
                    raise SystemExit(f"{name}: {result.failures[:3]}")
                if number:  # the first only warms up
                    rates[name].append(result)
    return rates


def report(products: int, found: dict, rates: dict[str, list[load.Result]], before: float) -> str:
    described = machine.describe()
    taken = sorted(found["resolve"])
    per_second = {name: median(result.per_second for result in results) for name, results in rates.items()}
    oscar = per_second["plain Oscar, not signed in"]
    lines = [
        "# Prices",
        "",
        (
            f"`bench/run prices`, measured {datetime.now(UTC):%Y-%m-%d} on {described['cores']} cores ({described['cpu']}), "
            f"PostgreSQL {described['postgresql']}. Load average before: {before}, after: {machine.load()}."
        ),
        "",
        (
            f"{LISTS} lists of {products:,} entries each, all in force for one company: two of its own, one of each of its four "
            "groups, four of the channel; and contract prices for every fifth product."
        ),
        "",
        (
            f"1,000 basket rows resolve in **{median(taken):.0f} ms** (fastest {taken[0]:.0f}, slowest {taken[-1]:.0f}, "
            f"{len(taken)} times)."
        ),
        "",
        "| list of 24 | queries, warm | queries, no caches |",
        "|---|---:|---:|",
        *(
            f"| {name} | {found[page]['warm']} | {found[page]['cold']} |"
            for name, page in (("not signed in", ANYBODY), ("own prices", SIGNED_IN))
        ),
        "",
        "| list of 24 | requests/s | p50 ms | of plain Oscar |",
        "|---|---:|---:|---:|",
    ]
    for name, results in rates.items():
        p50 = median(result.milliseconds(0.5) for result in results)
        lines.append(f"| {name} | {per_second[name]:.0f} | {p50:.1f} | {per_second[name] / oscar:.1f}x |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
