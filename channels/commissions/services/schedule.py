"""What falls due: lost and failed runs, ended holds, ended months. Idempotent, and safe twice at once.

A run over many months does one after the other: it rates what happened in the month, releases what fell due in it,
closes it, and goes on, so that the books are those of a store that ran every night.
"""

import logging
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from channels.commissions.models import RatingRun
from channels.commissions.selectors import months
from channels.commissions.services import (
    handover,
    holds,
    payout_batches,
    payout_sending,
    rating,
    simulations,
    statements,
)
from channels.core.ids import key
from channels.journeys.models import AttributionRun
from channels.journeys.services import attribution, touch_imports

logger = logging.getLogger(__name__)

State = RatingRun.State
# The ledger head is locked meanwhile: far below the time that others wait for it.
TOGETHER = 100


def heal(*, now: datetime) -> dict[str, int]:
    """Retry pending and failed attribution and rating runs, payouts without an answer, lost work; return counts."""
    counts = _attribute(now)
    rated = _rate(now)
    return {**counts, **rated, **_payouts(now), **_work(now)}


def run_due(*, now: datetime) -> dict[str, int]:
    """Heal, release holds and close the months that ended by `now`; return counts.

    A month whose facts are not all rated waits a few days for them, and the months after it with it.
    """
    counts = _attribute(now)
    rated = {"rated": 0, "rating_failed": 0}
    tried: set[int] = set()
    closed = 0
    for month in months.open_months(now=now):
        rated = _sum(rated, _rate(now, before=month.end, tried=tried))
        if statements.waits(month=month, now=now):
            break
        closed += len(statements.close_month(month=month, now=now))
    rated = _sum(rated, _rate(now, tried=tried))
    released = holds.release_due(now=now)
    return {**counts, **rated, "released": released, "statements": closed, **_payouts(now), **_work(now)}


def _payouts(now: datetime) -> dict[str, int]:
    """Go on with batches that lost their worker, and find out what came of payouts without an answer."""
    return {"payout_batches": payout_batches.resume(now=now), **payout_sending.reconcile(now=now)}


def _work(now: datetime) -> dict[str, int]:
    """Send simulations and files of touchpoints again whose worker is gone."""
    return {"simulations": simulations.resume(now=now), "touch_files": touch_imports.resume(now=now)}


def _attribute(now: datetime) -> dict[str, int]:
    """Attribute what waits, then owe a rating to orders attributed anew."""
    done = failed = 0
    for run_id in attribution.due_runs(now=now):
        run = attribution.attribute(run_id=run_id, now=now)
        done += run.state == AttributionRun.State.DONE
        failed += run.state == AttributionRun.State.FAILED
    handover.share_terms(now=now)
    _owe_for_new_attributions(now)
    return {"attributed": done, "attribution_failed": failed}


def _owe_for_new_attributions(now: datetime) -> None:
    """An order rated already that is attributed again owes the difference."""
    latest = AttributionRun.objects.filter(order=OuterRef("order")).order_by("-sequence").values("pk")[:1]
    anew = AttributionRun.objects.filter(sequence__gt=1, state=AttributionRun.State.DONE, pk=Subquery(latest))
    for run in anew.filter(order__rating_runs__isnull=False).distinct():
        RatingRun.objects.get_or_create(
            order_id=run.order_id,
            cause=key("re-attribution", run.sequence),
            defaults={"created_at": run.finished_at or now},
        )


def _rate(now: datetime, *, before: datetime | None = None, tried: set[int] | None = None) -> dict[str, int]:
    """Rate what waits, each run at most once in one sweep; what failed waits for a pause that doubles."""
    tried = set() if tried is None else tried
    waiting = RatingRun.objects.filter(created_at__lte=now).exclude(state=State.DONE)
    if before is not None:
        waiting = waiting.filter(created_at__lt=before)
    done = _rate_together(waiting.filter(state=State.PENDING), now)
    failed = 0
    for run in waiting.order_by("created_at", "pk"):
        if run.pk not in tried and _is_due(run, now):
            tried.add(run.pk)
            state = rating.rate(run_id=run.pk, now=now)
            done += state == State.DONE
            failed += state == State.FAILED
    return {"rated": done, "rating_failed": failed}


def _rate_together(waiting: QuerySet[RatingRun], now: datetime) -> int:
    """Rate the orders already attributed a hundred at a time; what is left is for one by one."""
    attributions = AttributionRun.objects.filter(order=OuterRef("order"))
    done_once = attributions.filter(state=AttributionRun.State.DONE)
    unfinished = attributions.exclude(state=AttributionRun.State.DONE)
    failed_before = RatingRun.objects.filter(order=OuterRef("order"), pk__lt=OuterRef("pk"), state=State.FAILED)
    ready = waiting.filter(Exists(done_once), ~Exists(unfinished), ~Exists(failed_before)).order_by("created_at", "pk")
    done = 0
    while run_ids := list(ready.values_list("pk", flat=True)[:TOGETHER]):
        try:
            done += rating.rate_together(run_ids=run_ids, now=now)
        except Exception:
            logger.exception("Rating %s orders together failed; each is tried by itself.", len(run_ids))
            break
    return done


def _is_due(run: RatingRun, now: datetime) -> bool:
    """A failure dated after `now` comes from a run ahead of the clock (`run_due --as-of`), and is due."""
    if run.state == State.PENDING or run.finished_at is None:
        return True
    return not run.finished_at <= now < run.finished_at + attribution.pause_after(run.attempts)


def _sum(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    return {name: first[name] + second[name] for name in first}
