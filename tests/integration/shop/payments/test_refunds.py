"""What goes back is never more than what was paid, and goes once."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db.models import QuerySet
from oscar.apps.payment.models import Source

from shop.payments.errors import Mismatch, NotPayable, OverRefund, ProviderAway
from shop.payments.fake_stripe import bank, faults, instruments
from shop.payments.models import FakeObject, Payment, Refund
from shop.payments.services import reconciler, refunds
from tests.factories.payments import NOW, paid, sent
from tests.harness.race import errors, race, values

State = Refund.State


def request(payment: Payment, amount: str, key: str = "r1", **changes: Any) -> Refund:
    given = {"amount": Decimal(amount), "key": key, "reason": "returned", "at": NOW, **changes}
    return refunds.request_refund(payment_id=payment.pk, **given)


def went_back() -> list[int]:
    """Return the amounts of all refunds at Stripe, in its units."""
    return [row.data["amount"] for row in FakeObject.objects.filter(kind="refund").order_by("sequence")]


@pytest.mark.django_db
class TestRefunds:
    def test_parts_go_back_until_nothing_is_left(self, heard: list, django_capture_on_commit_callbacks: Any) -> None:
        payment = paid()
        for key, amount in (("a", "30.00"), ("b", "69.99"), ("c", "0.01")):
            with django_capture_on_commit_callbacks(execute=True):
                refund = request(payment, amount, key)
            refund.refresh_from_db()
            assert (refund.state, refund.failure) == (State.SUCCEEDED, "")
        payment.refresh_from_db()
        assert (payment.amount_refunded, payment.refundable) == (Decimal(100), Decimal(0))
        assert went_back() == [3000, 6999, 1]
        with pytest.raises(OverRefund, match=r"At most 0\.000 EUR"):
            request(payment, "0.01", "d")
        assert Refund.objects.count() == 3
        assert heard[-1] == (payment.reference, "succeeded")

    @pytest.mark.parametrize("amount", ["100.01", "999999"])
    def test_more_than_was_paid_is_refused(self, amount: str) -> None:
        payment = paid()
        with pytest.raises(OverRefund):
            request(payment, amount)
        assert (Refund.objects.count(), went_back()) == (0, [])

    @pytest.mark.parametrize("amount", ["0", "-5", "0.001"])
    def test_an_amount_that_is_none_is_refused(self, amount: str) -> None:
        with pytest.raises(NotPayable):
            request(paid(), amount)
        assert Refund.objects.count() == 0

    def test_what_was_not_paid_does_not_go_back(self) -> None:
        with pytest.raises(OverRefund):
            request(sent(), "1.00")
        assert Refund.objects.count() == 0

    def test_the_same_key_is_the_same_refund(self) -> None:
        payment = paid()
        first, again = request(payment, "60.00"), request(payment, "60.00")
        assert first.pk == again.pk
        with pytest.raises(Mismatch):
            request(payment, "40.00")
        payment.refresh_from_db()
        assert payment.amount_refunded == Decimal(60)
        refunds.send_refund(refund_id=first.pk, at=NOW)
        refunds.send_refund(refund_id=first.pk, at=NOW)
        assert went_back() == [6000]

    def test_a_refund_of_a_debit_lands_later_and_one_that_comes_back_is_refundable_again(self) -> None:
        payment = paid(kind="bank_debit", number=instruments.DEBIT_OK)
        bank.settle_all()
        reconciler.reconcile(now=NOW)
        refund = refunds.send_refund(refund_id=request(payment, "100.00").pk, at=NOW)
        assert refund.state == State.PENDING
        for status, state, left in (("succeeded", State.SUCCEEDED, 0), ("failed", State.FAILED, 100)):
            bank.turn_refund(refund.refund_id, status)
            refund = refunds.refresh_refund(refund_id=refund.pk, at=NOW)
            payment.refresh_from_db()
            assert (refund.state, payment.refundable) == (state, Decimal(left))
        assert refund.failure == "lost_or_stolen_card"

    def test_what_stripe_refuses_has_failed_and_may_be_asked_for_again(self) -> None:
        payment = paid()
        bank.dispute(payment.intent_id)
        refund = refunds.send_refund(refund_id=request(payment, "10.00").pk, at=NOW)
        assert refund.state == State.FAILED
        assert "charge_disputed" in refund.failure
        payment.refresh_from_db()
        assert payment.refundable == Decimal(100)
        assert went_back() == []

    @pytest.mark.parametrize(
        "fault", [faults.LOST_REQUEST, faults.LOST_ANSWER, faults.TIMEOUT, faults.BROKEN, faults.BROKEN_AFTER]
    )
    @pytest.mark.parametrize("pause", [timedelta(seconds=5), timedelta(hours=25)])
    def test_whatever_is_lost_it_goes_back_once(self, fault: str, pause: timedelta) -> None:
        payment = paid()
        refund = request(payment, "25.00")
        faults.plan(fault, "POST", "/v1/refunds")
        try:
            refunds.send_refund(refund_id=refund.pk, at=NOW)
        except ProviderAway:
            with time_machine.travel(NOW + pause, tick=False):
                assert refunds.send_waiting(now=NOW + pause) == 1
        refund.refresh_from_db()
        assert (refund.state, went_back()) == (State.SUCCEEDED, [2500])

    def test_a_refund_made_in_stripes_pages_counts_too(self) -> None:
        payment = paid()
        theirs = {
            "id": "re_elsewhere", "payment_intent": payment.intent_id, "amount": 4000, "currency": "eur",
            "status": "succeeded", "metadata": {}, "reason": "requested_by_customer", "failure_reason": None,
        }  # fmt: skip
        for _again in range(2):
            refunds.apply_refund(refund=theirs, at=NOW)
        payment.refresh_from_db()
        assert (payment.refundable, Refund.objects.get().key) == (Decimal(60), "re_elsewhere")
        with pytest.raises(Mismatch):
            refunds.apply_refund(refund={**theirs, "amount": 4001}, at=NOW)
        assert refunds.apply_refund(refund={**theirs, "payment_intent": "pi_nobody"}, at=NOW) is None

    def test_refunds_never_go_through_oscars_source(self) -> None:
        """Oscar's own refund has no cap; nothing of ours writes to its table."""
        with mock.patch.object(Source, "refund", side_effect=AssertionError("Source.refund")):
            refunds.send_refund(refund_id=request(paid(), "10.00").pk, at=NOW)
        assert Source.objects.count() == 0


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_twenty_at_once_stay_within_what_was_paid(self) -> None:
        payment = paid()
        outcomes = race(20, lambda i: request(payment, "10.00", f"race-{i}"))
        payment.refresh_from_db()
        assert len(values(outcomes)) == 10
        assert {type(error) for error in errors(outcomes)} == {OverRefund}
        assert (payment.amount_refunded, Refund.objects.count()) == (Decimal(100), 10)

    def test_without_the_lock_they_lose_each_others_amounts(self) -> None:
        """The twin: Oscar's defect, by our own code without its lock."""
        payment = paid()
        original, meet = refunds._settle, threading.Barrier(2)

        def late(payment: Payment, refund: Refund, at: Any) -> None:
            meet.wait(5)
            original(payment, refund, at)

        with (
            mock.patch.object(QuerySet, "select_for_update", lambda rows, **_how: rows),
            mock.patch.object(refunds, "_settle", late),
        ):
            outcomes = race(2, lambda i: request(payment, "80.00", f"twin-{i}"))
        assert errors(outcomes) == []
        assert sum(refund.amount for refund in Refund.objects.all()) == Decimal(160)
