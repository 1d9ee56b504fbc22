"""Rating an order: post what it should have earned by now, minus what was posted already."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from channels.commissions.engine.delta import deltas
from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors import targets
from channels.commissions.services import accruals, ledger, locks, run_explanation
from channels.journeys.models import AttributionRun
from channels.journeys.services.attribution import attribute

logger = logging.getLogger(__name__)

State = RatingRun.State


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
            locks.lock_order(run.order_id)
            owed = RatingRun.objects.filter(order_id=run.order_id, pk__lte=run_id).exclude(state=State.DONE)
            for owed_run in owed.select_related("event").order_by("pk"):
                _complete(owed_run, now)
    except Exception as error:
        logger.exception("Rating run %s failed.", run_id)
        return _fail(run_id, error, now)
    return State.DONE


def _attribute_first(order_id: int, now: datetime) -> None:
    """Attribution commits by itself: a rating that fails afterwards does not undo it."""
    attribution = AttributionRun.objects.filter(order_id=order_id).order_by("-sequence").first()
    if attribution is not None and attribution.state != AttributionRun.State.DONE:
        attribution = attribute(run_id=attribution.pk, now=now)
    if attribution is None or attribution.state != AttributionRun.State.DONE:
        raise NotAttributed(attribution.last_error if attribution else "the order has no attribution run")


def _complete(run: RatingRun, now: datetime) -> None:
    locks.lock_head()
    facts = targets.facts_of(targets.orders_with_facts().get(pk=run.order_id), up_to=run.event)
    rating = targets.rating_of(facts)
    history = accruals.History.of(run.order_id)
    changes = deltas(rating.targets, history.posted())
    rows = accruals.rows_for(changes, run=run, facts=facts, history=history)
    Accrual.objects.bulk_create(rows)
    ledger.post_many(accruals.drafts_for(rows, run=run))
    accruals.follow_reversals(rows)
    accruals.move_hold(run.order_id, facts.hold_until)
    run.explanation = run_explanation.explain(run, facts, rating, rows)
    run.programme_version, run.frozen = facts.version, facts.frozen
    run.state, run.finished_at, run.last_error = State.DONE, now, ""
    run.attempts += 1
    run.save()


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
