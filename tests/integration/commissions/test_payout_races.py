"""Two senders, two approvers, two imports at once. Each race has a twin that shows what the guard prevents."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from unittest import mock

import pytest
import time_machine
from django.db import DatabaseError

from channels.commissions.models import BankStatusFile, LedgerPosting, PayoutAttempt
from channels.commissions.selectors import verification
from channels.commissions.services import bank_reports, locks, payees, payout_batches, payout_sending, payouts
from shop.payments.models import FakeKey
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay
from tests.harness.race import errors, race, values
from tests.integration.commissions.test_payout_batches import keys, report

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PAID = {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(pay.NOW, tick=False), mock.patch.object(payout_batches, "_send"):
        yield


@contextmanager
def both_before(target: object, name: str, patience: float = 10) -> Iterator[None]:
    """Let both threads come to the call before either makes it."""
    original, barrier = getattr(target, name), threading.Barrier(2)

    def meet(*args: object, **kwargs: object) -> object:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(patience)
        return original(*args, **kwargs)

    with mock.patch.object(target, name, side_effect=meet):
        yield


def a_payout() -> payouts.Payout:
    money.programme()
    nord = make.partner("nord")
    pay.connected(nord)
    return pay.approved(nord)


def test_two_senders_at_once_send_once() -> None:
    attempt = pay.begun(a_payout())
    outcomes = race(4, lambda _: payout_sending.advance(attempt_id=attempt.pk, now=pay.NOW))
    assert errors(outcomes) == []
    assert pay.transfers() == [(15_00, attempt.key)]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.tries) == ("confirmed", 1)
    assert money.accounts() == PAID


def test_twin_without_lease_and_key_two_senders_pay_twice() -> None:
    attempt = pay.begun(a_payout())
    way = payout_sending.rail("stripe")

    def send(_: int) -> object:
        FakeKey.objects.all().delete()  # as if each asked under a key of its own
        return way.send(payout_sending.transfer_of(attempt))

    race(2, send)
    FakeKey.objects.all().delete()
    way.send(payout_sending.transfer_of(attempt))
    assert len(pay.transfers()) >= 2


def test_without_the_lease_the_key_alone_still_pays_once() -> None:
    attempt = pay.begun(a_payout())
    with mock.patch.object(payout_sending, "_lease", return_value=True):
        outcomes = race(4, lambda _: payout_sending.advance(attempt_id=attempt.pk, now=pay.NOW))
    assert errors(outcomes) == []
    assert pay.transfers() == [(15_00, attempt.key)]
    payout_sending.reconcile(now=pay.later(hours=1))
    assert money.accounts() == PAID


def test_one_batch_from_two_workers_begins_each_payout_once() -> None:
    payout = a_payout()
    batch = payout_batches.create(payout_ids=[payout.pk], rail="stripe", at=pay.NOW, by=None)
    outcomes = race(2, lambda _: payout_batches.run(batch_id=batch.pk, now=pay.NOW))
    assert errors(outcomes) == []
    assert PayoutAttempt.objects.count() == 1
    assert len(pay.transfers()) == 1
    assert money.accounts() == PAID
    assert list(verification.findings()) == []


def test_two_batches_with_the_same_payout_pay_it_once() -> None:
    payout = a_payout()
    made = [payout_batches.create(payout_ids=[payout.pk], rail="stripe", at=pay.NOW, by=None) for _ in range(2)]
    outcomes = race(2, lambda number: payout_batches.run(batch_id=made[number].pk, now=pay.NOW))
    assert errors(outcomes) == []
    assert len(pay.transfers()) == 1
    assert sorted(bool(item.note) for batch in made for item in batch.items.all()) == [False, True]
    assert money.accounts() == PAID


def test_twin_without_the_lock_only_the_constraint_is_left() -> None:
    payout = a_payout()

    def unlocked(payout_id: int) -> payouts.Payout:
        return payouts.Payout.objects.select_related("statement").get(pk=payout_id)

    with mock.patch.object(locks, "lock_payout", unlocked), both_before(locks, "lock_head"):
        outcomes = race(
            2, lambda n: payouts.send(payout_id=payout.pk, reference=f"r{n}", at=pay.NOW, rail="stripe")
        )  # fmt: skip
    assert len(errors(outcomes)) == 1
    assert isinstance(errors(outcomes)[0], DatabaseError)  # the constraint, or waiting for it for too long
    assert PayoutAttempt.objects.count() == 1


def test_one_report_taken_in_twice_at_once_counts_once() -> None:
    money.programme()
    nord = make.partner("nord")
    pay.details(nord)
    batch = payout_batches.create(payout_ids=[pay.approved(nord).pk], rail="sepa", at=pay.NOW, by=None)
    batch = payout_batches.run(batch_id=batch.pk, now=pay.NOW)
    content = report(batch, (keys(batch)[0], "ACSC", ""))
    outcomes = race(3, lambda _: bank_reports.import_status(content=content, at=pay.NOW, by=None).pk)
    assert len(set(values(outcomes))) == 1
    assert errors(outcomes) == []
    assert BankStatusFile.objects.count() == 1
    assert LedgerPosting.objects.filter(kind="paid").count() == 1
    assert money.accounts() == PAID


def test_two_changes_of_the_details_at_once_leave_one_pending() -> None:
    nord = make.partner("nord")
    pay.details(nord)
    ibans = [payees.checked_iban(text) for text in (pay.OTHER_IBAN, "NO9386011117947")]  # loads each country's rules
    outcomes = race(
        2,
        lambda n: payees.enter(
            partner_id=nord.pk, rail="sepa", iban=ibans[n], holder="Nord", at=pay.NOW, by=None
        ),
    )  # fmt: skip
    assert errors(outcomes) == []
    pending = nord.payout_details.filter(valid_from__gt=pay.NOW, cancellation__isnull=True)
    assert pending.count() == 1
