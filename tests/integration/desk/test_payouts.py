"""Paying at the desk: ticking, approving in twos, sending, the bank's files, and what each role may."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from channels.commissions.models import Payout, PayoutBatch, PayoutRecall, Statement
from shop.payments.fake_stripe import accounts
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay
from tests.integration.commissions.test_payout_batches import keys, report

pytestmark = pytest.mark.django_db
LIST_QUERIES = 12


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(pay.NOW, tick=False):
        yield


def browser(*codenames: str) -> Client:
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    client = Client()
    client.force_login(user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


@pytest.fixture
def finance() -> Client:
    return browser(
        "view_payout", "view_payoutbatch", "view_payoutdetails", "add_payout", "change_payout", "change_statement",
        "view_statement",
    )  # fmt: skip


def due(*codes: str, rail: str = "sepa") -> list[Statement]:
    money.programme()
    partners = [make.partner(code) for code in codes]
    for partner in partners:
        if rail == "sepa":
            pay.details(partner)
        elif rail == "stripe":
            pay.connected(partner)
    return pay.statements_of(*partners)


def ticked(statements: list[Statement]) -> dict[str, Any]:
    return {"statement": [row.pk for row in statements]}


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def send(client: Client, statements: list[Statement], capture: Any) -> Any:
    """Send, let the task run after the commit, and follow where it leads."""
    with capture(execute=True):
        answer = client.post(reverse("desk_payouts_send"), ticked(statements))
    return client.get(answer.headers["Location"])


def test_the_list_shows_rail_account_and_what_stands_in_the_way(finance: Client) -> None:
    due("nord", "syd")
    make_pending = Statement.objects.get(partner__code="syd").partner
    pay.details(make_pending, iban=pay.OTHER_IBAN, entered_at=pay.NOW, valid_from=pay.later(days=7))
    page = BeautifulSoup(finance.get(reverse("desk_payouts")).content, "html.parser")
    waits = "The bank details were changed; payouts wait until 2026-03-09."
    rows = [" ".join(row.get_text(" ", strip=True).split()) for row in page.select(".desk-many tbody tr")]
    assert rows == [
        "ST-2026-02-EUR-NORD Nord Closed SEPA credit transfer DE•• •••• 3000 15.00 EUR –",
        f"ST-2026-02-EUR-SYD Syd Closed SEPA credit transfer DE•• •••• 3000 15.00 EUR {waits}",
    ]
    assert pay.IBAN not in page.get_text()
    for box in page.select(".desk-many input[type=checkbox]"):
        assert box["aria-label"]


def test_ticked_statements_are_approved_and_sent_and_the_file_is_the_same_each_time(
    finance: Client, django_capture_on_commit_callbacks: Any
) -> None:
    statements = due("nord", "syd")
    approved = finance.post(reverse("desk_payouts_approve"), ticked(statements), follow=True)
    assert said(approved) == ["2 payouts are ready to be sent."]
    assert list(Payout.objects.values_list("state", flat=True)) == ["approved", "approved"]

    page = send(finance, statements, django_capture_on_commit_callbacks)
    batch = PayoutBatch.objects.get()
    assert page.request["PATH_INFO"] == reverse("desk_payout_batch", args=[batch.pk])
    assert "2 of 2 handled" in page.content.decode()
    assert "Refresh" not in page.headers
    address = reverse("desk_payout_batch_file", args=[batch.pk])
    first, second = finance.get(address), finance.get(address)
    assert first.content == second.content == batch.file.encode()
    assert first.headers["Content-Disposition"] == f'attachment; filename="{batch.message_id}.xml"'

    content = report(batch, (keys(batch)[0], "ACSC", ""), (keys(batch)[1], "RJCT", "AC04"))
    upload = {"file": SimpleUploadedFile("status.xml", content)}
    told = finance.post(reverse("desk_payout_report"), upload, follow=True).content.decode()
    assert "refused, payable again" in told
    assert "AC04 as the bank says" in told
    assert "1 paid, 0 under way, 1 failed or left out." in told
    assert [row.state for row in Statement.objects.order_by("number")] == ["paid", "approved"]

    with django_capture_on_commit_callbacks(execute=True):
        finance.post(reverse("desk_payout_batch_retry", args=[batch.pk]), follow=True)
    again = PayoutBatch.objects.first()
    assert again is not None
    assert [item.payout.statement.number for item in again.items.all()] == ["ST-2026-02-EUR-SYD"]
    finance.post(reverse("desk_payout_batch_executed", args=[again.pk]))
    assert money.accounts() == {"Asset:Bank": -30_00, "Expense:Commission:RESALE": 30_00}


def test_above_the_limit_it_takes_two_people_and_nothing_is_sent_before(
    finance: Client, django_capture_on_commit_callbacks: Any
) -> None:
    [statement] = due("nord")
    Statement.objects.update(approvals_needed=2)
    first = finance.post(reverse("desk_payouts_approve"), ticked([statement]), follow=True)
    assert said(first) == ["1 waits for a second person."]
    assert Payout.objects.get().state == "draft"
    again = finance.post(reverse("desk_payouts_approve"), ticked([statement]), follow=True)
    assert said(again) == ["You approved this statement already. The second approval is somebody else's."]
    refused = send(finance, [statement], django_capture_on_commit_callbacks)
    assert said(refused) == ["None of them can be sent in a batch. They need an approval first."]
    assert PayoutBatch.objects.count() == 0

    second = browser("change_statement", "view_payout").post(
        reverse("desk_payouts_approve"), ticked([statement]), follow=True
    )
    assert said(second) == ["1 payout is ready to be sent."]
    send(finance, [statement], django_capture_on_commit_callbacks)
    assert Payout.objects.get().state == "sending"


def test_stripe_pays_at_once_and_a_transfer_is_taken_back(
    finance: Client, django_capture_on_commit_callbacks: Any
) -> None:
    statements = due("nord", "syd", rail="stripe")
    finance.post(reverse("desk_payouts_approve"), ticked(statements))
    accounts.tell(statements[0].partner.stripe_account.account_id, "rejected")
    page = send(finance, statements, django_capture_on_commit_callbacks).content.decode()
    assert "1 paid, 0 under way, 1 failed or left out." in page
    assert "insufficient_capabilities_for_transfer" in page
    number = statements[1].number
    shown = finance.get(reverse("desk_statement", args=[number])).content.decode()
    assert reverse("desk_payout_recall", args=[number]) in shown
    with django_capture_on_commit_callbacks(execute=True):
        finance.post(reverse("desk_payout_recall", args=[number]), {"reason": "Wrong account"})
    assert PayoutRecall.objects.get().state == "done"
    assert money.accounts() == {"Expense:Commission:RESALE": 30_00, "Liability:Payable": -30_00}


def test_by_hand_is_for_each_by_itself(finance: Client, django_capture_on_commit_callbacks: Any) -> None:
    statements = due("nord", rail="manual")
    finance.post(reverse("desk_payouts_approve"), ticked(statements))
    answer = send(finance, statements, django_capture_on_commit_callbacks)
    assert "1 is paid by hand: open its statement and record the reference." in said(answer)
    assert PayoutBatch.objects.count() == 0
    finance.post(reverse("desk_statement_pay", args=[statements[0].number]), {"reference": "BANK-1"})
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}


def test_a_page_of_a_batch_under_way_looks_again(finance: Client) -> None:
    statements = due("nord")
    finance.post(reverse("desk_payouts_approve"), ticked(statements))
    finance.post(reverse("desk_payouts_send"), ticked(statements))  # its task never runs here
    page = finance.get(reverse("desk_payout_batch", args=[PayoutBatch.objects.get().pk]))
    assert page.headers["Refresh"] == "3"
    assert "0 of 1 handled" in page.content.decode()


@pytest.mark.parametrize("content", [b"no xml", b"<Document/>"])
def test_a_file_that_is_no_report_says_so_on_the_form(finance: Client, content: bytes) -> None:
    answer = finance.post(reverse("desk_payout_report"), {"file": SimpleUploadedFile("x.xml", content)})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


def test_who_may_only_look_gets_no_button_no_file_and_no_act() -> None:
    statements = due("nord")
    reader = browser("view_payout", "view_payoutbatch", "view_statement")
    page = reader.get(reverse("desk_payouts")).content.decode()
    assert "Send the ticked ones" not in page
    assert "Approve the ticked ones" not in page
    reader.post(reverse("desk_payouts_approve"), ticked(statements))
    reader.post(reverse("desk_payouts_send"), ticked(statements))
    assert Payout.objects.count() == 0
    batch = PayoutBatch.objects.create(rail="sepa", created_at=pay.NOW, file="<x/>", message_id="M")
    answer = reader.get(reverse("desk_payout_batch_file", args=[batch.pk]))
    assert answer.status_code in {302, 403}
    assert b"<x/>" not in answer.content


def test_nothing_ticked_is_said(finance: Client) -> None:
    for name in ("desk_payouts_approve", "desk_payouts_send"):
        for body in ({}, {"statement": "x"}, {"statement": "9" * 30}):
            assert said(finance.post(reverse(name), body, follow=True)) == ["Tick the statements first."]


def test_the_desk_sees_who_changed_what(finance: Client) -> None:
    partner = make.partner("nord")
    pay.details(partner, entered_by=make.user(username="ida", email="ida@nord.example.com"))
    page = finance.get(reverse("desk_payout_details", args=[partner.pk])).content.decode()
    assert "ida" in page
    assert "DE•• •••• 3000" in page
    assert pay.IBAN not in page


@pytest.mark.parametrize("codes", [("nord",), ("nord", "syd", "ost")])
def test_the_query_count_does_not_grow(finance: Client, codes: tuple[str, ...], django_assert_num_queries: Any) -> None:
    due(*codes)
    finance.get(reverse("desk_payouts"))
    with django_assert_num_queries(LIST_QUERIES):
        finance.get(reverse("desk_payouts"))
