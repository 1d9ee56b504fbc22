"""The commission run is done exactly once, whatever is killed under it: task processes, workers, PostgreSQL, Redis.

Payments are recorded while a worker rates them and takes blows at random moments; then the run of what is due takes its
own. In the end the books are those of an undisturbed run, to the posting.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import redis
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from channels.commissions.models import Accrual, LedgerPosting, RatingRun, Statement
from channels.commissions.selectors import verification
from channels.contracts import OrderEventKind
from channels.journeys.models import OrderEvent
from channels.partners.models import ChannelPartner
from shop.operations import schedule
from shop.operations.tasks import run_due
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.harness import postgres, workers

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

BLOWS = 10
PAYMENTS = 30
PLACED = datetime(2026, 1, 5, 12, tzinfo=UTC)
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> ALL(%s)"
Blow = Callable[[workers.Worker], None]


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
def replaceable(transactional_db: None, broker_url: str, redis_url: str) -> Iterator[Callable[[], workers.Worker]]:
    """Return a function that gives a running worker, a new one when the last was killed."""
    running: list[workers.Worker] = []

    def alive() -> workers.Worker:
        if not running or running[-1].process.poll() is not None:
            running.append(workers.Worker(broker_url=broker_url, cache_url=f"{redis_url}/1"))
        return running[-1]

    with workers.publishing_to(broker_url):
        yield alive
    for worker in running:
        if worker.process.poll() is None:
            worker.stop()


def kill_a_task_process(worker: workers.Worker) -> None:
    for child in worker.children[:1]:
        worker.kill_process(child)


def kill_the_worker(worker: workers.Worker) -> None:
    worker.kill()


def cut_its_connections(worker: workers.Worker) -> None:
    """End every connection to the test's database but this process's, as a failing PostgreSQL would."""
    with psycopg.connect(workers.database_url(), autocommit=True) as other:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            mine = cursor.fetchone()[0]
        other.execute(OTHERS, [connection.settings_dict["NAME"], [mine, other.info.backend_pid]])


def wipe_redis(url: str) -> Blow:
    def blow(_worker: workers.Worker) -> None:
        with redis.Redis.from_url(url) as client:
            client.flushdb()

    return blow


def pay(numbers: range) -> None:
    """Record payments one after the other; each sends its task."""
    for number in numbers:
        with transaction.atomic():
            order = money.credited(f"RUN-{number}", (PARTNER["nord"], "resale", 10_000), placed_at=PLACED)
            money.happened(order, OrderEventKind.PAID, PLACED + timedelta(days=1), key=f"paid:{number}")


def pay_once(number: int) -> None:
    """Record a payment unless it is there: a server that is killed may have committed and not have said so."""
    if not OrderEvent.objects.filter(key=f"paid:{number}").exists():
        pay(range(number, number + 1))


PARTNER: dict[str, ChannelPartner] = {}


def open_books() -> None:
    PARTNER["nord"] = make.partner("nord")
    money.programme()
    make.policy()


def assert_as_undisturbed() -> None:
    """Each payment accrued once, released once, stated once: EUR 15.00 each."""
    total = PAYMENTS * 15_00
    assert Counter(LedgerPosting.objects.values_list("kind", flat=True)) == {"accrue": PAYMENTS, "release": PAYMENTS}
    assert list(Accrual.objects.order_by().values_list("amount_minor", "state").distinct()) == [(15_00, "stated")]
    assert Accrual.objects.count() == PAYMENTS
    assert list(RatingRun.objects.order_by().values_list("state", flat=True).distinct()) == ["done"]
    assert money.accounts() == {"Expense:Commission:RESALE": total, "Liability:Payable": -total}
    # A payment whose rating was cut off while its month closed is stated in the next one that closes.
    assert sum(Statement.objects.values_list("movement_minor", flat=True)) == total
    assert Statement.objects.order_by("period_start").values_list("closing_minor", flat=True).last() == total
    assert list(verification.findings()) == []


@pytest.mark.parametrize("kind", ["task process", "worker", "connections", "redis"])
def test_blows_at_random_moments_change_nothing(
    kind: str, replaceable: Callable[[], workers.Worker], broker_url: str, chance: random.Random
) -> None:
    blow: Blow = {
        "task process": kill_a_task_process,
        "worker": kill_the_worker,
        "connections": cut_its_connections,
        "redis": wipe_redis(broker_url),
    }[kind]
    open_books()
    # A whole worker takes seconds to start, so it is killed less often.
    blows = 3 if kind == "worker" else BLOWS
    per_blow = PAYMENTS // blows
    for number in range(blows):
        worker = replaceable()
        pay(range(number * per_blow, (number + 1) * per_blow))
        time.sleep(chance.uniform(0, 0.3))
        blow(worker)
    for _ in range(2):
        worker = replaceable()
        run_due.delay()
        time.sleep(chance.uniform(0, 1))
        blow(worker)
    replaceable().stop()
    for _ in range(2):
        schedule.run_due(now=timezone.now() + timedelta(days=70))
    assert_as_undisturbed()


def pay_under_fire(numbers: range, server: postgres.Cluster, after: float) -> bool:
    """Record payments while the server is killed and started again; tell whether one of them met it dead."""
    killer = threading.Timer(after, server.kill)

    def recover() -> None:
        killer.join()
        connection.close()
        server.start()  # by this thread: a server goes with the thread that started it

    killer.start()
    was_met = False
    for number in numbers:
        try:
            pay_once(number)
        except (OperationalError, InterfaceError):
            was_met = True
            recover()
            pay_once(number)
    if not was_met:
        recover()
    return was_met


def test_postgresql_killed_in_the_middle_changes_nothing(
    mortal_postgres: postgres.Cluster, replaceable: Callable[[], workers.Worker], chance: random.Random
) -> None:
    """The server and all its sessions die while payments are recorded and rated, and again under the run of what is due."""
    open_books()
    times_met = 0
    for first in range(0, PAYMENTS, 10):
        replaceable()
        times_met += pay_under_fire(range(first, first + 10), mortal_postgres, chance.uniform(0.02, 0.15))
    assert times_met > 0, "no payment met the dead server"
    for _ in range(2):
        replaceable()
        run_due.delay()
        time.sleep(chance.uniform(0, 1))
        mortal_postgres.kill()
        mortal_postgres.start()
    replaceable().stop()
    connection.close()
    for _ in range(2):
        schedule.run_due(now=timezone.now() + timedelta(days=70))
    assert_as_undisturbed()
