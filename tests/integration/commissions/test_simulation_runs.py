"""Runs that are kept: asked for, followed, lost and found, and what publishing asks of them."""

from datetime import timedelta

import pytest

from channels.commissions.models import (
    Accrual,
    LedgerPosting,
    RatingRun,
    SimulatedOrder,
    SimulationRun,
)
from channels.commissions.selectors import replay
from channels.commissions.selectors.simulations import final_run, hash_of, is_stale
from channels.commissions.services import programmes, simulations
from channels.core.terms import TermsError
from shop.operations import schedule
from tests.integration.commissions.pasts import NOON, SINCE, UNTIL, days, draft, terms, world

pytestmark = pytest.mark.django_db


def test_nothing_is_written() -> None:
    """Books, runs and accruals stay as they are."""
    world()
    before = [list(model.objects.values()) for model in (Accrual, LedgerPosting, RatingRun)]
    version = draft()
    simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    assert [list(model.objects.values()) for model in (Accrual, LedgerPosting, RatingRun)] == before


def test_a_run_keeps_its_result_and_the_orders_that_change() -> None:
    gold, silver = world()
    run = simulations.run_now(version_id=draft().pk, since=SINCE, until=UNTIL, at=UNTIL)
    assert (run.state, run.orders_done, run.orders_total, run.counts) == ("done", 3, 3, True)
    assert run.result["totals"] == [{"currency": "EUR", "then_minor": 195_00, "now_minor": 210_00}]
    rows = SimulatedOrder.objects.values_list("order__number", "partner", "then_minor", "now_minor", "distance_minor")
    assert list(rows) == [("A", gold.pk, 120_00, 160_00, 40_00), ("B", silver.pk, 75_00, 50_00, 25_00)]
    again = simulations.run_now(version_id=run.version_id, since=SINCE, until=UNTIL, at=UNTIL)
    assert set(SimulatedOrder.objects.values_list("run", flat=True)) == {again.pk}


def test_publishing_needs_a_run_on_the_final_text() -> None:
    """Without a run, or with a word changed since, it is refused; spelling the same terms differently is no change."""
    world()
    version = draft()
    with pytest.raises(programmes.NotSimulated):
        programmes.publish(version_id=version.pk, at=UNTIL)
    simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    programmes.edit_draft(version_id=version.pk, terms=terms(hold_days=15), at=UNTIL)
    with pytest.raises(programmes.NotSimulated):
        programmes.publish(version_id=version.pk, at=UNTIL)
    version.refresh_from_db()
    assert (version.status, final_run(version)) == ("draft", None)
    programmes.edit_draft(version_id=version.pk, terms=terms(hold_days=14), at=UNTIL)
    assert programmes.publish(version_id=version.pk, at=UNTIL).status == "published"


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_only_a_finished_run_counts(state) -> None:
    version = draft()
    run = simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    SimulationRun.objects.filter(pk=run.pk).update(state=state)
    with pytest.raises(programmes.NotSimulated):
        programmes.publish(version_id=version.pk, at=UNTIL)


def test_a_run_over_nothing_counts_only_while_there_is_nothing() -> None:
    """The very first version has no orders to replay; later an empty period is no way round the rule."""
    version = draft()
    assert simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=NOON - days(1)).counts is True
    world()
    empty = simulations.run_now(version_id=version.pk, since=SINCE - days(900), until=SINCE, at=UNTIL)
    assert (empty.state, empty.result["orders"], empty.counts) == ("done", 0, False)


def test_a_draft_with_mistakes_is_not_run() -> None:
    version = programmes.create_draft(programme="channel", terms={"bonus": 1}, at=NOON)
    with pytest.raises(TermsError):
        simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    assert SimulationRun.objects.count() == 0


def test_a_failure_stays_on_the_run_and_can_be_tried_again(monkeypatch, django_capture_on_commit_callbacks) -> None:
    world()
    version = draft()
    monkeypatch.setattr(simulations, "past_orders", lambda **_: 1 / 0)
    run = simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    assert (run.state, run.last_error) == ("failed", "ZeroDivisionError: division by zero")
    monkeypatch.undo()
    with django_capture_on_commit_callbacks(execute=True):
        simulations.restart(run_id=run.pk, at=UNTIL)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.last_error, run.orders_done) == ("done", 2, "", 3)
    with pytest.raises(simulations.StillRunning):
        simulations.restart(run_id=run.pk, at=UNTIL)


def test_a_cancelled_run_stops_at_the_next_chunk(monkeypatch) -> None:
    """The worker notices, keeps nothing, and does not say that it is done."""
    world()
    version = draft()

    def chunks(**period):
        for order in replay.past_orders(**period, chunk=1):
            yield order
            simulations.cancel(run_id=SimulationRun.objects.latest("pk").pk, at=UNTIL)

    monkeypatch.setattr(simulations, "past_orders", chunks)
    run = simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    assert (run.state, run.orders_done, run.result) == ("cancelled", 1, {})


def test_a_lost_worker_is_noticed_and_what_it_still_writes_is_refused() -> None:
    """Two minutes without a sign, and the run may be started anew; the first attempt then writes nothing."""
    world()
    version = draft()
    run = simulations.run_now(version_id=version.pk, since=SINCE, until=UNTIL, at=UNTIL)
    SimulationRun.objects.filter(pk=run.pk).update(state="running", heartbeat_at=UNTIL, result={})
    run.refresh_from_db()
    assert not is_stale(run, now=UNTIL + timedelta(seconds=119))
    with pytest.raises(simulations.StillRunning):
        simulations.restart(run_id=run.pk, at=UNTIL + timedelta(seconds=119))
    assert is_stale(run, now=UNTIL + timedelta(seconds=120))
    simulations.restart(run_id=run.pk, at=UNTIL + timedelta(seconds=120))
    assert simulations.execute(run_id=run.pk, attempt=1, clock=lambda: UNTIL) == "queued"
    with pytest.raises(simulations.Superseded):
        simulations._step(run, state="done")
    assert simulations.execute(run_id=run.pk, attempt=2, clock=lambda: UNTIL) == "done"


def lost(version_id: int, **values) -> SimulationRun:
    """A run whose worker gave its last sign at UNTIL."""
    run = simulations.run_now(version_id=version_id, since=SINCE, until=UNTIL, at=UNTIL)
    SimulationRun.objects.filter(pk=run.pk).update(**{"state": "running", "result": {}, "finished_at": None, **values})
    return SimulationRun.objects.get(pk=run.pk)


LATER = UNTIL + timedelta(minutes=2)


def test_the_sweeper_starts_a_lost_run_again(django_capture_on_commit_callbacks) -> None:
    """Not before two minutes without a sign; then once, and it ends as it would have."""
    world()
    run = lost(draft().pk)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        assert schedule.heal(now=LATER - timedelta(seconds=1))["simulations"] == 0
    assert sent == []
    with django_capture_on_commit_callbacks(execute=True) as sent:
        assert schedule.heal(now=LATER)["simulations"] == 1
        assert schedule.run_due(now=LATER)["simulations"] == 0
    assert len(sent) == 1
    run.refresh_from_db()
    assert (run.state, run.attempt, run.orders_done, run.counts) == ("done", 2, 3, True)
    assert run.result["totals"] == [{"currency": "EUR", "then_minor": 195_00, "now_minor": 210_00}]
    assert SimulatedOrder.objects.filter(run=run).count() == 2


def test_a_run_whose_message_is_lost_is_sent_again_and_not_counted(django_capture_on_commit_callbacks) -> None:
    """It may only be waiting: whichever message comes first does it, and the other finds nothing to do."""
    world()
    run = lost(draft().pk, state="queued")
    with django_capture_on_commit_callbacks() as sent:
        assert simulations.resume(now=LATER) == 1
    assert len(sent) == 1
    assert simulations.execute(run_id=run.pk, attempt=1, clock=lambda: LATER) == "done"
    with django_capture_on_commit_callbacks(execute=True):
        sent[0]()
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("done", 1)


def test_what_loses_its_worker_again_and_again_is_given_up(django_capture_on_commit_callbacks) -> None:
    run = lost(draft().pk, attempt=3)
    with django_capture_on_commit_callbacks() as sent:
        assert simulations.resume(now=LATER) == 1
        assert simulations.resume(now=LATER + timedelta(days=1)) == 0
    run.refresh_from_db()
    assert (sent, run.state, run.attempt, run.finished_at) == ([], "failed", 3, LATER)
    assert run.last_error.startswith("Its worker was lost several times.")


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_has_ended_is_left_alone(state) -> None:
    lost(draft().pk, state=state)
    assert simulations.resume(now=LATER + timedelta(days=30)) == 0


def test_a_sign_from_the_future_says_nothing() -> None:
    """It comes from `run_due --as-of`; the sweeper of today starts the run again."""
    lost(draft().pk, heartbeat_at=UNTIL + timedelta(days=300))
    assert simulations.resume(now=UNTIL) == 1


def test_a_run_is_done_by_the_task(django_capture_on_commit_callbacks) -> None:
    world()
    with django_capture_on_commit_callbacks(execute=True):
        run = simulations.request(version_id=draft().pk, since=SINCE, until=UNTIL, at=UNTIL)
    run.refresh_from_db()
    assert (run.state, run.orders_total, run.terms_hash) == ("done", 3, hash_of(terms()))
