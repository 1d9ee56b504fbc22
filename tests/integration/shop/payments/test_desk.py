"""Finance's pages: payments, disputes, and the webhook's inbox with replay."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from channels.audit.models import AuditEvent
from shop.operations import roles
from shop.payments.fake_stripe import bank, deliveries, instruments, payer
from shop.payments.models import Dispute, FakeObject, Payment, WebhookEvent
from shop.payments.services import disputes, inbox, payments, reconciler
from tests.factories import shop
from tests.factories.payments import NOW, paid, sent

pytestmark = pytest.mark.django_db
State = WebhookEvent.State
INBOX = "/admin/payments/webhooks/"
BANK = "/admin/payments/test-bank/"


def browser_of(person: Any) -> Client:
    client = Client()
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")
    return client


@pytest.fixture
def finance() -> Client:
    person = shop.user(email="finance@example.com", is_staff=True)
    person.groups.add(roles.sync()["finance"])
    return browser_of(person)


def delivery(number: int = 1, **values: Any) -> WebhookEvent:
    body = json.dumps({"id": f"evt_{number}", "type": "x", "created": 1, "data": {"object": {"note": "<b>"}}})
    defaults = {"event_id": f"evt_{number}", "kind": "customer.created", "body": body.encode(), "received_at": NOW}
    return WebhookEvent.objects.create(**{**defaults, **values})


def test_the_inbox_counts_and_filters(finance: Client) -> None:
    delivery(1, state=State.PARKED, tries=8, last_error="Mismatch: <i>")
    delivery(2, state=State.APPLIED, kind="payment_intent.succeeded")
    delivery(3, state=State.REFUSED, event_id=None, kind="")
    page = finance.get(INBOX).content.decode()
    for text in ("Waiting: 0", "Applied: 1", "Parked: 1", "Refused: 1", "Mismatch: &lt;i&gt;", "evt_1", "evt_2"):
        assert text in page
    assert page.count("Apply again") == 2  # what is done needs it not
    for query, found in (("?state=parked", "evt_1"), ("?kind=payment_intent", "evt_2"), ("?q=evt_2", "evt_2")):
        page = finance.get(INBOX + query)
        assert [str(row) for row in page.context["object_list"]] == [found]
    assert finance.get(f"{INBOX}?state=nonsense").status_code == 200
    assert "No delivery matches." in finance.get(f"{INBOX}?q=evt_9").content.decode()


def test_a_delivery_is_shown_as_it_came_and_replayed(finance: Client) -> None:
    row = delivery(1, state=State.PARKED, tries=8, last_error="Mismatch")
    page = finance.get(f"{INBOX}{row.pk}/").content.decode()
    assert "&quot;note&quot;: &quot;&lt;b&gt;&quot;" in page
    assert finance.post(f"{INBOX}{row.pk}/replay/").url == f"{INBOX}{row.pk}/"
    row.refresh_from_db()
    assert (row.state, row.tries, row.last_error) == (State.IGNORED, 0, "")
    assert AuditEvent.objects.values_list("verb", "data").get(verb="payments.webhook_replayed") == (
        "payments.webhook_replayed", {"was": "parked"},
    )  # fmt: skip
    assert finance.post(f"{INBOX}999/replay/").status_code == 404


def test_a_body_that_is_no_text_is_shown_all_the_same(finance: Client) -> None:
    row = delivery(1, event_id=None, body=b"\xff\xfe{", state=State.REFUSED)
    assert finance.get(f"{INBOX}{row.pk}/").status_code == 200


def test_who_may_look_may_not_replay(finance: Client) -> None:
    row = delivery(1, state=State.PARKED)
    clerk = shop.user(is_staff=True)
    clerk.user_permissions.add(*roles.Permission.objects.filter(codename__in=("access_admin", "view_webhookevent")))
    client = browser_of(clerk)
    assert (client.get(INBOX).status_code, b"Apply again" in client.get(INBOX).content) == (200, False)
    assert client.post(f"{INBOX}{row.pk}/replay/").status_code in (302, 403)
    row.refresh_from_db()
    assert row.state == State.PARKED


def test_a_payment_tells_its_history(finance: Client) -> None:
    payment = paid(shop.company(name="Vest Bygg"))
    page = finance.get("/admin/payments/?q=vest").content.decode()
    assert (payment.reference in page, "100 EUR" in page) == (True, True)
    assert "No payment matches." in finance.get("/admin/payments/?state=failed").content.decode()
    page = finance.get(f"/admin/payments/{payment.key}/").content.decode()
    assert payment.intent_id in page
    assert [word in page for word in ("opened", "created", "succeeded")] == [True] * 3
    assert payment.client_secret not in page


def test_finance_is_told_of_a_dispute_once(finance: Client) -> None:
    payment = paid(shop.company(name="Vest Bygg"))
    theirs = bank.dispute(payment.intent_id)
    row = disputes.apply_dispute(dispute=theirs, at=NOW)
    assert row is not None
    assert (row.state, row.amount, row.reason) == (Dispute.State.NEEDS_RESPONSE, 100, "fraudulent")
    assert (row.evidence_due_at - NOW).days == 7
    reconciler.reconcile(now=NOW)
    reconciler.reconcile(now=NOW)
    # The mail waits for the commit, which the test never makes.
    assert Dispute.objects.get().told_at == NOW
    assert mail.outbox == []
    page = finance.get("/admin/payments/disputes/").content.decode()
    assert ("Vest Bygg" in page, "Waiting for our answer" in page) == (True, True)
    page = finance.get(f"/admin/payments/{payment.key}/").content.decode()
    assert "dispute:needs_response" in page


def test_the_mail_about_a_dispute_goes_to_who_may_see_it(
    finance: Client, django_capture_on_commit_callbacks: Any
) -> None:
    payment = paid(shop.company(name="Vest Bygg"))
    with django_capture_on_commit_callbacks(execute=True):
        disputes.apply_dispute(dispute=bank.dispute(payment.intent_id), at=NOW)
    [letter] = mail.outbox
    assert letter.to == ["finance@example.com"]
    assert letter.subject == "A payment of Vest Bygg is disputed: 100.00 EUR"
    assert "/admin/payments/disputes/" in letter.body


def test_a_dispute_only_moves_on() -> None:
    payment = paid()
    theirs = bank.dispute(payment.intent_id)
    for status, state in (
        ("under_review", "under_review"), ("needs_response", "under_review"), ("lost", "lost"), ("won", "lost"),
        ("under_review", "lost"),
    ):  # fmt: skip
        row = disputes.apply_dispute(dispute={**theirs, "status": status}, at=NOW)
        assert row is not None
        assert row.state == state
    assert [row.what for row in payment.events.filter(what__startswith="dispute")] == [
        "dispute:under_review", "dispute:lost",
    ]  # fmt: skip
    assert FakeObject.objects.filter(kind="dispute").count() == 1


@pytest.mark.parametrize("path", ["/admin/payments/", "/admin/payments/disputes/", INBOX])
def test_the_lists_ask_as_often_for_three_as_for_one(
    path: str, finance: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def fill(number: int) -> None:
        payment = paid()
        disputes.apply_dispute(dispute=bank.dispute(payment.intent_id), at=NOW)
        delivery(number)

    queries = {"/admin/payments/": 9, "/admin/payments/disputes/": 9, INBOX: 10}[path]
    fill(1)
    finance.get(path)
    with django_assert_num_queries(queries):
        finance.get(path)
    fill(2)
    fill(3)
    with django_assert_num_queries(queries):
        finance.get(path)


def test_the_test_bank_decides_and_the_network_is_as_bad_as_asked(finance: Client) -> None:
    debit, card = sent(kind="bank_debit"), paid()
    payer.pay(debit.client_secret, instruments.DEBIT_OK)
    payments.refresh(payment_id=debit.pk, at=NOW)
    page = finance.get(BANK).content.decode()
    assert [row.reference in page for row in (debit, card)] == [True, True]

    def act(what: str, name: str | None = "") -> int:
        return finance.post(f"{BANK}act/", {"what": what, "name": name}).status_code

    assert [act("settle", debit.intent_id), act("dispute", card.intent_id)] == [302, 302]
    assert [act("settle", debit.intent_id), act("settle", "pi_x"), act("won", "du_x"), act("nonsense")] == [404] * 4
    waiting = len(deliveries.waiting())
    assert act("shuffle") == 302
    inbox.apply_waiting(now=NOW + timedelta(minutes=1))
    assert sum(row.deliveries for row in WebhookEvent.objects.all()) == 2 * waiting
    assert (Payment.objects.get(pk=debit.pk).state, Dispute.objects.get().state) == ("succeeded", "needs_response")
    assert [act("lost", Dispute.objects.get().dispute_id), act("lose"), act("deliver")] == [302] * 3
    inbox.apply_waiting(now=NOW + timedelta(minutes=1))
    assert Dispute.objects.get().state == "needs_response"  # the webhook was lost
    reconciler.reconcile(now=NOW)
    assert Dispute.objects.get().state == "lost"
