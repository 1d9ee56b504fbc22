"""The journeys that are measured: the same every time, written once to a file that every program reads."""

import csv
import random
from itertools import accumulate
from pathlib import Path

LONGEST = 20


def write(path: Path, *, journeys: int, channels: int, seed: int = 1) -> None:
    """Write path, total_conversions, total_null, and the minutes between the touches.

    A few channels are common and most are rare; lengths fall off around four touches; a third of the journeys convert.
    """
    chance = random.Random(seed)
    names = [f"channel {number:03}" for number in range(channels)]
    weights = list(accumulate(1 / (place + 2) for place in range(channels)))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "total_conversions", "total_null", "minutes"])
        for _ in range(journeys):
            length = min(1 + int(chance.expovariate(1 / 3.2)), LONGEST)
            touches = chance.choices(names, cum_weights=weights, k=length)
            converts = chance.random() < 1 / 3
            minutes = " ".join(str(chance.randint(1, 14 * 24 * 60)) for _ in touches)
            writer.writerow([" > ".join(touches), int(converts), int(not converts), minutes])
