"""The command: python -m bench, or bench/run. README.md beside this file says what it measures and how."""

import argparse
import json
import sys
import time
from datetime import UTC, datetime

from bench import machine, report
from bench.measure import Findings, Size, measure
from bench.systems import ROOT, lab
from tests.harness.processes import MissingComponentError

QUICK = Size(rounds=1, seconds=0.6, orders={1: 8, 8: 16})
CALM = 1.0  # load above this at the start is written beside the figures


def main() -> int:
    options = arguments()
    size = QUICK if options.quick else Size(rounds=options.rounds, seconds=options.seconds)
    products = [int(text) for text in (options.products or ("1000" if options.quick else "1000,10000")).split(",")]
    started, at, before = time.monotonic(), datetime.now(UTC), machine.load()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:5.0f} s] {text}\n")

    try:
        with lab() as place:
            say("building the schemas")
            place.build_templates()
            found = [measure(place, products=number, size=size, say=say) for number in products]
    except MissingComponentError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 4
    run = {
        "at": at.isoformat(timespec="minutes"),
        "machine": machine.describe(),
        "load_before": before,
        "load_after": machine.load(),
        "calm": before <= CALM,
        "rounds": size.rounds,
        "seconds": size.seconds,
        "sizes": [vars(one) for one in found],
    }
    text = report.markdown(run)
    print(text)
    if not options.quick or options.write:
        report.write(text, ROOT / "bench" / "README.md")
        (ROOT / "bench" / "results" / f"{at:%Y-%m-%d}.json").write_text(json.dumps(run, indent=1) + "\n")
    say("done")
    return 1 if any(problems(one) for one in found) else 0


def problems(found: Findings) -> list[str]:
    """Return what must not be: an answer that failed, or an order of Accord's that is not as it must be."""
    accord = found.checks["accord"]
    expected = (
        "stock records wrong",
        "oversold",
        "orders without lines",
        "orders not recorded",
        "orders not attributed",
    )
    wrong = [f"{name}: {accord[name]}" for name in expected if accord[name]]
    if accord["orders"] != accord["attempts placed"]:
        wrong.append(f"{accord['orders']} orders of {accord['attempts placed']} attempts")
    for problem in (*found.failures[:10], *wrong):
        sys.stderr.write(f"Wrong at {found.products} products: {problem}\n")
    return [*found.failures, *wrong]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measure Accord beside a plain Oscar.")
    parser.add_argument("--products", help="catalogue sizes, with commas between (1000,10000)")
    parser.add_argument("--quick", action="store_true", help="one short round at 1000 products, to try things")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each page is asked for in a round")
    parser.add_argument("--write", action="store_true", help="write README.md and results/ after a quick run too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
