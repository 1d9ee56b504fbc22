"""Rating an order: post what it should have earned by now, minus what was posted already."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import Rating
from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors import targets
from channels.commissions.selectors.circumstances import circumstances_of
from channels.commissions.selectors.programmes import Published
from channels.commissions.services import accruals, bulk, counters, ledger, locks, run_explanation
from channels.commissions.services.facts import send_rating
from channels.journeys.models import AttributionRun
from channels.journeys.services.attribution import attribute

logger = logging.getLogger(__name__)

State = RatingRun.State
RATED_FIELDS = ("explanation", "programme_version", "frozen", "state", "finished_at", "last_error", "attempts")


@dataclass(frozen=True, slots=True)
class Rated:
    """One order just rated, inside the transaction that rates it."""

    run: RatingRun
    facts: targets.Facts
    rating: Rating
    history: accruals.History


# What follows from a rating and belongs to a room above this one: each gets all orders rated together, and returns
# the accruals to add, of types in POSTED_ELSEWHERE.
AFTER_RATING: list[Callable[[Sequence[Rated]], list[Accrual]]] = []


class NotAttributed(Exception):
    """The order's attribution is not done, so nobody knows yet who earns on it."""


def rate(*, run_id: int, now: datetime) -> str:
    """Rate an order and return the run's state. Twice, or twice at once, changes nothing.

    Runs of the same order that were owed earlier are done first, so that the books tell the story in its order.
    A failure stays on the run and is not raised: `heal` tries again.
    """
    run = RatingRun.objects.get(pk=run_id)
    if run.state == State.DONE:
        return run.state
    try:
        _attribute_first(run.order_id, now)
        with transaction.atomic():
            locks.lock_orders([run.order_id])
            owed = RatingRun.objects.filter(order_id=run.order_id, pk__lte=run_id).exclude(state=State.DONE)
            for owed_run in owed.select_related("event").order_by("pk"):
                _complete([owed_run], now)
    except Exception as error:
        logger.exception("Rating run %s failed.", run_id)
        return _fail(run_id, error, now)
    return State.DONE


def rate_together(*, run_ids: Sequence[int], now: datetime) -> int:
    """Rate runs of attributed orders, each order's first, in one transaction; return how many.

    All of them or, when one fails, none: the caller then rates one by one, to keep the error where it belongs.
    """
    with transaction.atomic():
        asked = RatingRun.objects.filter(pk__in=run_ids)
        locks.lock_orders(asked.values_list("order_id", flat=True))
        owed = asked.exclude(state=State.DONE).select_related("event").order_by("order", "pk")
        first = {run.order_id: run for run in reversed(owed)}
        runs = sorted(first.values(), key=lambda run: (run.created_at, run.pk))
        _complete(runs, now)
    return len(runs)


def _attribute_first(order_id: int, now: datetime) -> None:
    """Attribution commits by itself: a rating that fails afterwards does not undo it."""
    attribution = AttributionRun.objects.filter(order_id=order_id).order_by("-sequence").first()
    if attribution is not None and attribution.state != AttributionRun.State.DONE:
        attribution = attribute(run_id=attribution.pk, now=now)
    if attribution is None or attribution.state != AttributionRun.State.DONE:
        raise NotAttributed(attribution.last_error if attribution else "the order has no attribution run")


def _complete(runs: Sequence[RatingRun], now: datetime) -> None:
    """Rate runs of as many orders: their facts are read, and their rows written, all at once."""
    order_ids = [run.order_id for run in runs]
    every = _facts(runs)
    counted = counters.Counters.lock(every)
    locks.lock_head()
    histories = accruals.History.of(order_ids)
    rows: list[Accrual] = []
    done: list[Rated] = []
    for run, facts in zip(runs, every, strict=True):
        rated = Rated(run, facts, counted.rate(run, facts), histories[run.order_id])
        rows += _rated(rated, now)
        done.append(rated)
    for follow in AFTER_RATING:
        rows += follow(done)
    bulk.create(Accrual, rows)
    ledger.post_many(accruals.drafts_for(rows))
    accruals.follow_reversals(rows)
    for owed in counted.save():
        _send_after_commit(owed.pk)
    bulk.update(RatingRun, runs, RATED_FIELDS)


def _send_after_commit(run_id: int) -> None:
    transaction.on_commit(lambda: send_rating(run_id), robust=True)


def _facts(runs: Sequence[RatingRun]) -> list[targets.Facts]:
    """Read each order's facts; of those that no rating knows yet, also what it will freeze."""
    found = targets.orders_with_facts().filter(pk__in=[run.order_id for run in runs])
    orders = {order.pk: order for order in found}
    published = Published()
    unseen = [order for order in orders.values() if not targets.is_seen(order)]
    seen = circumstances_of(unseen, targets.holdouts_of(unseen, published))
    return [
        targets.facts_of(orders[run.order_id], published, up_to=run.event, seen=seen.get(run.order_id)) for run in runs
    ]


def _rated(rated: Rated, now: datetime) -> list[Accrual]:
    """Return the accruals to add; the run then says how they came about, unsaved."""
    run, facts, rating, history = rated.run, rated.facts, rated.rating, rated.history
    changes = deltas(rating.targets, history.posted())
    rows = accruals.rows_for(changes, run=run, facts=facts, history=history)
    accruals.move_hold(history, facts.hold_until)
    run.explanation = run_explanation.explain(run, facts, rating, rows)
    run.programme_version, run.frozen = facts.version, facts.frozen
    run.state, run.finished_at, run.last_error = State.DONE, now, ""
    run.attempts += 1
    return rows


def _fail(run_id: int, error: Exception, now: datetime) -> str:
    """Keep the error on the run, unless a twin has done it meanwhile."""
    waiting: Sequence[str] = (State.PENDING, State.FAILED)
    failed = RatingRun.objects.filter(pk=run_id, state__in=waiting).update(
        state=State.FAILED,
        attempts=F("attempts") + 1,
        last_error=f"{type(error).__name__}: {error}"[:2000],
        finished_at=now,
    )
    return State.FAILED if failed else State.DONE
