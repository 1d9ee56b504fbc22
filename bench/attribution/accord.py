"""One measurement of Accord's engine in a process of its own: accord.py FILE GROUP. Prints JSON.

The journeys are in memory before the clock starts, as texts such as `a > b > c`; splitting them is measured.
"""

import csv
import gc
import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path

from channels.journeys.engine.facts import Touch
from channels.journeys.engine.model_settings import ModelSettings
from channels.journeys.engine.models import MODELS
from channels.journeys.engine.paths import PATH_MODELS, PathTally
from channels.journeys.engine.timed import ALL_MODELS, TimedPath, TimedTally

BATCH = 20_000
PLAIN = 5_000
MINUTE = 60_000_000
KINDS = ("visit", "visit", "lead_created", "visit", "deal_created", "visit", "visit")
ROLES = ("sourcer", "influencer", "implementer", "closer", "advisor")
GROUPS = {
    "three heuristics": ("first", "last", "linear"),
    **{model: (model,) for model in ALL_MODELS},
    "eight on paths": PATH_MODELS,
    "all eleven": ALL_MODELS,
}


def main(file: str, group: str) -> None:
    if group == "plain":
        plain(file)
        return
    models = GROUPS[group]
    timed = not set(models) <= set(PATH_MODELS)
    paths, conversions, nulls, minutes = load(file, timed=timed)
    gc.freeze()
    before = resident()
    tally = TimedTally(models, settings=ModelSettings()) if timed else PathTally(models, settings=ModelSettings())
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(paths), BATCH):
        part = slice(start, start + BATCH)
        if isinstance(tally, TimedTally):
            tally.add(list(journeys(paths[part], conversions[part], nulls[part], minutes[part])))
        else:
            counts = conversions[part]
            tally.add_columns([path.split(" > ") for path in paths[part]], counts, nulls[part], counts)
    credits = {model: tally.credits(model) for model in models}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    shared = {model: float(sum(found.values())) for model, found in credits.items()}
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": cpu,
                "loaded_mib": before,
                "peak_mib": resident(),
                "sums": shared,
                "exact": all(sum(found.values()) == sum(conversions) for found in credits.values()),
                "markov": {name: float(credit) for name, credit in credits.get("markov", {}).items()},
            }
        )
    )


def plain(file: str) -> None:
    """The same models one journey after the other, as an order is credited; on a part of the file."""
    data = load(file, timed=True)
    part = list(islice(journeys(*data), PLAIN))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    seconds: dict[str, float] = {}
    for name, model in MODELS.items():
        cpu = time.process_time()
        for journey in part:
            touches = [
                Touch(str(place), touch, at + timedelta(microseconds=moment), kind, role=role)
                for place, (touch, moment, kind, role) in enumerate(zip(*journey[:4], strict=True))
            ]
            model(touches, at + timedelta(microseconds=journey.ats[-1]), ModelSettings())
        seconds[name] = (time.process_time() - cpu) * len(data[0]) / len(part)
    print(json.dumps({"plain": seconds}))


def load(file: str, *, timed: bool) -> tuple[list[str], list[int], list[int], list[tuple[int, ...]]]:
    """Read the columns; moments only where they are needed."""
    paths: list[str] = []
    conversions: list[int] = []
    nulls: list[int] = []
    moments: list[tuple[int, ...]] = []
    with Path(file).open(newline="") as source:
        rows = csv.reader(source)
        next(rows)
        for path, conversion, null, minutes in rows:
            paths.append(path)
            conversions.append(int(conversion))
            nulls.append(int(null))
            if timed:
                moments.append(tuple(accumulate(int(part) * MINUTE for part in minutes.split())))
    return paths, conversions, nulls, moments


def journeys(
    paths: list[str], conversions: list[int], nulls: list[int], moments: list[tuple[int, ...]]
) -> Iterator[TimedPath]:
    """Every seventh touch creates a lead or a deal, every fifth has a role of each kind."""
    for path, conversion, null, ats in zip(paths, conversions, nulls, moments, strict=True):
        touches = tuple(path.split(" > "))
        n = len(touches)
        kinds, roles = (KINDS * 3)[:n], (ROLES * 4)[:n]
        yield TimedPath(touches, ats, kinds, roles, conversion, null, conversion)


def resident() -> int:
    """Return the largest memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
