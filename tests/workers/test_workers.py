"""Orders are credited by real workers, whatever happens to the worker or to Redis on the way."""

import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from channels.journeys.models import AttributionRun, Credit, OrderRecord
from shop.operations import schedule
from tests.factories import channels as make
from tests.harness import processes, workers

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'channels_journeys_credit'::regclass"


def a_company_that_a_partner_visited() -> None:
    make.policy()
    make.company()
    make.touch(make.partner("nordvik"), at=make.NOON - make.days(3))


def buy(number: str) -> OrderRecord:
    with transaction.atomic():
        return make.order(number)


def is_done(order: OrderRecord) -> bool:
    return AttributionRun.objects.get(order=order).state == AttributionRun.State.DONE


def credits_of(order: OrderRecord) -> list[tuple[str, str, int]]:
    rows = Credit.objects.filter(run__order=order).order_by("pool", "partner__code")
    return list(rows.values_list("partner__code", "line__key", "share_bp"))


def test_a_worker_credits_what_the_web_process_recorded(worker: workers.Worker) -> None:
    """The task travels through Redis: this process credits nothing itself."""
    a_company_that_a_partner_visited()
    orders = [buy(f"ORD-{number}") for number in range(5)]
    for order in orders:
        workers.wait_until(lambda order=order: is_done(order), what=f"The attribution of {order.number}")
        assert credits_of(order) == [("nordvik", f"{order.number}/1", 10_000)]
        assert AttributionRun.objects.get(order=order).attempts == 1
    assert worker.output().count("channels.journeys.tasks.attribute_order") >= len(orders)


def test_a_killed_task_process_loses_nothing(worker: workers.Worker) -> None:
    """Killed in the middle of a transaction, the task is handed out again and its effect is there once."""
    a_company_that_a_partner_visited()
    with psycopg.connect(workers.database_url()) as blocker:
        blocker.execute("LOCK TABLE channels_journeys_credit IN SHARE ROW EXCLUSIVE MODE")
        order = buy("ORD-KILL")
        workers.wait_until(lambda: blocker.execute(WAITING).fetchone()[0], what="A task waiting at the lock")
        for child in worker.children:
            worker.kill_process(child)
        blocker.rollback()
    workers.wait_until(lambda: is_done(order), what="The attribution after the kill")
    assert "WorkerLostError" in worker.output()
    assert credits_of(order) == [("nordvik", "ORD-KILL/1", 10_000)]
    assert AttributionRun.objects.get(order=order).attempts == 1


@pytest.mark.parametrize("state", ["refused", "black hole"])
def test_without_redis_an_order_is_placed_at_once_and_credited_later(state: str) -> None:
    """The order is committed, no task is sent, and the sweeper does its work."""
    a_company_that_a_partner_visited()
    port = processes.free_port() if state == "refused" else None
    with processes.black_hole() as silent, workers.publishing_to(f"redis://127.0.0.1:{port or silent}/0"):
        began = time.monotonic()
        order = buy("ORD-ALONE")
        took = time.monotonic() - began
    assert OrderRecord.objects.filter(number="ORD-ALONE").count() == 1
    assert AttributionRun.objects.get(order=order).state == AttributionRun.State.PENDING
    assert credits_of(order) == []
    schedule.heal(now=timezone.now() + timedelta(minutes=5))
    assert is_done(order)
    assert credits_of(order) == [("nordvik", "ORD-ALONE/1", 10_000)]
    assert took < 1, f"placing took {took:.1f} s while Redis was {state}"


def test_what_is_queued_survives_a_lost_worker(worker: workers.Worker) -> None:
    """The whole worker dies with tasks in hand; another takes them over."""
    a_company_that_a_partner_visited()
    with psycopg.connect(workers.database_url()) as blocker:
        blocker.execute("LOCK TABLE channels_journeys_credit IN SHARE ROW EXCLUSIVE MODE")
        orders = [buy(f"ORD-Q{number}") for number in range(6)]
        workers.wait_until(lambda: blocker.execute(WAITING).fetchone()[0], what="A task waiting at the lock")
        worker.kill()
        blocker.rollback()
    assert connection.vendor == "postgresql"
    schedule.heal(now=timezone.now() + timedelta(minutes=5))
    for order in orders:
        assert is_done(order)
        assert credits_of(order) == [("nordvik", f"{order.number}/1", 10_000)]
