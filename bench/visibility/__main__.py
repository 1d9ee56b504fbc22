"""bench/run visibility [--quick]: rules resolved for 100,000 products and 200 groups; see bench/README.md."""

import argparse
import json
import sys
from datetime import UTC, datetime

from bench import machine
from bench.systems import ROOT, lab

DATABASE = "accord_visibility"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.visibility")
    parser.add_argument("--quick", action="store_true", help="2,000 products and 20 groups; writes nothing")
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--groups", type=int, default=200)
    options = parser.parse_args()
    products, groups = (2_000, 20) if options.quick else (options.products, options.groups)
    before = machine.load()
    with lab() as place:
        place.wait_for_disk(False)
        place.sql(f"CREATE DATABASE {DATABASE}")
        place.run("accord", DATABASE, "-m", "django", "migrate", "--skip-checks", "-v0")
        place.wait_for_disk(True)
        command = ("-m", "bench.visibility.rows", str(products), str(groups))
        found = json.loads(place.run("accord", DATABASE, *command).splitlines()[-1])
    text = report(found, before)
    print(text)
    if not options.quick:
        (ROOT / "bench" / "visibility.md").write_text(text)
    return 0


def report(found: dict, before: float) -> str:
    described = machine.describe()
    rows = (
        ("rebuild of all", f"{found['rebuild_seconds']:.2f} s", f"{found['rebuild_queries']} queries"),
        ("rebuild again, nothing changed", f"{found['again_seconds']:.2f} s", ""),
        (
            "rebuild of one group",
            f"{found['one_group_seconds'] * 1000:.0f} ms",
            f"{found['one_group_queries']} queries",
        ),
        ("what a group does not see", f"{found['ask_ms']:.2f} ms", f"{found['ask_queries']} query"),
        ("the catalogue narrowed to it", f"{found['narrow_ms']:.0f} ms", "once for all who see the same"),
        ("the flat table's sets", f"{found['table_mib']:.1f} MiB", ""),
    )
    lines = [
        "# Visibility",
        "",
        (
            f"`bench/run visibility`, measured {datetime.now(UTC):%Y-%m-%d} on {described['cores']} cores "
            f"({described['cpu']}), PostgreSQL {described['postgresql']}: {found['products']:,} products, "
            f"{found['groups']} groups, {found['rules']:,} rules. Load average before: {before}, after: {machine.load()}."
        ),
        "",
        "| what | | |",
        "|---|---:|---|",
    ]
    lines += [f"| {name} | {value} | {note} |" for name, value, note in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
