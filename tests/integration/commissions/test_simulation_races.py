"""Two sweepers at once on a simulation that lost its worker. The race has a twin without the lock."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from channels.commissions.models import SimulationRun
from channels.commissions.services import simulations
from tests.harness.race import race, together, values
from tests.integration.commissions.pasts import SINCE, UNTIL, draft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
LOST = "channels.commissions.services.simulations.is_stale"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A run that nobody works on; the attempts that are sent from now on."""
    run = simulations.run_now(version_id=draft().pk, since=SINCE, until=UNTIL, at=UNTIL)
    SimulationRun.objects.filter(pk=run.pk).update(state="running")
    found: list[int] = []
    monkeypatch.setattr(simulations, "_send_after_commit", lambda run: found.append(run.attempt))
    return found


def sweep(_: int) -> int:
    return simulations.resume(now=UNTIL + timedelta(minutes=3))


def test_two_sweepers_start_a_lost_run_once(sent: list[int]) -> None:
    with together(LOST, patience=2):
        outcomes = race(2, sweep)
    assert sorted(values(outcomes)) == [0, 1]
    assert sent == [2]
    assert SimulationRun.objects.get().attempt == 2


def test_without_the_lock_they_start_it_twice(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Both messages carry the same attempt, so that even then only one worker takes it."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    with together(LOST, patience=5):
        outcomes = race(2, sweep)
    assert values(outcomes) == [1, 1]
    assert sent == [2, 2]
    run = SimulationRun.objects.get()
    assert [simulations.execute(run_id=run.pk, attempt=2, clock=lambda: UNTIL) for _ in sent] == ["done", "done"]
