"""Replaying past orders under a draft. It reads the books and never writes to them."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from celery import signature
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.audit.services import record
from channels.commissions.engine.compiled import compile_terms
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.simulation import Change, Simulation, warm_from
from channels.commissions.models import ProgrammeVersion, SimulatedOrder, SimulationRun
from channels.commissions.selectors.replay import orders_between, past_orders
from channels.commissions.selectors.simulations import STALE_AFTER, UNFINISHED, hash_of, is_stale
from channels.journeys.models import OrderRecord

logger = logging.getLogger(__name__)

State = SimulationRun.State
Clock = Callable[[], datetime]
ENDED = (State.DONE, State.FAILED, State.CANCELLED)
MOST_ATTEMPTS = 3
LOST = gettext_noop("Its worker was lost several times. Try a shorter period, and look at the worker's log.")


class EmptyPeriod(ValueError):
    """A period that ends before it begins has no orders."""


class StillRunning(Exception):
    """Somebody is at it: wait, or cancel it first."""


class Superseded(Exception):
    """The run was cancelled or started anew while this worker was at it: its results no longer count."""


def replay(
    *,
    terms: ProgrammeTerms,
    since: datetime,
    until: datetime,
    follow: Callable[[int, Iterable[Change]], None] | None = None,
) -> dict[str, Any]:
    """Return what the terms would have paid on the orders of a period beside what was posted; it stores nothing.

    `follow` is told after each chunk how many orders are done, and what changes in them.
    """
    _check(since, until)
    simulation = Simulation(compile_terms(terms))
    for chunk in past_orders(since=warm_from(simulation.programme, since), until=until):
        changes = []
        for order in chunk:
            if order.placed_at < since:
                simulation.warm_up(order)
            else:
                changes += simulation.add(order)
        if follow:
            follow(simulation.orders, changes)
    return simulation.result()


@transaction.atomic
def request(
    *, version_id: int, since: datetime, until: datetime, at: datetime, by: AbstractBaseUser | None = None
) -> SimulationRun:
    """Ask for a run of a version's text as it is now; a task does it. Raises TermsError or EmptyPeriod."""
    run = _create(version_id=version_id, since=since, until=until, at=at, by=by)
    _send_after_commit(run)
    return run


def run_now(
    *, version_id: int, since: datetime, until: datetime, at: datetime, by: AbstractBaseUser | None = None
) -> SimulationRun:
    """Run a version's text here and now, for callers that need the result. Raises TermsError or EmptyPeriod."""
    run = _create(version_id=version_id, since=since, until=until, at=at, by=by)
    execute(run_id=run.pk, attempt=run.attempt, clock=lambda: at)
    run.refresh_from_db()
    return run


def execute(*, run_id: int, attempt: int, clock: Clock) -> str:
    """Do a run that was asked for, and return its state. Twice changes nothing; a failure stays on the run."""
    started = SimulationRun.objects.filter(pk=run_id, attempt=attempt, state=State.QUEUED).update(
        state=State.RUNNING, heartbeat_at=clock(), orders_done=0
    )
    run = SimulationRun.objects.get(pk=run_id)
    if not started:
        return run.state
    try:
        _complete(run, clock)
    except Superseded:
        logger.info("Simulation %s was cancelled or started anew.", run_id)
    except Exception as error:
        logger.exception("Simulation %s failed.", run_id)
        _mine(run).update(state=State.FAILED, last_error=f"{type(error).__name__}: {error}"[:2000], finished_at=clock())
    return SimulationRun.objects.values_list("state", flat=True).get(pk=run_id)


def cancel(*, run_id: int, at: datetime) -> None:
    """Stop a run that has not ended; its worker notices after the orders it is at."""
    SimulationRun.objects.filter(pk=run_id).exclude(state__in=ENDED).update(state=State.CANCELLED, finished_at=at)


@transaction.atomic
def restart(*, run_id: int, at: datetime) -> SimulationRun:
    """Start a run again that failed, was cancelled, or whose worker is gone. Raises StillRunning."""
    run = SimulationRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state == State.DONE or (run.state not in ENDED and run.heartbeat_at > at - STALE_AFTER):
        raise StillRunning(_("the simulation is: %s") % run.get_state_display())
    _again(run, at, attempt=run.attempt + 1)
    return run


def resume(*, now: datetime) -> int:
    """Send the runs again that nobody works on, and give those up that lost their worker too often; return how many."""
    live = Q(heartbeat_at__gt=now - STALE_AFTER, heartbeat_at__lt=now + STALE_AFTER)
    lost = SimulationRun.objects.filter(state__in=UNFINISHED).exclude(live)
    return sum(_resume(run_id, now) for run_id in lost.values_list("pk", flat=True))


@transaction.atomic
def _resume(run_id: int, now: datetime) -> bool:
    run = SimulationRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if not is_stale(run, now=now):
        return False
    if run.state == State.QUEUED:
        _again(run, now, attempt=run.attempt)  # its message may still come, and then one of the two finds nothing to do
    elif run.attempt < MOST_ATTEMPTS:
        _again(run, now, attempt=run.attempt + 1)
    else:
        run.state, run.last_error, run.finished_at = State.FAILED, LOST, now
        run.save(update_fields=["state", "last_error", "finished_at"])
    return True


def _again(run: SimulationRun, at: datetime, *, attempt: int) -> None:
    run.state, run.attempt, run.heartbeat_at = State.QUEUED, attempt, at
    run.last_error, run.finished_at, run.orders_done = "", None, 0
    run.save(update_fields=["state", "attempt", "heartbeat_at", "last_error", "finished_at", "orders_done"])
    _send_after_commit(run)


def _create(
    *, version_id: int, since: datetime, until: datetime, at: datetime, by: AbstractBaseUser | None
) -> SimulationRun:
    _check(since, until)
    version = ProgrammeVersion.objects.select_related("programme").get(pk=version_id)
    terms = ProgrammeTerms.from_json(version.terms).to_json()
    run = SimulationRun.objects.create(
        version=version,
        terms=terms,
        terms_hash=hash_of(terms),
        since=since,
        until=until,
        requested_by_id=by.pk if by else None,
        requested_at=at,
        heartbeat_at=at,
    )
    record(verb="programme.simulated", subject=version, at=at, actor=by, data={"run": run.pk})
    return run


def _complete(run: SimulationRun, clock: Clock) -> None:
    run.orders.all().delete()  # what an attempt left that was lost
    found = orders_between(since=run.since, until=run.until)
    _step(run, orders_total=found.count())

    def follow(done: int, changes: Iterable[Change]) -> None:
        with transaction.atomic():
            _step(run, orders_done=done, heartbeat_at=clock())
            SimulatedOrder.objects.bulk_create(_row(run, change) for change in changes)

    result = replay(terms=ProgrammeTerms.from_json(run.terms), since=run.since, until=run.until, follow=follow)
    could = OrderRecord.objects.filter(placed_at__lt=run.requested_at)
    with transaction.atomic():
        _step(
            run,
            state=State.DONE,
            result=result,
            counts=bool(result["orders"]) or not could.exists(),
            finished_at=clock(),
        )
        SimulatedOrder.objects.filter(run__version=run.version_id, run__pk__lt=run.pk).delete()


def _step(run: SimulationRun, **values: Any) -> None:
    """Write to a run as the worker that has it. Raises Superseded when it is not this worker's any more."""
    if not _mine(run).update(**values):
        raise Superseded


def _mine(run: SimulationRun) -> QuerySet[SimulationRun]:
    return SimulationRun.objects.filter(pk=run.pk, attempt=run.attempt, state=State.RUNNING)


def _row(run: SimulationRun, change: Change) -> SimulatedOrder:
    return SimulatedOrder(
        run=run,
        order_id=change.order_id,
        partner_id=int(change.partner),
        currency=change.currency,
        then_minor=change.then_minor,
        now_minor=change.now_minor,
        distance_minor=abs(change.now_minor - change.then_minor),
    )


def _check(since: datetime, until: datetime) -> None:
    if until <= since:
        raise EmptyPeriod(_("the period must end after it begins"))


def _send_after_commit(run: SimulationRun) -> None:
    """Hand a run to the task, by name: tasks import services, never the other way round."""
    name, arguments = "channels.commissions.tasks.simulate_programme", (run.pk, run.attempt)
    transaction.on_commit(lambda: signature(name, args=arguments).delay(), robust=True)
