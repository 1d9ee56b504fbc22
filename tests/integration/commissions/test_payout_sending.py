"""Paying through a provider that loses answers: whatever happens in between, it is paid once."""

from collections.abc import Iterator
from datetime import datetime
from unittest import mock

import pytest
import stripe
import time_machine
from django.db import transaction

from channels.audit.models import AuditEvent
from channels.commissions.models import LedgerPosting, Payout, PayoutAttempt
from channels.commissions.rails import stripe_connect
from channels.commissions.selectors import verification
from channels.commissions.services import payout_batches, payout_sending, payouts, schedule
from shop.payments.fake_stripe import faults
from shop.payments.fake_stripe.transport import InTransaction
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay

pytestmark = pytest.mark.django_db
PAID = {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}
IN_TRANSIT = {"Expense:Commission:RESALE": 15_00, "Liability:InTransit": -15_00}
PAYABLE = {"Expense:Commission:RESALE": 15_00, "Liability:Payable": -15_00}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(pay.NOW, tick=False):
        yield


@pytest.fixture
def payout() -> Payout:
    money.programme()
    nord = make.partner("nord")
    pay.connected(nord)
    return pay.approved(nord)


def advance(attempt: PayoutAttempt, now: datetime = pay.NOW) -> str:
    with time_machine.travel(now, tick=False):
        return payout_sending.advance(attempt_id=attempt.pk, now=now)


def kinds(payout: Payout) -> list[str]:
    return list(LedgerPosting.objects.filter(payout=payout).order_by("sequence").values_list("kind", flat=True))


def test_the_attempt_is_on_record_and_the_money_in_transit_before_anything_leaves(payout: Payout) -> None:
    attempt = pay.begun(payout)
    assert pay.transfers() == []
    assert money.accounts() == IN_TRANSIT
    assert (attempt.state, attempt.tries, attempt.key) == ("sent", 0, f"PAYOUT-{payout.pk}-{attempt.pk}")

    assert advance(attempt) == "confirmed"
    assert pay.transfers() == [(15_00, attempt.key)]
    assert money.accounts() == PAID
    assert kinds(payout) == ["pay", "paid"]
    assert payout_sending.advance(attempt_id=attempt.pk, now=pay.later(hours=1)) == "confirmed"
    assert pay.transfers() == [(15_00, attempt.key)]
    assert list(verification.findings()) == []


@pytest.mark.parametrize(
    "fault", [faults.LOST_REQUEST, faults.LOST_ANSWER, faults.TIMEOUT, faults.BROKEN_AFTER, faults.TOO_MANY]
)
def test_a_fault_at_the_transfer_is_looked_up_and_paid_once(payout: Payout, fault: str) -> None:
    attempt = pay.begun(payout)
    faults.plan(fault, "POST", "/v1/transfers")
    assert advance(attempt) == "sent"
    attempt.refresh_from_db()
    assert (attempt.tries, attempt.next_try_at) == (1, pay.later(minutes=1))
    assert attempt.last_error != ""
    assert money.accounts() == IN_TRANSIT

    assert advance(attempt, pay.later(seconds=59)) == "sent"  # its pause is not over: nobody is asked
    assert advance(attempt, pay.later(minutes=1)) == "confirmed"
    assert pay.transfers() == [(15_00, attempt.key)]
    assert money.accounts() == PAID
    assert list(verification.findings()) == []


def test_a_broken_answer_stays_under_its_key_until_the_look_up_after_a_day_frees_the_money(payout: Payout) -> None:
    """A 500 without effect is answered again under the same key; only a new attempt can pay."""
    attempt = pay.begun(payout)
    faults.plan(faults.BROKEN, "POST", "/v1/transfers")
    assert advance(attempt) == "sent"
    assert advance(attempt, pay.later(hours=1)) == "sent"
    assert advance(attempt, pay.later(hours=23)) == "refused"
    assert pay.transfers() == []
    assert money.accounts() == PAYABLE
    payout.refresh_from_db()
    assert payout.state == "failed"

    again = pay.begun(payout, at=pay.later(hours=24))
    assert again.key != attempt.key
    assert advance(again, pay.later(hours=24)) == "confirmed"
    assert pay.transfers() == [(15_00, again.key)]
    assert money.accounts() == PAID
    assert kinds(payout) == ["pay", "returned", "pay", "paid"]
    assert list(verification.findings()) == []


@pytest.mark.parametrize("step", ["before the call", "after the call", "before the confirmation"])
def test_killed_at_any_step_a_restart_pays_once(payout: Payout, step: str) -> None:
    attempt = pay.begun(payout)
    broken = {
        "before the call": "channels.commissions.rails.stripe_connect.StripeConnect.send",
        "after the call": "channels.commissions.rails.stripe_connect.Receipt",
        "before the confirmation": "channels.commissions.services.payouts.confirm",
    }[step]
    with mock.patch(broken, side_effect=SystemExit), pytest.raises(SystemExit):
        advance(attempt)
    assert [amount for amount, _key in pay.transfers()] == ([] if step == "before the call" else [15_00])
    assert money.accounts() == IN_TRANSIT

    assert advance(attempt, pay.later(minutes=4)) == "sent"  # the dead worker's lease still stands
    assert schedule.run_due(now=pay.later(minutes=5))["payouts_confirmed"] == 1
    assert pay.transfers() == [(15_00, attempt.key)]
    assert money.accounts() == PAID
    assert schedule.run_due(now=pay.later(hours=2))["payouts_confirmed"] == 0
    assert list(verification.findings()) == []


def test_killed_before_it_began_the_sweeper_sends_it(payout: Payout) -> None:
    attempt = pay.begun(payout)
    assert schedule.heal(now=pay.later(minutes=1))["payouts_confirmed"] == 1
    assert pay.transfers() == [(15_00, attempt.key)]
    assert money.accounts() == PAID


def test_an_attempt_of_23_hours_is_looked_up_before_anything_else(payout: Payout) -> None:
    """Stripe forgets its keys: asking again under an old one would pay twice."""
    attempt = pay.begun(payout)
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/transfers")
    assert advance(attempt) == "sent"
    with mock.patch.object(stripe_connect.StripeConnect, "send", side_effect=AssertionError("asked again")):
        assert advance(attempt, pay.later(hours=30)) == "confirmed"
    assert pay.transfers() == [(15_00, attempt.key)]
    assert money.accounts() == PAID


def test_twin_without_the_look_up_an_old_attempt_pays_twice(payout: Payout) -> None:
    attempt = pay.begun(payout)
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/transfers")
    assert advance(attempt) == "sent"
    with mock.patch.object(
        payout_sending, "_carry", lambda attempt, way, now: way.send(payout_sending.transfer_of(attempt))
    ):
        assert advance(attempt, pay.later(hours=30)) == "confirmed"
    assert [amount for amount, _key in pay.transfers()] == [15_00, 15_00]


@pytest.mark.parametrize(("fault", "said"), [
    (faults.INSUFFICIENT, "[balance_insufficient]"),
    (faults.DISABLED, "[insufficient_capabilities_for_transfer]"),
])  # fmt: skip
def test_a_refusal_makes_it_payable_again(payout: Payout, fault: str, said: str) -> None:
    attempt = pay.begun(payout)
    faults.plan(fault, "POST", "/v1/transfers")
    assert advance(attempt) == "refused"
    attempt.refresh_from_db()
    payout.refresh_from_db()
    assert said in attempt.last_error
    assert (payout.state, payout.statement.state) == ("failed", "approved")
    assert money.accounts() == PAYABLE
    assert money.earned(payout.statement.partner) == [("RESALE", 15_00, "stated")]
    assert pay.transfers() == []

    again = pay.begun(payout, at=pay.later(hours=1))
    assert advance(again, pay.later(hours=1)) == "confirmed"
    assert money.accounts() == PAID
    assert [row.state for row in payout.attempts.all()] == ["refused", "confirmed"]
    assert list(verification.findings()) == []


def test_a_look_up_that_is_refused_decides_nothing(payout: Payout) -> None:
    attempt = pay.begun(payout)
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/transfers")
    advance(attempt)
    faults.plan(faults.DISABLED, "GET", "/v1/transfers")
    assert advance(attempt, pay.later(minutes=2)) == "sent"
    assert money.accounts() == IN_TRANSIT
    assert advance(attempt, pay.later(minutes=10)) == "confirmed"
    assert pay.transfers() == [(15_00, attempt.key)]


def test_what_was_taken_back_meanwhile_lowers_the_payout_and_never_more_is_sent(payout: Payout) -> None:
    order = LedgerPosting.objects.get(kind="release").order
    assert order is not None
    money.refunded(order, pay.NOW, ("nord/1", 0, 40_00))
    attempt = pay.begun(payout)
    assert advance(attempt) == "confirmed"
    assert pay.transfers() == [(9_00, attempt.key)]
    assert money.accounts() == {"Asset:Bank": -9_00, "Expense:Commission:RESALE": 9_00}


def test_a_transfer_is_taken_back_and_the_amount_is_payable_again(payout: Payout) -> None:
    attempt = pay.begun(payout)
    advance(attempt)
    recall = payout_batches.recall(payout_id=payout.pk, reason="Paid to the wrong account", at=pay.NOW, by=None)
    assert payout_sending.take_back(recall_id=recall.pk, now=pay.NOW) == "done"
    assert pay.transfers() == [(0, attempt.key)]
    assert money.accounts() == PAYABLE
    assert kinds(payout) == ["pay", "paid", "recalled", "returned"]
    assert payout_sending.take_back(recall_id=recall.pk, now=pay.later(hours=1)) == "done"
    assert money.accounts() == PAYABLE
    assert list(verification.findings()) == []


def test_a_lost_answer_to_a_recall_takes_back_once(payout: Payout) -> None:
    attempt = pay.begun(payout)
    advance(attempt)
    recall = payout_batches.recall(payout_id=payout.pk, reason="Wrong account", at=pay.NOW, by=None)
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/transfers/")
    assert payout_sending.take_back(recall_id=recall.pk, now=pay.NOW) == "asked"
    assert money.accounts() == PAID
    schedule.heal(now=pay.later(minutes=1))
    recall.refresh_from_db()
    assert recall.state == "done"
    assert pay.transfers() == [(0, attempt.key)]
    assert money.accounts() == PAYABLE


def test_a_refused_recall_changes_no_book_and_the_clawback_nets_all_the_same(payout: Payout) -> None:
    attempt = pay.begun(payout)
    advance(attempt)
    order = LedgerPosting.objects.get(kind="release").order
    assert order is not None
    money.refunded(order, pay.later(days=1))
    owes = {"Asset:Bank": -15_00, "Asset:Clawback": 15_00}
    assert money.accounts() == owes
    recall = payout_batches.recall(payout_id=payout.pk, reason="Refunded", at=pay.NOW, by=None)
    faults.plan(faults.REFUSED_REVERSAL, "POST", "/v1/transfers/")
    assert payout_sending.take_back(recall_id=recall.pk, now=pay.NOW) == "refused"
    assert money.accounts() == owes
    payout.refresh_from_db()
    assert payout.state == "paid"
    assert AuditEvent.objects.filter(verb="payout.recall_refused").count() == 1
    assert list(verification.findings()) == []


def test_only_what_stripe_paid_can_be_taken_back_there(payout: Payout) -> None:
    with pytest.raises(payout_batches.NotPaid):
        payout_batches.recall(payout_id=payout.pk, reason="x", at=pay.NOW, by=None)
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=pay.NOW)
    with pytest.raises(payout_batches.NotPaid):
        payout_batches.recall(payout_id=payout.pk, reason="x", at=pay.NOW, by=None)


def test_the_provider_is_never_asked_inside_a_transaction(payout: Payout) -> None:
    attempt = pay.begun(payout)
    with pytest.raises(InTransaction), transaction.atomic():
        payout_sending.advance(attempt_id=attempt.pk, now=pay.NOW)
    assert pay.transfers() == []


def test_twin_outside_a_transaction_it_is_asked(payout: Payout) -> None:
    attempt = pay.begun(payout)
    assert payout_sending.advance(attempt_id=attempt.pk, now=pay.NOW) == "confirmed"


def test_a_wrong_key_leaves_the_payout_waiting(payout: Payout, settings: object) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_wrong"
    attempt = pay.begun(payout)
    assert advance(attempt) == "sent"
    attempt.refresh_from_db()
    assert "Invalid API Key" in attempt.last_error
    assert money.accounts() == IN_TRANSIT


def test_the_client_is_stripes_own_with_retries_and_the_transport_of_the_setting() -> None:
    client = stripe_connect.client()
    assert isinstance(client, stripe.StripeClient)
    assert client._requestor._options.max_network_retries == 2
    assert client._requestor._client.name == "fake"
