"""bench/run webhooks [--quick]: Stripe's events verified, stored and applied per second; see bench/README.md."""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from statistics import median

from bench import machine
from bench.systems import ROOT, Lab, lab

DATABASE = "accord_webhooks"
PAYMENTS = 1_088  # 4,196 events
WAYS = ("bodies stored and nothing else", "received: stored, verified, handed to a task", "applied")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks")
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of the payments; writes nothing")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    before = machine.load()
    with lab() as place:
        place.wait_for_disk(False)
        place.sql(f"CREATE DATABASE {DATABASE}")
        place.run("accord", DATABASE, "-m", "django", "migrate", "--skip-checks", "-v0")
        place.wait_for_disk(True)
        found = measure(place, rounds=1 if options.quick else options.rounds, part=10 if options.quick else 1)
    text = report(found, before)
    print(text)
    if not options.quick:
        (ROOT / "bench" / "webhooks.md").write_text(text)
    return 0


def measure(place: Lab, *, rounds: int, part: int) -> dict[tuple[str, int], list[float]]:
    """Return events per second of each way and number of clients, round by round."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(rounds):
        for clients in (1, 8):
            name = f"round{number}x{clients}"
            path = place.folder / f"{name}.json"
            place.run("accord", DATABASE, "-m", "bench.webhooks.prepare", name, str(PAYMENTS // part), str(path))
            for way, rate in zip(WAYS, race(place, str(path), clients), strict=True):
                found[way, clients].append(rate)
                sys.stderr.write(f"{way}, {clients} clients: {rate:.0f} events/s\n")
    return found


def race(place: Lab, path: str, clients: int) -> list[float]:
    """Let the clients share the deliveries, and return the events per second of all, for each way."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.webhooks.client", path, str(number), str(clients)],
            cwd=ROOT,
            env=place.environment("accord", DATABASE),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(clients)
    ]
    rates = [_together(running) for _way in WAYS]
    if any(client.wait() for client in running):
        raise SystemExit("A client failed.")
    return rates


def _together(running: list[subprocess.Popen[str]]) -> float:
    """Let all begin once all are ready."""
    for client in running:
        if client.stdout.readline().strip() != "ready":  # type: ignore[union-attr]
            raise SystemExit("A client did not get ready.")
    for client in running:
        client.stdin.write("go\n")  # type: ignore[union-attr]
        client.stdin.flush()  # type: ignore[union-attr]
    done = [json.loads(client.stdout.readline()) for client in running]  # type: ignore[union-attr]
    seconds = max(one["ended"] for one in done) - min(one["started"] for one in done)
    return sum(one["events"] for one in done) / seconds


def report(found: dict[tuple[str, int], list[float]], before: float) -> str:
    described = machine.describe()
    stored = {clients: median(found[WAYS[0], clients]) for clients in (1, 8)}
    lines = [
        "# Stripe's webhooks",
        "",
        (
            f"`bench/run webhooks`, measured {datetime.now(UTC):%Y-%m-%d} on {described['cores']} cores ({described['cpu']}), "
            f"PostgreSQL {described['postgresql']} with its default durability. Load average before: {before}, after: "
            f"{machine.load()}. Medians of {len(next(iter(found.values())))} rounds of {PAYMENTS} payments."
        ),
        "",
        (
            "Payments, declines, debits, refunds and disputes, their events shuffled. Received: the body is stored, the "
            "signature verified, the event's id stored, and a task handed to Redis. Applied: the row and its payment locked, "
            "the payment moved, its history written, the listener called. One INSERT of the body alone is what a shop could "
            "do at least."
        ),
        "",
        "| what | clients | events/s | of storing |",
        "|---|---:|---:|---:|",
    ]
    for (way, clients), rates in found.items():
        rate = median(rates)
        lines.append(f"| {way} | {clients} | {rate:,.0f} | {rate / stored[clients]:.1%} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
