"""With every webhook lost the reconciler alone brings everything to where Stripe says that it is."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction

from shop.operations import schedule
from shop.payments.errors import ProviderAway
from shop.payments.fake_stripe import bank, deliveries, faults, instruments, payer
from shop.payments.fake_stripe.transport import InTransaction
from shop.payments.models import Dispute, EventCursor, FakeObject, Payment, Refund, SavedMethod, WebhookEvent
from shop.payments.services import history, payments, reconciler, refunds
from tests.factories import shop
from tests.factories.payments import NOW, opened, paid, saved, sent

pytestmark = pytest.mark.django_db
State = Payment.State
SOON = NOW + timedelta(minutes=5)


def reconcile(at: datetime) -> dict[str, int]:
    with time_machine.travel(at, tick=False):
        return reconciler.reconcile(now=at)


def states() -> dict[str, str]:
    return dict(Payment.objects.values_list("reference", "state"))


@pytest.fixture
def everything_happened() -> dict[str, Payment]:
    """One payment of each fate, of which we have heard nothing since it was sent."""
    company = shop.company()
    method = saved(company)
    rows = {
        name: sent(company, reference=f"test:{name}") for name in ("paid", "declined", "refunded", "disputed", "left")
    }
    for name in ("paid", "refunded", "disputed"):
        payer.pay(rows[name].client_secret, instruments.OK)
    payer.pay(rows["declined"].client_secret, instruments.DECLINE)
    bank.dispute(rows["disputed"].intent_id)
    for name, number in (("arrived", instruments.DEBIT_OK), ("returned", instruments.DEBIT_COMES_BACK)):
        rows[name] = sent(company, reference=f"test:{name}", kind="bank_debit")
        payer.pay(rows[name].client_secret, number)
    bank.settle_all()
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/payment_intents")
    rows["unknown"] = opened(company, reference="test:unknown", saved_method=method, off_session=True)
    with pytest.raises(ProviderAway):
        payments.send(payment_id=rows["unknown"].pk, at=NOW)
    assert set(states().values()) == {"created"}
    return rows


EXPECTED = {
    "test:paid": "succeeded", "test:declined": "created", "test:refunded": "succeeded", "test:disputed": "succeeded",
    "test:left": "created", "test:arrived": "succeeded", "test:returned": "failed", "test:unknown": "succeeded",
}  # fmt: skip


def test_events_that_were_never_delivered_are_fetched(everything_happened: dict[str, Payment], heard: list) -> None:
    counts = reconcile(SOON)
    assert states() == EXPECTED
    assert Payment.objects.get(reference="test:declined").is_declined
    assert Dispute.objects.get().state == Dispute.State.NEEDS_RESPONSE
    assert counts["events fetched"] == len(deliveries.events())
    assert {reference for reference, _state in heard} == set(EXPECTED)  # of the sending they had not heard either
    assert EventCursor.objects.get().read_until == SOON
    told = len(heard)
    again = reconcile(SOON + timedelta(minutes=5))
    assert (states(), again["events fetched"], len(heard)) == (EXPECTED, 0, told)


def test_open_payments_are_asked_for_though_no_event_is_listed(everything_happened: dict[str, Payment]) -> None:
    FakeObject.objects.filter(kind="event").delete()
    assert reconcile(SOON)["payments checked"] == 8
    assert states() == EXPECTED
    assert reconcile(SOON)["payments checked"] == 0  # each has its pause
    FakeObject.objects.filter(pk=Payment.objects.get(reference="test:left").intent_id).update(data=_paid("test:left"))
    assert reconcile(SOON + timedelta(minutes=5))["payments checked"] == 2
    assert states() == {**EXPECTED, "test:left": "succeeded"}


def _paid(reference: str) -> dict[str, Any]:
    data = FakeObject.objects.get(pk=Payment.objects.get(reference=reference).intent_id).data
    return {**data, "status": "succeeded"}


def test_refunds_and_disputes_are_followed_without_events() -> None:
    debit, card = paid(kind="bank_debit", number=instruments.DEBIT_OK), paid()
    bank.settle_all()
    payments.refresh(payment_id=debit.pk, at=NOW)
    refund = refunds.request_refund(payment_id=debit.pk, amount=Decimal(100), key="r", reason="", at=NOW)
    assert reconcile(NOW)["refunds sent"] == 1
    refund.refresh_from_db()
    assert refund.state == Refund.State.PENDING
    bank.turn_refund(refund.refund_id, "succeeded")
    dispute = bank.dispute(card.intent_id)
    reconcile(SOON)
    bank.turn_dispute(dispute["id"], "lost")
    FakeObject.objects.filter(kind="event").delete()
    later = SOON + timedelta(days=1)
    counts = reconcile(later)
    assert (counts["refunds checked"], counts["disputes checked"]) == (0, 1)  # the refund was told of by its event
    refund.refresh_from_db()
    assert (refund.state, Dispute.objects.get().state) == (Refund.State.SUCCEEDED, Dispute.State.LOST)


def test_a_payment_off_session_that_was_never_sent_is_sent() -> None:
    company = shop.company()
    unsent = opened(company, reference="test:renewal", saved_method=saved(company), off_session=True)
    opened(company, reference="test:buyer")  # nobody is there to pay it
    assert reconcile(NOW)["payments checked"] == 0
    assert reconcile(SOON)["payments checked"] == 1
    unsent.refresh_from_db()
    assert unsent.state == State.SUCCEEDED
    assert FakeObject.objects.filter(kind="payment_intent").count() == 1


def test_while_stripe_is_away_nothing_breaks_and_nothing_is_skipped(everything_happened: dict[str, Payment]) -> None:
    faults.plan(faults.LOST_REQUEST, "GET", "/v1/")
    assert reconcile(SOON)["events fetched"] == 0
    assert EventCursor.objects.count() == 0
    reconcile(SOON)
    assert states() == EXPECTED


def test_one_payment_that_does_not_fit_holds_up_nobody(everything_happened: dict[str, Payment]) -> None:
    wrong = FakeObject.objects.get(pk=everything_happened["paid"].intent_id)
    FakeObject.objects.filter(pk=wrong.pk).update(data={**wrong.data, "amount": 1})
    FakeObject.objects.filter(kind="event").delete()
    assert reconcile(SOON)["payments checked"] == 7
    assert states() == {**EXPECTED, "test:paid": "created"}


def test_a_listener_that_failed_hears_again(monkeypatch: pytest.MonkeyPatch) -> None:
    payment = paid(reference="test:x")
    heard: list[str] = []
    outcomes = iter([RuntimeError("not now"), None])

    def listener(payment: Payment, at: datetime) -> None:
        heard.append(payment.state)
        if error := next(outcomes):
            raise error

    monkeypatch.setitem(history._listeners, "test:", listener)
    assert reconciler.tell_waiting(now=NOW) == 0
    payment.refresh_from_db()
    assert (payment.tellings, payment.told_version) == (1, 0)
    assert reconciler.tell_waiting(now=NOW) == 1
    assert reconciler.tell_waiting(now=NOW) == 0
    assert heard == ["succeeded", "succeeded"]


def test_run_due_reconciles_and_heal_applies_what_waits(everything_happened: dict[str, Payment]) -> None:
    deliveries.deliver_waiting(at=NOW)
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"received"}
    counts = schedule.heal(now=SOON)
    assert counts["webhook events applied"] == len(deliveries.events())
    assert states() == EXPECTED
    with time_machine.travel(SOON, tick=False):
        counts = schedule.run_due(now=SOON)
    assert (counts["events fetched"], counts["webhook events forgotten"]) == (0, 0)


def test_without_a_key_there_is_nothing_to_ask(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert reconcile(NOW) == {
        "webhook events applied": 0, "payments told": 0, "refunds sent": 0, "methods mended": 0, "disputes told": 0,
    }  # fmt: skip


def test_a_removed_method_is_forgotten_by_stripe_and_an_unknown_one_described() -> None:
    company = shop.company()
    kept, removed = saved(company), saved(company)
    SavedMethod.objects.filter(pk=kept.pk).update(last4="", brand="")
    SavedMethod.objects.filter(pk=removed.pk).update(is_active=False)
    assert reconcile(SOON)["methods mended"] == 2
    kept.refresh_from_db()
    removed.refresh_from_db()
    assert (str(kept), removed.detached_at) == ("Visa •••• 4242", SOON)
    assert FakeObject.objects.get(pk=removed.provider_id).data["customer"] is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_network_is_never_used_in_a_transaction() -> None:
    """The fake refuses it, whoever asks; here the whole way is gone without the test's own transaction around it."""
    payment = paid()
    refund = refunds.request_refund(payment_id=payment.pk, amount=Decimal(10), key="k", reason="", at=NOW)
    refund.refresh_from_db()
    assert refund.state == Refund.State.SUCCEEDED  # the task ran after the commit
    payments.cancel(payment_id=sent().pk, at=NOW)
    reconcile(SOON)
    with transaction.atomic(), pytest.raises(InTransaction):
        payments.refresh(payment_id=payment.pk, at=NOW)
