"""The command: bench/run attribution. attribution.md beside this folder says what it measures, and keeps the figures."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine
from bench.attribution import journeys, report

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SIZES = ((1_000_000, 200), (100_000, 50))
PEER = ROOT / "var" / "attribution-peer" / "bin" / "python"
AGAINST_PEER = ("three heuristics", "markov")
ALONE = (
    "position",
    "linear-distinct",
    "last-non-direct",
    "time-decay",
    "w-shape",
    "role",
    "eight on paths",
    "all eleven",
)


def main() -> int:
    options = arguments()
    sizes = ((100_000, 50),) if options.quick else SIZES
    rounds = 1 if options.quick else options.rounds
    peer = options.peer if options.peer.exists() else None
    before, at = machine.load(), datetime.now(UTC)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for count, channels in sizes:
            file = Path(folder) / "journeys.csv"
            say(f"writing {count:,} journeys over {channels} channels")
            journeys.write(file, journeys=count, channels=channels)
            found.append({"journeys": count, "channels": channels, **measure(file, rounds, peer)})
    run = {
        "at": at.isoformat(timespec="minutes"),
        "machine": machine.describe(),
        "load_before": before,
        "load_after": machine.load(),
        "rounds": rounds,
        "peer": version(peer) if peer else "",
        "sizes": found,
    }
    text = report.markdown(run)
    print(text)
    if not options.quick:
        report.write(text, ROOT / "bench" / "attribution.md")
        (ROOT / "bench" / "results" / f"{at:%Y-%m-%d}-attribution.json").write_text(json.dumps(run, indent=1) + "\n")
    wrong = [name for size in found for name, one in size["accord"].items() if not one["exact"]]
    for name in wrong:
        sys.stderr.write(f"Wrong: {name} does not sum to the conversions.\n")
    return 1 if wrong else 0


def measure(file: Path, rounds: int, peer: Path | None) -> dict[str, Any]:
    """Take turns, so that whatever else the machine does meets both."""
    accord: dict[str, list[dict[str, Any]]] = {}
    other: dict[str, list[dict[str, Any]]] = {}
    for number in range(rounds):
        for group in (*AGAINST_PEER, *ALONE):
            say(f"round {number + 1}: {group}")
            accord.setdefault(group, []).append(one(Path(sys.executable), "accord.py", file, group))
            if peer and group in AGAINST_PEER:
                other.setdefault(group, []).append(one(peer, "peer.py", file, group))
    result: dict[str, Any] = {"accord": {group: middle(runs) for group, runs in accord.items()}}
    if peer:
        result["peer"] = {group: middle(runs) for group, runs in other.items()}
        result["ratios"] = {
            group: {
                clock: statistics.median(
                    theirs[clock] / ours[clock] for ours, theirs in zip(accord[group], runs, strict=True)
                )
                for clock in ("wall", "cpu")
            }
            for group, runs in other.items()
        }
        result["off"] = deviation(accord["markov"][0]["markov"], other["markov"][0]["markov"])
    else:
        say("no peer: the plain models, one journey after the other")
        result["plain"] = one(Path(sys.executable), "accord.py", file, "plain")["plain"]
    return result


def one(python: Path, script: str, file: Path, group: str) -> dict[str, Any]:
    answer = subprocess.run(
        [python, HERE / script, file, group],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The medians of the rounds; the credits only once, and not kept."""
    pick: Callable[[str], float] = lambda name: round(statistics.median(run[name] for run in runs), 3)  # noqa: E731
    kept = {name: pick(name) for name in ("wall", "cpu", "loaded_mib", "peak_mib")}
    return {**kept, "exact": all(run.get("exact", True) for run in runs)}


def deviation(exact: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """How far the peer's credits are from the solved ones, in percent of each."""
    off = sorted(abs(other.get(name, 0.0) - credit) / credit * 100 for name, credit in exact.items() if credit)
    return {"median": statistics.median(off), "largest": off[-1], "lost": len(set(exact) - set(other))}


def version(python: Path) -> str:
    code = "from importlib.metadata import version; print(version('ChannelAttribution'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run attribution", description="Measure attribution of many journeys.")
    parser.add_argument("--quick", action="store_true", help="one round of 100,000 journeys; writes nothing")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", type=Path, default=PEER, help="a Python that has ChannelAttribution and pandas")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
