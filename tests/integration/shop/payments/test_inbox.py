"""What arrives at the webhook is kept, verified, counted once and applied; whatever it is, never an error of ours."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from django.test import Client

from shop.payments.fake_stripe import deliveries, instruments, payer
from shop.payments.models import Payment, WebhookEvent
from shop.payments.services import inbox, payments
from shop.payments.webhook import LARGEST
from tests.factories import shop
from tests.factories.payments import NOW, sent

pytestmark = pytest.mark.django_db
State = WebhookEvent.State
URL = "/payments/stripe/webhook/"


def post(body: bytes, signature: str, client: Client | None = None) -> int:
    answer = (client or Client()).post(
        URL, body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return answer.status_code


def deliver(event: dict[str, Any], *, signed_at: datetime = NOW, secret: str = "") -> int:
    return post(*deliveries.signed(event, at=signed_at, secret=secret), Client(enforce_csrf_checks=True))


@pytest.fixture
def event() -> dict[str, Any]:
    """The event of a payment that was paid, and of which we have not heard."""
    payment = sent()
    payer.pay(payment.client_secret, instruments.OK)
    return deliveries.events("payment_intent.succeeded")[0]


def run_tasks() -> None:
    assert inbox.apply_waiting(now=NOW + timedelta(minutes=1)) in (0, 1)


def test_an_event_pays_the_payment(event: dict[str, Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert deliver(event) == 200
    row = WebhookEvent.objects.get()
    assert (row.state, row.event_id, row.kind) == (State.APPLIED, event["id"], "payment_intent.succeeded")
    assert json.loads(bytes(row.body)) == event
    assert (row.tries, row.deliveries, row.done_at, row.last_error) == (0, 1, NOW, "")
    assert Payment.objects.get().state == Payment.State.SUCCEEDED


def test_an_event_is_applied_once_however_often_it_comes(event: dict[str, Any]) -> None:
    assert [deliver(event) for _ in range(3)] == [200, 200, 200]
    row = WebhookEvent.objects.get()
    assert (row.state, row.deliveries) == (State.RECEIVED, 3)
    run_tasks()
    version = Payment.objects.get().version
    assert deliver(event) == 200
    run_tasks()
    row.refresh_from_db()
    assert (row.state, row.deliveries) == (State.APPLIED, 4)
    assert Payment.objects.get().version == version


@pytest.mark.parametrize(
    ("shift", "answer"),
    [
        (timedelta(0), 200),
        (timedelta(minutes=-5), 200),
        (timedelta(minutes=-5, seconds=-1), 400),
        (timedelta(days=-40), 400),
        (timedelta(seconds=30), 200),
        (timedelta(seconds=31), 400),
        (timedelta(days=3650), 400),
    ],
)
def test_a_signature_is_of_now(event: dict[str, Any], shift: timedelta, answer: int) -> None:
    assert deliver(event, signed_at=NOW + shift) == answer
    row = WebhookEvent.objects.get()
    assert row.state == (State.RECEIVED if answer == 200 else State.REFUSED)


def test_each_of_several_secrets_is_accepted_and_no_other(event: dict[str, Any], settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    assert deliver(event, secret="whsec_old") == 200
    assert deliver(event, secret="whsec_new") == 200
    assert deliver(event, secret="whsec_other") == 400
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert deliver(event, secret="whsec_new") == 400


def good(event: dict[str, Any]) -> tuple[bytes, str]:
    return deliveries.signed(event, at=NOW)


@pytest.mark.parametrize(
    "signature",
    [
        "", "t=1", "v1=abc", "nonsense", "t=,v1=", "t=1772443800,v1=", "t=1772443800,v1=é", "t=x,v1=abc",
        "t=99999999999999999999,v1=abc", "\x00", "t=1772443800,v1=" + "a" * 5000,
    ],
)  # fmt: skip
def test_an_unsigned_body_is_kept_and_refused(event: dict[str, Any], signature: str) -> None:
    body, _signature = good(event)
    if "\x00" in signature or "é" in signature:  # no client sends these in a header; a raw socket may
        with pytest.raises(inbox.Refused):
            inbox.receive(body=body, signature=signature, at=NOW)
    else:
        assert post(body, signature) == 400
    row = WebhookEvent.objects.get()
    assert (row.state, row.event_id, bytes(row.body), row.last_error) == (
        State.REFUSED, None, body, "No signature of ours.",
    )  # fmt: skip
    run_tasks()
    assert Payment.objects.get().state == Payment.State.CREATED


def test_a_changed_body_is_refused(event: dict[str, Any]) -> None:
    body, signature = good(event)
    assert post(body.replace(b"10000", b"10001", 1), signature) == 400
    assert Payment.objects.get().state == Payment.State.CREATED


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"\xc3(", b"", b"[]", b"{}", b"null", b"{", b'"text"', b'{"id": 1, "type": 2, "data": 3}'],
)  # fmt: skip
def test_what_is_no_event_is_refused(body: bytes) -> None:
    header = stripe.WebhookSignature.generate_signature_header(
        body.decode(errors="replace"), "whsec_played_by_this_store", timestamp=int(NOW.timestamp())
    )
    assert post(body, header) == 400
    assert WebhookEvent.objects.get().state == State.REFUSED


def test_only_a_post_of_a_sensible_size_is_taken() -> None:
    client = Client()
    assert [client.get(URL).status_code, client.put(URL).status_code, client.delete(URL).status_code] == [405] * 3
    assert post(b"x" * (LARGEST + 1), "t=1") == 413
    assert WebhookEvent.objects.count() == 0


def test_a_flood_of_forgeries_fills_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_REFUSED", 3)
    assert [post(b"{}", "t=1") for _ in range(5)] == [400] * 5
    assert WebhookEvent.objects.count() == 3


def test_what_does_not_concern_us_is_ignored(event: dict[str, Any]) -> None:
    foreign = {**event["data"]["object"], "id": "pi_x", "metadata": {}}
    for number, change in enumerate(
        ({"type": "customer.created"}, {"account": "acct_1"}, {"data": {"object": foreign}})
    ):
        deliver({**event, "id": f"evt_{number}", **change})
        run_tasks()
    assert list(WebhookEvent.objects.values_list("state", flat=True)) == [State.IGNORED] * 3
    assert Payment.objects.get().state == Payment.State.CREATED


def test_a_poisonous_event_is_parked_and_blocks_nobody(event: dict[str, Any]) -> None:
    wrong = {**event["data"]["object"], "amount": 1}
    deliver({**event, "id": "evt_poison", "data": {"object": wrong}})
    deliver(event)
    at = NOW
    for _ in range(inbox.MAX_TRIES):
        at += timedelta(hours=2)
        inbox.apply_waiting(now=at)
    poison = WebhookEvent.objects.get(event_id="evt_poison")
    assert (poison.state, poison.tries) == (State.PARKED, inbox.MAX_TRIES)
    assert poison.last_error.startswith("Mismatch: payment test:")
    assert WebhookEvent.objects.get(event_id=event["id"]).state == State.APPLIED
    assert inbox.apply_waiting(now=at + timedelta(days=9)) == 0
    assert Payment.objects.get().state == Payment.State.SUCCEEDED


def test_a_failure_is_tried_again_later_and_later(event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(event)
    row = WebhookEvent.objects.get()

    def fail(**_how: Any) -> None:
        raise RuntimeError("the database is tired")

    with monkeypatch.context() as patch:
        patch.setattr(payments, "apply", fail)
        for tries, pause in enumerate((30, 60, 120), 1):
            row = inbox.apply_event(event_id=row.pk, at=NOW)
            assert (row.state, row.tries) == (State.RECEIVED, tries)
            assert row.next_try_at == NOW + timedelta(seconds=pause)
    assert inbox.apply_waiting(now=NOW + timedelta(seconds=119)) == 0
    assert inbox.apply_waiting(now=NOW + timedelta(seconds=120)) == 1


def test_a_delivery_that_nobody_verified_is_verified_later(event: dict[str, Any]) -> None:
    """The process died between keeping the body and looking at it."""
    body, signature = good(event)
    for _ in range(2):
        WebhookEvent.objects.create(body=body, signature=signature, received_at=NOW)
    WebhookEvent.objects.create(body=body, signature="t=1,v1=x", received_at=NOW)
    assert inbox.apply_waiting(now=NOW + timedelta(days=1)) == 2  # the second finds the first done
    assert sorted(WebhookEvent.objects.values_list("state", "deliveries")) == [(State.APPLIED, 2), (State.REFUSED, 1)]
    assert Payment.objects.get().state == Payment.State.SUCCEEDED


def test_a_refused_delivery_is_verified_again_once_the_secret_is_known(event: dict[str, Any], settings: Any) -> None:
    deliver(event, secret="whsec_rotated")
    row = WebhookEvent.objects.get()
    person = shop.user()
    assert inbox.replay(event_id=row.pk, by=person, at=NOW).state == State.REFUSED
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_rotated"]
    assert inbox.replay(event_id=row.pk, by=person, at=NOW + timedelta(days=2)).state == State.APPLIED
    assert Payment.objects.get().state == Payment.State.SUCCEEDED


def test_replaying_an_applied_event_changes_nothing(event: dict[str, Any]) -> None:
    deliver(event)
    run_tasks()
    row, version = WebhookEvent.objects.get(), Payment.objects.get().version
    assert inbox.replay(event_id=row.pk, by=shop.user(), at=NOW).state == State.APPLIED
    assert Payment.objects.get().version == version


def test_what_was_done_long_ago_is_forgotten_and_what_is_parked_is_not(event: dict[str, Any]) -> None:
    deliver(event)
    run_tasks()
    WebhookEvent.objects.create(body=b"", received_at=NOW, state=State.PARKED)
    assert inbox.forget(now=NOW + timedelta(days=90)) == 0
    assert inbox.forget(now=NOW + timedelta(days=91)) == 1
    assert WebhookEvent.objects.get().state == State.PARKED


def test_an_event_that_was_fetched_and_then_delivered_is_one(event: dict[str, Any]) -> None:
    assert inbox.add_fetched(event=event, at=NOW) is not None
    assert inbox.add_fetched(event=event, at=NOW) is None
    assert deliver(event) == 200
    assert WebhookEvent.objects.get().deliveries == 2
