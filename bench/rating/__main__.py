"""bench/run rating [--quick]: paid orders rated and posted a second, by one process and by two; see bench/README.md."""

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime

from bench import machine
from bench.systems import ROOT, Lab, lab

DATABASE = "accord_rating"
CLIENTS = (1, 2)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rating")
    parser.add_argument("--quick", action="store_true", help="500 orders of each shape; writes nothing")
    parser.add_argument("--orders", type=int, default=4_000, help="orders of each shape")
    options = parser.parse_args()
    before = machine.load()
    count = 500 if options.quick else options.orders
    with lab() as place:
        place.wait_for_disk(False)
        place.sql(f"CREATE DATABASE {DATABASE}")
        place.run("accord", DATABASE, "-m", "django", "migrate", "--skip-checks", "-v0")
        place.wait_for_disk(True)
        found = {clients: measure(place, count, clients) for clients in CLIENTS}
    text = report(found, before)
    print(text)
    if not options.quick:
        (ROOT / "bench" / "rating.md").write_text(text)
    return 0


def measure(place: Lab, count: int, clients: int) -> list[dict]:
    """Return what became of each shape: orders and postings a second of all clients, and processor time an order."""
    name = f"{DATABASE}_{clients}"
    place.sql(f"CREATE DATABASE {name} TEMPLATE {DATABASE}")
    shapes = json.loads(place.run("accord", name, "-m", "bench.rating.orders", str(count)).splitlines()[-1])
    return [_together(place, name, shape, run_ids, clients) for shape, run_ids in shapes.items()]


def _together(place: Lab, name: str, shape: str, run_ids: list[int], clients: int) -> dict:
    """Let the clients rate their parts of the orders at the same time."""
    size = len(run_ids) // clients
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.rating.client", str(run_ids[n * size]), str(run_ids[(n + 1) * size - 1])],
            cwd=ROOT,
            env=place.environment("accord", name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(clients)
    ]
    for client in running:
        if client.stdout.readline().strip() != "ready":  # type: ignore[union-attr]
            raise SystemExit("A client did not get ready.")
    for client in running:
        client.stdin.write("go\n")  # type: ignore[union-attr]
        client.stdin.flush()  # type: ignore[union-attr]
    done = [json.loads(client.communicate()[0]) for client in running]
    if any(client.returncode for client in running):
        raise SystemExit("A client failed.")
    seconds = max(one["ended"] for one in done) - min(one["started"] for one in done)
    orders, postings = (sum(one[name] for one in done) for name in ("orders", "postings"))
    found = {
        "shape": shape, "orders": orders / seconds, "entries": 2 * postings / seconds,
        "cpu_ms": 1000 * sum(one["cpu"] for one in done) / orders,
    }  # fmt: skip
    sys.stderr.write(f"{clients} clients: {found}\n")
    return found


def report(found: dict[int, list[dict]], before: float) -> str:
    described = machine.describe()
    lines = [
        "# Rating",
        "",
        (
            f"`bench/run rating`, measured {datetime.now(UTC):%Y-%m-%d} on {described['cores']} cores ({described['cpu']}), "
            f"PostgreSQL {described['postgresql']} with its default durability. Load average before: {before}, after: "
            f"{machine.load()}."
        ),
        "",
        (
            "Orders that were attributed and paid are rated for the first time as the nightly run does it, a hundred in a "
            "transaction: their facts and circumstances read, rated under eight rules, accruals, explanations and postings "
            "written. Every accrual is a posting of two entries."
        ),
        "",
        "| order | processes | orders/s | ledger entries/s | processor ms an order, outside PostgreSQL |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['shape']} | {clients} | {row['orders']:,.0f} | {row['entries']:,.0f} | {row['cpu_ms']:.2f} |"
        for clients, rows in found.items()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
