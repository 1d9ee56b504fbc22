"""python -m bench.rating.client FIRST LAST: get ready, wait for a line on standard input, rate these runs, report."""

import json
import sys
import time

from bench.inside import which

which.shop()

from bench.simulation.data import UNTIL  # noqa: E402
from channels.commissions.models import LedgerPosting, RatingRun  # noqa: E402
from channels.commissions.services import rating  # noqa: E402
from channels.commissions.services.schedule import TOGETHER  # noqa: E402
from shop.operations.memory import freeze  # noqa: E402


def rate(run_ids: list[int]) -> None:
    for start in range(0, len(run_ids), TOGETHER):
        rating.rate_together(run_ids=run_ids[start : start + TOGETHER], now=UNTIL)


def main(first: int, last: int) -> None:
    """Warm up with two batches, so that one process and two are measured after their first imports alike."""
    run_ids = list(range(first, last + 1))
    warm = min(2 * TOGETHER, len(run_ids) // 5)
    rate(run_ids[:warm])
    freeze()  # as a worker does
    print("ready", flush=True)
    sys.stdin.readline()
    started, on_core = time.time(), time.process_time()
    rate(run_ids[warm:])
    ended, cpu = time.time(), time.process_time() - on_core
    rated = RatingRun.objects.filter(pk__in=run_ids[warm:], state=RatingRun.State.DONE)
    postings = LedgerPosting.objects.filter(accrual__run__in=rated).count()
    print(
        json.dumps({"started": started, "ended": ended, "cpu": cpu, "orders": rated.count(), "postings": postings}),
        flush=True,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
