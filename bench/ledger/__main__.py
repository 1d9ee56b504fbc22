"""bench/run ledger [--quick]: entries per second of the ledger beside plain INSERT and COPY; see bench/README.md."""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from statistics import median

import psycopg

from bench import machine
from bench.systems import ROOT, Lab, lab
from tests.harness import postgres

DATABASE = "accord_ledger"
# Postings of one client, and of each of eight.
SIZES = {
    "ledger, batches": (10_000, 2_000),
    "INSERT, batches": (10_000, 2_000),
    "COPY, batches": (10_000, 2_000),
    "ledger, one by one": (300, 60),
    "INSERT, one by one": (300, 60),
}
PEERS = """
CREATE TABLE bench_posting (LIKE channels_commissions_ledgerposting INCLUDING ALL);
CREATE TABLE bench_entry (LIKE channels_commissions_ledgerentry INCLUDING ALL);
"""
EMPTY = "TRUNCATE bench_posting, bench_entry"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger")
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of the postings; writes nothing")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    before = machine.load()
    with lab() as place:
        place.wait_for_disk(False)
        place.sql(f"CREATE DATABASE {DATABASE}")
        place.run("accord", DATABASE, "-m", "django", "migrate", "--skip-checks", "-v0")
        partner = place.run("accord", DATABASE, "-m", "bench.ledger.prepare").split()[-1]
        execute(place, PEERS)
        place.wait_for_disk(True)
        found = measure(place, partner, rounds=1 if options.quick else options.rounds, part=10 if options.quick else 1)
    text = report(found, before)
    print(text)
    if not options.quick:
        (ROOT / "bench" / "ledger.md").write_text(text)
    return 0


def execute(place: Lab, statements: str) -> None:
    with psycopg.connect(postgres.named(place.dsn, DATABASE), autocommit=True) as connection:
        connection.execute(statements)  # type: ignore[arg-type]


def measure(place: Lab, partner: str, *, rounds: int, part: int) -> dict[tuple[str, int], list[float]]:
    """Return entries per second of each way and number of clients, round by round, the ways in turn."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(rounds):
        for clients in (1, 8):
            for way, sizes in SIZES.items():
                execute(place, EMPTY)
                count = sizes[clients > 1] // part
                found[way, clients].append(race(place, way, partner, f"r{number}", clients=clients, count=count))
                sys.stderr.write(f"{way}, {clients} clients: {found[way, clients][-1]:.0f} entries/s\n")
    return found


def race(place: Lab, way: str, partner: str, name: str, *, clients: int, count: int) -> float:
    """Let the clients write at the same time and return the entries per second of all."""
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.ledger.client",
                way,
                f"{name}-{clients}-{way}-{n}",
                str(count),
                partner,
                str(n),
            ],
            cwd=ROOT,
            env=place.environment("accord", DATABASE),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(clients)
    ]
    for client in running:
        if client.stdout.readline().strip() != "ready":  # type: ignore[union-attr]
            raise SystemExit(f"A client of {way} did not get ready.")
    for client in running:
        client.stdin.write("go\n")  # type: ignore[union-attr]
        client.stdin.flush()  # type: ignore[union-attr]
    done = [json.loads(client.communicate()[0]) for client in running]
    if any(client.returncode for client in running):
        raise SystemExit(f"A client of {way} failed.")
    seconds = max(one["ended"] for one in done) - min(one["started"] for one in done)
    return sum(one["entries"] for one in done) / seconds


def report(found: dict[tuple[str, int], list[float]], before: float) -> str:
    described = machine.describe()
    copy = {clients: median(found["COPY, batches", clients]) for clients in (1, 8)}
    lines = [
        "# The ledger's writes",
        "",
        (
            f"`bench/run ledger`, measured {datetime.now(UTC):%Y-%m-%d} on {described['cores']} cores ({described['cpu']}), "
            f"PostgreSQL {described['postgresql']} with its default durability. Load average before: {before}, after: "
            f"{machine.load()}. Medians of {len(next(iter(found.values())))} rounds."
        ),
        "",
        (
            "Ledger: keys looked up, zero sum checked, hash chained, written, and the zero sum checked again by the deferred "
            "trigger. INSERT and COPY: the same rows ready made, into copies of the tables with their indexes, without "
            "triggers, foreign keys, hashes or checks. A batch is a transaction of 1,000 postings of two entries."
        ),
        "",
        "| way | clients | entries/s | of COPY |",
        "|---|---:|---:|---:|",
    ]
    for (way, clients), rates in found.items():
        rate = median(rates)
        lines.append(f"| {way} | {clients} | {rate:,.0f} | {rate / copy[clients]:.1%} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
