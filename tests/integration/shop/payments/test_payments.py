"""A payment is opened once, sent once, and moves forward only."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from shop.payments.amounts import from_stripe, to_stripe
from shop.payments.errors import MethodNotUsable, Mismatch, NotPayable, ProviderAway
from shop.payments.fake_stripe import bank, faults, instruments, payer
from shop.payments.models import FakeObject, Payment, PaymentEvent, SavedMethod
from shop.payments.services import methods, payments
from tests.factories import shop
from tests.factories.payments import NOW, opened, paid, saved, sent

pytestmark = pytest.mark.django_db
State = Payment.State


def intents() -> int:
    return FakeObject.objects.filter(kind="payment_intent").count()


def charged() -> list[str]:
    """Return the states of all charges at Stripe."""
    rows = FakeObject.objects.filter(kind="charge").order_by("sequence")
    return [row.data["status"] for row in rows]


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("10.50", "EUR", 1050), ("0.01", "NOK", 1), ("1234", "JPY", 1234), ("1234.00", "JPY", 1234),
        ("12.340", "KWD", 12340), ("12.35", "KWD", 12350), ("500", "ISK", 50000), ("3", "MGA", 3), ("7", "UGX", 700),
        ("999999.99", "USD", 99999999),
    ],
)  # fmt: skip
def test_amounts_keep_every_digit_in_stripes_units(amount: str, currency: str, units: int) -> None:
    assert to_stripe(Decimal(amount), currency) == units
    assert from_stripe(units, currency.lower()) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "EUR"),
        ("10.50", "JPY"),
        ("12.345", "KWD"),
        ("1.50", "ISK"),
        ("0", "EUR"),
        ("-1", "EUR"),
        ("1000000", "EUR"),
    ],
)
def test_an_amount_that_stripe_cannot_carry_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(NotPayable):
        opened(amount=Decimal(amount), currency=currency)
    assert Payment.objects.count() == 0


def test_the_same_reference_is_the_same_payment() -> None:
    company = shop.company()
    first, again = opened(company, reference="test:a"), opened(company, reference="test:a")
    assert first.pk == again.pk
    assert list(PaymentEvent.objects.values_list("what", flat=True)) == ["opened"]
    with pytest.raises(Mismatch):
        opened(company, reference="test:a", amount=Decimal("100.01"))
    with pytest.raises(Mismatch):
        opened(shop.company(), reference="test:a")
    assert intents() == 0  # opening asks nothing of Stripe


def test_a_saved_method_is_the_companys_own_and_of_the_kind() -> None:
    ours, theirs = shop.company(), shop.company()
    method = saved(theirs)
    with pytest.raises(MethodNotUsable):
        opened(ours, saved_method=method)
    with pytest.raises(MethodNotUsable):
        opened(theirs, saved_method=method, kind="bank_debit")
    with pytest.raises(MethodNotUsable):
        opened(theirs, off_session=True)
    methods.remove(method=method)
    method.refresh_from_db()
    with pytest.raises(MethodNotUsable):
        opened(theirs, saved_method=method)


def test_bank_debit_needs_a_currency_that_has_one() -> None:
    with pytest.raises(NotPayable):
        opened(kind="bank_debit", currency="NOK")


def test_sending_twice_makes_one_intent() -> None:
    payment = sent()
    assert (payment.state, bool(payment.client_secret), payment.version) == (State.CREATED, True, 1)
    assert payments.send(payment_id=payment.pk, at=NOW).intent_id == payment.intent_id
    Payment.objects.update(intent_id=None)  # as though the answer were lost
    assert payments.send(payment_id=payment.pk, at=NOW).intent_id == payment.intent_id
    assert intents() == 1


def test_a_card_pays_and_its_listener_hears(heard: list, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        payment = paid(reference="test:card")
    assert (payment.state, payment.next_check_at, payment.refundable) == (State.SUCCEEDED, None, Decimal(100))
    assert heard == [("test:card", "succeeded")]  # told of both changes at once: the second finds nothing new
    payment.refresh_from_db()
    assert (payment.version, payment.told_version) == (2, 2)
    assert [row.what for row in payment.events.all()] == ["opened", "created", "succeeded"]
    assert charged() == ["succeeded"]


def test_3d_secure_waits_for_the_bank() -> None:
    payment = paid(number=instruments.THREE_D_SECURE)
    assert payment.state == State.REQUIRES_ACTION
    assert charged() == []
    payer.answer_bank(payment.client_secret, confirms=True)
    assert payments.refresh(payment_id=payment.pk, at=NOW).state == State.SUCCEEDED
    assert charged() == ["succeeded"]


def test_a_refused_3d_secure_leaves_the_payment_open() -> None:
    payment = paid(number=instruments.THREE_D_SECURE)
    payer.answer_bank(payment.client_secret, confirms=False)
    payment = payments.refresh(payment_id=payment.pk, at=NOW)
    assert (payment.is_open, payment.is_declined) == (True, True)
    assert payment.failure_code == "payment_intent_authentication_failure"
    assert charged() == ["failed"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (instruments.DECLINE, "generic_decline"),
        (instruments.INSUFFICIENT, "insufficient_funds"),
        (instruments.OUT_OF_DATE, "expired_card"),
    ],
)
def test_a_declined_card_may_be_followed_by_another(number: str, code: str) -> None:
    payment = paid(number=number)
    assert (payment.state, payment.failure_code, payment.is_declined) == (State.CREATED, code, True)
    payer.pay(payment.client_secret, instruments.OK)
    payment = payments.refresh(payment_id=payment.pk, at=NOW)
    assert (payment.state, payment.failure_code, payment.failure_message) == (State.SUCCEEDED, "", "")
    assert charged() == ["failed", "succeeded"]


def test_a_saved_card_pays_off_session_without_its_owner() -> None:
    company = shop.company()
    payment = sent(company, saved_method=saved(company), off_session=True)
    assert payment.state == State.SUCCEEDED
    assert charged() == ["succeeded"]


def test_a_card_that_was_set_up_with_3d_secure_pays_off_session() -> None:
    company = shop.company()
    method = saved(company, number=instruments.THREE_D_SECURE)
    assert sent(company, saved_method=method, off_session=True).state == State.SUCCEEDED


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (instruments.THREE_D_SECURE_ALWAYS, "authentication_required"),
        (instruments.DECLINE_LATER, "generic_decline"),
    ],
)
def test_off_session_a_decline_is_the_end(number: str, code: str) -> None:
    company = shop.company()
    payment = sent(company, saved_method=saved(company, number=number), off_session=True)
    assert (payment.state, payment.failure_code) == (State.FAILED, code)
    assert (payment.is_open, payment.next_check_at) == (False, None)
    assert charged() == ["failed"]


def test_a_saved_card_on_session_may_have_to_be_confirmed() -> None:
    company = shop.company()
    method = saved(company, number=instruments.THREE_D_SECURE_ALWAYS)
    payment = sent(company, saved_method=method)
    assert payment.state == State.REQUIRES_ACTION
    payer.answer_bank(payment.client_secret, confirms=True)
    assert payments.refresh(payment_id=payment.pk, at=NOW).state == State.SUCCEEDED


def test_a_debit_arrives_later() -> None:
    payment = paid(kind="bank_debit", number=instruments.DEBIT_OK)
    assert payment.state == State.PROCESSING
    assert bank.settle_all() == 1
    assert payments.refresh(payment_id=payment.pk, at=NOW).state == State.SUCCEEDED
    assert charged() == ["succeeded"]


def test_a_debit_that_comes_back_has_failed() -> None:
    payment = paid(kind="bank_debit", number=instruments.DEBIT_COMES_BACK)
    assert payment.state == State.PROCESSING
    bank.settle_all()
    payment = payments.refresh(payment_id=payment.pk, at=NOW)
    assert (payment.state, payment.failure_code) == (State.FAILED, "insufficient_funds")


def test_a_cancelled_payment_cannot_be_paid() -> None:
    payment = payments.cancel(payment_id=sent().pk, at=NOW)
    assert payment.state == State.CANCELLED
    assert payments.cancel(payment_id=payment.pk, at=NOW).state == State.CANCELLED
    with pytest.raises(Exception, match="status of canceled"):
        payer.pay(payment.client_secret, instruments.OK)
    assert charged() == []


def test_cancelling_what_was_paid_meanwhile_finds_it_paid() -> None:
    payment = sent()
    payer.pay(payment.client_secret, instruments.OK)
    assert payments.cancel(payment_id=payment.pk, at=NOW).state == State.SUCCEEDED


def test_a_debit_on_its_way_is_not_called_back() -> None:
    payment = paid(kind="bank_debit", number=instruments.DEBIT_OK)
    assert payments.cancel(payment_id=payment.pk, at=NOW).state == State.PROCESSING


def test_cancelling_what_was_never_sent_asks_nobody() -> None:
    payment = payments.cancel(payment_id=opened().pk, at=NOW)
    assert payment.state == State.CANCELLED
    assert payments.send(payment_id=payment.pk, at=NOW).intent_id is None
    assert intents() == 0


def test_a_payment_that_is_cancelled_while_its_request_is_on_its_way_is_cancelled_at_stripe() -> None:
    payment = sent()
    intent = FakeObject.objects.get(pk=payment.intent_id)
    Payment.objects.update(intent_id=None, state=State.CREATED, sent_at=None)
    payment = payments.cancel(payment_id=payment.pk, at=NOW)
    assert payment.state == State.CANCELLED
    Payment.objects.update(state=State.CREATED)  # what the request in flight had read
    stale = Payment.objects.select_related("company").get()
    Payment.objects.update(state=State.CANCELLED)
    assert stale.is_open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Payment.objects, "select_related", lambda *names: type("Rows", (), {"get": lambda self, pk: stale})()
        )
        payments.send(payment_id=payment.pk, at=NOW)
    intent.refresh_from_db()
    assert intent.data["status"] == "canceled"


def test_the_method_of_a_payment_is_kept_when_asked(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        payment = paid(save_method=True)
    method = SavedMethod.objects.get()
    assert payment.saved_method == method
    assert (method.company_id, method.brand, method.last4) == (payment.company_id, "visa", "4242")
    again = sent(payment.company, saved_method=method, off_session=True)
    assert again.state == State.SUCCEEDED


def test_another_amount_than_ours_is_never_taken_for_paid() -> None:
    payment = sent()
    intent = dict(FakeObject.objects.get(pk=payment.intent_id).data) | {"status": "succeeded"}
    for wrong in ({"amount": 9999}, {"currency": "usd"}, {"id": "pi_other"}):
        with pytest.raises(Mismatch):
            payments.apply(intent={**intent, **wrong}, at=NOW)
    payment.refresh_from_db()
    assert payment.state == State.CREATED
    with pytest.raises(Mismatch):
        payments.apply(
            intent={**intent, "metadata": {"accord_payment": "0b0ed5bb-0d0c-4a4a-8a3c-6ad1a8a3b0aa"}}, at=NOW
        )
    assert payments.apply(intent={**intent, "metadata": {}}, at=NOW) is None


def test_a_state_never_goes_back() -> None:
    payment = paid()
    intent = dict(FakeObject.objects.get(pk=payment.intent_id).data)
    version = payment.version
    for status in ("requires_payment_method", "requires_action", "processing", "canceled", "succeeded"):
        later = payments.apply(intent={**intent, "status": status}, at=NOW + timedelta(days=1))
        assert (later.state, later.version) == (State.SUCCEEDED, version)


# --- lost requests, lost answers -----------------------------------------------------------------------------------


FAULTS = [faults.LOST_REQUEST, faults.LOST_ANSWER, faults.TIMEOUT, faults.BROKEN, faults.BROKEN_AFTER, faults.TOO_MANY]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pause", [timedelta(seconds=5), timedelta(hours=25)])
def test_whatever_is_lost_it_is_paid_once(fault: str, pause: timedelta) -> None:
    """The call fails before or after its effect; the next try, at once or a day later, ends in the one charge."""
    company = shop.company()
    payment = opened(company, saved_method=saved(company), off_session=True)
    faults.plan(fault, "POST", "/v1/payment_intents")
    try:
        payments.send(payment_id=payment.pk, at=NOW)
    except ProviderAway:
        with time_machine.travel(NOW + pause, tick=False):
            payments.send(payment_id=payment.pk, at=NOW + pause)
    payment.refresh_from_db()
    assert (payment.state, intents(), charged()) == (State.SUCCEEDED, 1, ["succeeded"])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_customer_that_cannot_be_made_is_made_a_minute_later(fault: str) -> None:
    payment = opened()
    faults.plan(fault, "POST", "/v1/customers")
    with pytest.raises(ProviderAway):
        payments.send(payment_id=payment.pk, at=NOW)
    assert intents() == 0
    payment = payments.send(payment_id=payment.pk, at=NOW + timedelta(minutes=1))
    assert (payment.state, intents()) == (State.CREATED, 1)


def test_without_the_look_before_a_new_key_a_lost_answer_would_be_paid_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: a day later Stripe has forgotten the key."""
    company = shop.company()
    payment = opened(company, saved_method=saved(company), off_session=True)
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/payment_intents")
    with pytest.raises(ProviderAway):
        payments.send(payment_id=payment.pk, at=NOW)
    monkeypatch.setattr(Payment, "key_is_spent", lambda self, at: False)
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        payments.send(payment_id=payment.pk, at=NOW + timedelta(hours=25))
    assert charged() == ["succeeded", "succeeded"]
