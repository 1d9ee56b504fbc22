"""The command: bench/run simulation. The page beside this folder says what it measures."""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine
from tests.harness import postgres

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "bench" / "simulation.md"
START, END = "<!-- results -->", "<!-- end of results -->"
WAYS = ("read", "facts", "replay")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run simulation", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the results into bench/simulation.md")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true", help="profile the replay")
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_measure(options.way, profile=options.profile)))
        return 0
    cluster = postgres.Cluster()
    try:
        return _run(cluster.dsn, options)
    finally:
        cluster.stop()


def _run(dsn: str, options: argparse.Namespace) -> int:
    os.environ.update(DATABASE_URL=dsn, DJANGO_SETTINGS_MODULE="shop.settings.test")
    busy = machine.load()
    _setup()
    from django.conf import settings
    from django.core.management import call_command

    from bench.simulation import data

    settings.MIGRATION_MODULES = _NoMigrations()
    call_command("migrate", run_syncdb=True, skip_checks=True, verbosity=0)
    started = time.monotonic()
    data.load(options.lines)
    sys.stderr.write(f"{options.lines} lines loaded in {time.monotonic() - started:.0f} s\n")
    rounds = [{way: _child(way, options) for way in WAYS} for _ in range(options.rounds)]
    best = {way: min((one[way] for one in rounds), key=lambda found: found["seconds"]) for way in WAYS}
    text = _report(best, busy, options.lines)
    print(text)
    if options.write:
        page = PAGE.read_text()
        before, after = page.split(START)[0], page.split(END)[1]
        PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}")
    return 0


class _NoMigrations(dict[str, None]):
    """Tables straight from the models: nobody writes here, and a hundred migrations take longer than the reading."""

    def __contains__(self, label: object) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


def _child(way: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, "-m", "bench.simulation", "--way", way, *(["--profile"] if options.profile else [])]
    asked = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    sys.stderr.write(f"{way}: {found}\n")
    return found


def _setup() -> None:
    import django

    django.setup()


def _measure(way: str, *, profile: bool = False) -> dict[str, Any]:
    _setup()
    from bench.simulation import ways

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, on_core = time.perf_counter(), time.process_time()
    found = ways.profiled(way) if profile and way == "replay" else getattr(ways, way)()
    seconds = time.perf_counter() - started
    cpu = time.process_time() - on_core
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        **found,
        "seconds": round(seconds, 2),
        "cpu": round(cpu, 2),
        "peak_mib": peak // 1024,
        "before_mib": before // 1024,
    }


def _report(best: dict[str, dict[str, Any]], busy: float, lines: int) -> str:
    labels = {
        "read": "read the order lines",
        "facts": "read all facts of their rating",
        "replay": "rate them again under a draft",
    }
    rows = "\n".join(
        f"| {label} | {one['seconds']:.1f} s | {one['cpu']:.1f} s | {lines / one['seconds']:,.0f} | {one['peak_mib']} MiB "
        f"| {one['seconds'] / best['read']['seconds']:.1f} | {one['cpu'] / best['read']['cpu']:.1f} |"
        for way, label in labels.items()
        for one in (best[way],)
    )
    orders, about = best["replay"]["orders"], machine.describe()
    where = f"{about['cpu']}, {about['cores']} cores, PostgreSQL {about['postgresql']}, Python {about['python']}"
    again = best["replay"]["seconds"] / best["facts"]["seconds"]
    return f"""{datetime.now(UTC):%Y-%m-%d}, {lines:,} order lines of {orders:,} orders; {where}.
Processes that wanted a core when it began: {busy}.

| what | time | of it on a core | lines a second | peak memory | times the read | on a core |
|---|---:|---:|---:|---:|---:|---:|
{rows}

Rating again takes {again:.1f} times as long as reading all of its facts."""


if __name__ == "__main__":
    sys.exit(main())
