"""The same measurement of the ChannelAttribution package, by a Python that has it: peer.py FILE GROUP. Prints JSON."""

import contextlib
import io
import json
import resource
import sys
import time

import pandas as pd

with contextlib.redirect_stdout(io.StringIO()):
    import ChannelAttribution


def main(file: str, group: str) -> None:
    data = pd.read_csv(file)[["path", "total_conversions", "total_null"]]
    before = resident()
    wall, cpu = time.perf_counter(), time.process_time()
    credits = {}
    with contextlib.redirect_stdout(io.StringIO()):
        if group == "three heuristics":
            ChannelAttribution.heuristic_models(data, "path", "total_conversions", flg_pro=False)
        else:
            found = ChannelAttribution.markov_model(
                data, "path", "total_conversions", var_null="total_null", flg_pro=False, verbose=False
            )
            found = found[0] if isinstance(found, list) else found
            credits = dict(zip(found["channel_name"], found["total_conversions"], strict=True))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "loaded_mib": before, "peak_mib": resident(), "markov": credits}))


def resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
