"""Two at once. Each race has a twin that shows what would happen without the lock."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError

from channels.commissions.engine.ledger import GENESIS
from channels.commissions.models import Accrual, LedgerHead, LedgerPosting, RatingRun, Statement
from channels.commissions.selectors import verification
from channels.commissions.services import locks, rating, schedule
from channels.contracts import OrderEventKind
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOON = make.NOON
NIGHT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _lost_tasks() -> Iterator[None]:
    """Commits send no task, so that the contenders find all the work undone."""
    with (
        mock.patch("channels.commissions.services.facts.send_rating"),
        mock.patch("channels.journeys.services.orders._send"),
    ):
        yield


@contextlib.contextmanager
def unlocked(*names: str) -> Iterator[None]:
    """Take the locks off: the rows are read, and nobody waits."""
    instead: dict[str, Callable[..., Any]] = {
        "lock_orders": list,
        "lock_head": lambda: LedgerHead.objects.get(pk=1),
    }
    with mock.patch.multiple(locks, **{name: instead[name] for name in names}):
        yield


def paid_and_refunded() -> list[RatingRun]:
    """A payment and a full refund, neither rated yet, and an empty ledger."""
    LedgerHead.objects.create(hash=GENESIS)
    money.programme()
    order = money.credited("ORD-A", (make.partner("nord"), "resale", 10_000))
    return [
        money.happened(order, OrderEventKind.PAID, NOON + timedelta(days=1)),
        money.happened(order, OrderEventKind.REFUNDED, NOON + timedelta(days=2)),
    ]


def rate_all(runs: list[RatingRun], patience: float = 1.5) -> list[Any]:
    with together("channels.commissions.services.accruals.History.of", patience=patience):
        return race(len(runs), lambda i: rating.rate(run_id=runs[i].pk, now=NOON + timedelta(days=3)))


def breakdowns(caplog: pytest.LogCaptureFixture) -> list[type[BaseException] | None]:
    """What ratings broke on and hid, since the twin had done the work meanwhile."""
    return [record.exc_info[0] for record in caplog.records if record.exc_info]


def test_two_runs_of_one_order_take_turns(caplog: pytest.LogCaptureFixture) -> None:
    """Payment and refund rated at the same moment: earned and taken back, once each."""
    runs = paid_and_refunded()
    assert values(rate_all(runs)) == ["done", "done"]
    assert breakdowns(caplog) == []
    assert list(Accrual.objects.order_by("pk").values_list("amount_minor", flat=True)) == [15_00, -15_00]
    assert money.accounts() == {}
    assert list(verification.findings()) == []


def test_twin_without_locks_two_runs_collide(caplog: pytest.LogCaptureFixture) -> None:
    """Only the unique keys are left to hold the books together: one rating breaks on them, and a sweep mends it."""
    runs = paid_and_refunded()
    with unlocked("lock_orders", "lock_head"):
        rate_all(runs, patience=20)
    assert breakdowns(caplog) == [IntegrityError]
    schedule.heal(now=NOON + timedelta(days=4))
    assert money.accounts() == {}


def test_one_run_from_two_workers_is_rated_once(caplog: pytest.LogCaptureFixture) -> None:
    """A task delivered twice."""
    run, _ = paid_and_refunded()
    assert values(rate_all([run, run])) == ["done", "done"]
    assert breakdowns(caplog) == []
    assert Accrual.objects.get().amount_minor == 15_00
    assert RatingRun.objects.get(pk=run.pk).attempts == 1


def test_twin_without_locks_one_run_breaks_in_a_worker(caplog: pytest.LogCaptureFixture) -> None:
    """Both compute the same commission; the second meets the key of the first."""
    run, _ = paid_and_refunded()
    with unlocked("lock_orders", "lock_head"):
        rate_all([run, run], patience=20)
    assert breakdowns(caplog) == [IntegrityError]
    assert Accrual.objects.count() == 1


def months_to_close() -> None:
    money.programme()
    for code in ("nord", "sor"):
        order = money.credited(f"ORD-{code}", (make.partner(code), "resale", 10_000))
        money.paid(order)


def run_both(patience: float = 1.5) -> list[Any]:
    with together("channels.commissions.services.ledger._known_keys", patience=patience):
        return race(2, lambda _: schedule.run_due(now=NIGHT))


def test_two_schedulers_take_turns() -> None:
    """Beat started twice: each hold ends once, each month closes once."""
    months_to_close()
    outcomes = run_both()
    assert errors(outcomes) == []
    assert sum(counts["statements"] for counts in values(outcomes)) == 2
    assert list(Statement.objects.order_by("number").values_list("number", "closing_minor")) == [
        ("ST-2026-04-EUR-NORD", 15_00),
        ("ST-2026-04-EUR-SOR", 15_00),
    ]
    assert LedgerPosting.objects.filter(kind="release").count() == 2
    assert list(verification.findings()) == []


def test_twin_without_the_lock_two_schedulers_collide() -> None:
    """Both close the month; one of them breaks on what the other wrote."""
    months_to_close()
    with unlocked("lock_head"):
        outcomes = run_both(patience=20)
    assert [type(error) for error in errors(outcomes)] == [IntegrityError]


def test_many_orders_at_once_make_one_chain() -> None:
    """Eight payments from eight workers: eight postings, one after the other."""
    money.programme()
    nord = make.partner("nord")
    runs = [
        money.happened(
            money.credited(f"ORD-{number}", (nord, "resale", 10_000)), OrderEventKind.PAID, NOON + timedelta(days=1)
        )
        for number in range(8)
    ]
    outcomes = race(8, lambda i: rating.rate(run_id=runs[i].pk, now=NOON + timedelta(days=2)))
    assert values(outcomes) == ["done"] * 8
    assert list(LedgerPosting.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert list(verification.findings()) == []
