"""A simulation whose worker is killed is begun anew by the sweeper, and finds what it would have found."""

from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from channels.commissions.models import SimulatedOrder, SimulationRun
from channels.commissions.services import simulations
from shop.operations import schedule
from tests.harness import workers
from tests.integration.commissions.pasts import SINCE, UNTIL, draft, world

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

WAITING = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'channels_commissions_simulatedorder'::regclass"
)
TOTALS = [{"currency": "EUR", "then_minor": 195_00, "now_minor": 210_00}]


def test_a_killed_simulation_is_finished_all_the_same(worker: workers.Worker) -> None:
    world()
    version = draft()
    with psycopg.connect(workers.database_url()) as blocker:
        blocker.execute("LOCK TABLE channels_commissions_simulatedorder IN SHARE ROW EXCLUSIVE MODE")
        run = simulations.request(version_id=version.pk, since=SINCE, until=UNTIL, at=timezone.now())
        workers.wait_until(lambda: blocker.execute(WAITING).fetchone()[0], what="A simulation waiting at the lock")
        for child in worker.children:
            worker.kill_process(child)
        blocker.rollback()
    workers.wait_until(lambda: "WorkerLostError" in worker.output(), what="The worker noticing")
    assert state_of(run) == ("running", 1)
    assert schedule.heal(now=timezone.now())["simulations"] == 0
    assert schedule.heal(now=timezone.now() + timedelta(minutes=2, seconds=5))["simulations"] == 1
    workers.wait_until(lambda: state_of(run) == ("done", 2), what="The second attempt")
    run.refresh_from_db()
    assert (run.result["totals"], run.orders_done) == (TOTALS, 3)
    assert SimulatedOrder.objects.filter(run=run).count() == 2


def state_of(run: SimulationRun) -> tuple[str, int]:
    return SimulationRun.objects.values_list("state", "attempt").get(pk=run.pk)
