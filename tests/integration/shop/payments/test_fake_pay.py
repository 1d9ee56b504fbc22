"""The fake's page: test cards as buttons, the bank's question, and back to the store and nowhere else."""

from typing import Any

import pytest
from django.test import Client

from shop.payments.fake_stripe import bank, deliveries, instruments
from shop.payments.models import FakeObject, Payment, WebhookEvent
from tests.factories.payments import sent

pytestmark = pytest.mark.django_db
State = Payment.State


def page_of(payment: Payment, return_url: str = "/basket/") -> str:
    return f"/fake-stripe/pay/{payment.client_secret}/?return_url={return_url}"


def test_a_click_pays_and_the_webhook_has_arrived_before_the_browser(django_capture_on_commit_callbacks: Any) -> None:
    payment, client = sent(), Client()
    page = client.get(page_of(payment))
    assert b"This is a test page" in page.content
    assert page.content.count(b'name="number"') == 7  # cards alone
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(page_of(payment), {"number": instruments.OK})
    assert answer.url == f"/basket/?payment_intent={payment.intent_id}&redirect_status=succeeded"
    payment.refresh_from_db()
    assert payment.state == State.SUCCEEDED
    assert WebhookEvent.objects.filter(kind="payment_intent.succeeded").count() == 1
    assert b"settled already" in client.get(page_of(payment)).content
    assert client.post(page_of(payment), {"number": instruments.OK}).status_code == 302
    assert FakeObject.objects.filter(kind="charge").count() == 1


@pytest.mark.parametrize(("answer", "status"), [("yes", "succeeded"), ("no", "requires_payment_method")])
def test_3d_secure_is_a_step_of_its_own(answer: str, status: str) -> None:
    payment, client = sent(), Client()
    asked = client.post(page_of(payment), {"number": instruments.THREE_D_SECURE})
    assert (asked.status_code, asked.content.count(b'name="bank"')) == (200, 2)
    assert client.post(page_of(payment), {"bank": answer}).status_code == (302 if answer == "yes" else 200)
    assert FakeObject.objects.get(pk=payment.intent_id).data["status"] == status


def test_a_decline_is_told_and_another_card_may_follow() -> None:
    payment, client = sent(), Client()
    page = client.post(page_of(payment), {"number": instruments.INSUFFICIENT})
    assert (page.status_code, b"insufficient funds" in page.content) == (200, True)
    assert client.post(page_of(payment), {"number": instruments.OK}).status_code == 302


def test_a_debit_is_on_its_way_until_its_bank_says_more(django_capture_on_commit_callbacks: Any) -> None:
    payment, client = sent(kind="bank_debit"), Client()
    assert client.get(page_of(payment)).content.count(b'name="number"') == 2
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(page_of(payment), {"number": instruments.DEBIT_OK})
    assert "redirect_status=processing" in answer.url
    payment.refresh_from_db()
    assert payment.state == State.PROCESSING
    bank.settle_all()
    assert [row["type"] for row in deliveries.events() if row["pending_webhooks"]] == [
        "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data", [{}, {"number": "1"}, {"number": instruments.DEBIT_OK}, {"bank": "maybe"}, {"bank": "yes"}]
)
def test_anything_else_does_nothing(data: dict[str, str]) -> None:
    payment = sent()
    assert Client().post(page_of(payment), data).status_code == 200
    assert FakeObject.objects.get(pk=payment.intent_id).data["status"] == "requires_payment_method"


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example.com/", "https://evil.example.com/", "\\\\evil.example.com", "javascript:alert(1)", "/\\evil.example.com",
     "https://testserver@evil.example.com/", "%09//evil.example.com"],
)  # fmt: skip
def test_it_leads_nowhere_else(wanted: str) -> None:
    payment = sent()
    answer = Client().post(page_of(payment, wanted), {"number": instruments.OK})
    assert answer.url.startswith("/accounts/?payment_intent=pi_")


@pytest.mark.parametrize("secret", ["pi_1_secret_2", "x", "{id}", "{id}_secret_", "{id}_secret_0"])
def test_only_the_secret_opens_it(secret: str) -> None:
    payment = sent()
    client = Client()
    path = f"/fake-stripe/pay/{secret.format(id=payment.intent_id)}/"
    assert [client.get(path).status_code, client.post(path, {"number": instruments.OK}).status_code] == [404, 404]


def test_it_asks_for_a_csrf_token() -> None:
    payment = sent()
    answer = Client(enforce_csrf_checks=True).post(page_of(payment), {"number": instruments.OK})
    assert answer.status_code == 403
