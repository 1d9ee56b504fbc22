"""Finance at the desk: months, statements in twos, and exchange rates."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.commissions.models import ClosedMonth, ExchangeRate, LedgerHead, Statement
from channels.commissions.services import schedule
from channels.contracts import OrderEventKind
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
MAY_2 = datetime(2026, 5, 2, 9, tzinfo=UTC)


def finance(*codenames: str) -> Client:
    user = make.user(is_staff=True)
    app = Permission.objects.filter(content_type__app_label__in=("channels_commissions", "channels_partners"))
    user.user_permissions.set(app if not codenames else app.filter(codename__in=codenames))
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    return client


def stated(net_minor: int = 100_00, currency: str = "EUR") -> Statement:
    """A statement of 15 % of the net, closed on 2 May."""
    money.programme()
    order = money.credited(
        "ORD-1",
        (make.partner("fjordtek"), "resale", 10_000),
        currency=currency,
        lines=(make.line("ORD-1/1", net_minor),),
    )
    money.paid(order)
    schedule.run_due(now=MAY_2)
    return Statement.objects.get()


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def approve(client: Client, statement: Statement) -> list[str]:
    return said(client.post(reverse("desk_statement_approve", args=[statement.number]), follow=True))


def test_above_the_limit_two_people_approve() -> None:
    """Of EUR 10,000.00, which is in the settings."""
    statement = stated(net_minor=66_666_67)
    assert (statement.payable_minor, statement.approvals_needed) == (10_000_00, 1)
    Statement.objects.update(approvals_needed=2)
    first, second = finance(), finance()
    page = reverse("desk_statement", args=[statement.number])

    assert approve(first, statement) == [
        "Your approval of ST-2026-04-EUR-FJORDTEK is recorded. It is above the limit: somebody else approves it too."
    ]
    statement.refresh_from_db()
    assert statement.state == "closed"
    assert "You approved it. Somebody else from finance gives the second approval." in text_of(first.get(page))
    assert "Approve as the second" in text_of(second.get(page))
    assert approve(first, statement) == ["You approved this statement already. The second approval is somebody else's."]
    assert statement.approvals.count() == 1
    assert approve(second, statement) == ["Statement ST-2026-04-EUR-FJORDTEK is approved."]
    statement.refresh_from_db()
    assert statement.state == "approved"
    verbs = AuditEvent.objects.filter(verb__startswith="statement.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["statement.first_approval", "statement.approved"]


@pytest.mark.parametrize(("net_minor", "people"), [(66_666_67, 1), (66_666_74, 2)])
def test_the_limit_is_a_cent(net_minor: int, people: int) -> None:
    """EUR 10,000.00 takes one person, EUR 10,000.01 two."""
    statement = stated(net_minor=net_minor)
    assert statement.approvals_needed == people
    assert statement.printed["approval"] == {
        "currency": "EUR", "limit_minor": 1_000_000, "reported_minor": 1_000_000 + people - 1,
    }  # fmt: skip


def test_another_currency_is_compared_by_its_rate() -> None:
    ExchangeRate.objects.create(
        on=date(2026, 4, 30), base="EUR", quote="JPY", numerator=160, denominator=1, source="Bank", recorded_at=MAY_2
    )
    statement = stated(net_minor=10_666_667, currency="JPY")
    assert (statement.payable_minor, statement.approvals_needed) == (1_600_000, 1)
    assert statement.printed["approval"]["reported_minor"] == 1_000_000


def test_without_a_rate_two_people_approve() -> None:
    statement = stated(currency="NOK")
    assert statement.approvals_needed == 2
    page = text_of(finance().get(reverse("desk_statement", args=[statement.number])))
    assert "No exchange rate was on record at the closing, so two people approve it." in page
    assert "Approve as the first" in page


def test_files_of_a_statement() -> None:
    statement = stated()
    client = finance()
    pdf = client.get(reverse("desk_statement_file", args=[statement.number, "pdf"]))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(reverse("desk_statement_file", args=[statement.number, "json"])).json()["version"] == 1
    assert client.get(reverse("desk_statement_file", args=[statement.number, "exe"])).status_code == 404


def test_the_list_says_what_is_not_paid_in_one_currency() -> None:
    stated(currency="NOK")
    client, page = finance(), reverse("desk_statements")
    with time_machine.travel(MAY_2, tick=False):
        assert "Not paid yet: 15.00 NOK = a rate is missing" in text_of(client.get(page))
        ExchangeRate.objects.create(
            on=date(2026, 5, 1), base="EUR", quote="NOK", numerator=12, denominator=1, source="Bank", recorded_at=MAY_2
        )
        assert "Not paid yet: 15.00 NOK = <strong>1.25 EUR</strong>" in text_of(client.get(page))


def test_a_month_is_previewed_and_closed_for_good() -> None:
    money.programme()
    money.paid(money.credited("ORD-1", (make.partner("fjordtek"), "resale", 10_000)))
    client, page = finance(), reverse("desk_months")
    with time_machine.travel(MAY_2, tick=False):
        first = text_of(client.get(page))
        assert "Next to close: March 2026" in first
        assert "Nothing became payable, was taken back or was paid in it." in first
        assert said(client.post(reverse("desk_month_close", args=["2026-04"]), follow=True)) == [
            "2026-03 is closed first."
        ]
        assert said(client.post(reverse("desk_month_close", args=["2026-03"]), follow=True)) == ["2026-03 is closed."]
        amounts = "".join(f'<td class="num">{amount}</td>' for amount in ("0.00 EUR", "15.00 EUR", "15.00 EUR"))
        assert f"Fjordtek</a></td>{amounts}" in text_of(client.get(page))
        assert ClosedMonth.objects.count() == 1
        assert said(client.post(reverse("desk_month_close", args=["2026-04"]), follow=True)) == [
            "2026-04 is closed: 1 statement."
        ]
        assert said(client.post(reverse("desk_month_close", args=["2026-04"]), follow=True)) == ["2026-04 is closed."]
        assert said(client.post(reverse("desk_month_close", args=["2026-05"]), follow=True)) == [
            "2026-05 is not over yet."
        ]
        assert "It is still running" in text_of(client.get(page))
        assert client.post(reverse("desk_month_close", args=["soon"]), follow=True).status_code == 200
    closed = ClosedMonth.objects.get(starts_on=date(2026, 4, 1))
    assert (closed.statements, closed.closed_by_id is not None, Statement.objects.count()) == (1, True, 1)
    assert AuditEvent.objects.filter(verb="month.closed").count() == 2


def test_what_is_not_rated_blocks_a_person_and_holds_the_clock_for_days() -> None:
    money.programme()
    order = make.order("ORD-1", through=make.partner("fjordtek"), placed_at=datetime(2026, 4, 20, tzinfo=UTC))
    money.happened(order, OrderEventKind.PAID, datetime(2026, 4, 21, tzinfo=UTC))
    client, page = finance(), reverse("desk_months")
    with time_machine.travel(MAY_2, tick=False):
        assert "Events whose commission is not rated" in text_of(client.get(page))
        assert said(client.post(reverse("desk_month_close", args=["2026-04"]), follow=True)) == [
            "Some of 2026-04 is not on the books yet."
        ]
    schedule.run_due(now=datetime(2026, 5, 5, 23, tzinfo=UTC))
    assert LedgerHead.objects.filter(closed_until__isnull=False).count() == 0
    schedule.run_due(now=datetime(2026, 5, 6, tzinfo=UTC))
    closed = ClosedMonth.objects.get()
    assert (closed.starts_on, closed.closed_by) == (date(2026, 4, 1), None)
    assert closed.left_open == [{"kind": "attribution", "count": 1}, {"kind": "rating", "count": 1}]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("desk_statements", 12), ("desk_months", 19), ("desk_rates", 9)])
def test_lists_cost_the_same_whatever_their_length(
    rows: int, name: str, queries: int, django_assert_num_queries: Any
) -> None:
    money.programme()
    for number in range(rows):
        partner = make.partner(f"partner-{number}")
        money.paid(money.credited(f"ORD-{number}", (partner, "resale", 10_000)))
        ExchangeRate.objects.create(
            on=date(2026, 4, number + 1), base="EUR", quote="NOK", numerator=12, denominator=1, source="Bank",
            recorded_at=MAY_2,
        )  # fmt: skip
    schedule.run_due(now=MAY_2 if name == "desk_statements" else datetime(2026, 4, 1, tzinfo=UTC))
    client = finance()
    with time_machine.travel(MAY_2, tick=False):
        client.get(reverse(name))
        with django_assert_num_queries(queries):
            client.get(reverse(name))


def test_a_rate_is_typed_in_and_corrected() -> None:
    client, page = finance(), reverse("desk_rate_add")
    form = {"on": "2026-04-30", "base": "eur", "quote": "nok", "rate": "11.2345", "source": "Norges Bank"}
    assert client.post(page, form).status_code == 302
    row = ExchangeRate.objects.get()
    assert (row.base, row.quote, row.numerator, row.denominator) == ("EUR", "NOK", 22_469, 2_000)
    assert client.post(page, form).status_code == 302
    assert ExchangeRate.objects.count() == 1
    refused = client.post(page, {**form, "rate": "11.5"})
    assert "2026-04-30 EUR/NOK is recorded already with another rate." in text_of(refused)
    assert client.post(page, {**form, "rate": "11.5", "correct": "on"}).status_code == 302
    assert list(ExchangeRate.objects.order_by("revision").values_list("revision", "numerator")) == [
        (1, 22_469),
        (2, 23),
    ]
    shown = text_of(client.get(reverse("desk_rates")))
    assert "1 EUR = 11.2345 NOK" in shown
    assert '1 EUR = 11.5 NOK <span class="w-status">correction 2</span>' in shown


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Date,USD,JPY,\n2026-04-30,1.0912,163.2,\n2026-04-29,N/A,163.1,\n", 3),
        ("date,base,quote,rate\n2026-04-30,USD,KWD,0.307\n", 1),
    ],
)
def test_a_file_of_rates(text: str, count: int) -> None:
    file = SimpleUploadedFile("rates.csv", text.encode())
    answer = finance().post(reverse("desk_rate_add"), {"base": "EUR", "source": "ECB", "file": file})
    assert answer.status_code == 302
    assert ExchangeRate.objects.count() == count


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"file": SimpleUploadedFile("a.csv", b"Date,USD\n2026-13-01,1\n2026-04-30,x\n")},
            "Line 2: 2026-13-01 EUR USD 1",
        ),
        ({"file": SimpleUploadedFile("b.csv", b"\xff\xfe")}, "The file is not UTF-8 text."),
        ({}, "Give a day, a currency and its rate, or a file."),
        ({"on": "2026-04-30", "quote": "EUR", "rate": "2"}, "This is not an exchange rate."),
        ({"on": "2026-04-30", "quote": "E1", "rate": "2"}, "Three letters, such as EUR."),
    ],
)
def test_what_is_no_rate_is_refused(values: dict[str, Any], sentence: str) -> None:
    answer = finance().post(reverse("desk_rate_add"), {"base": "EUR", "source": "ECB", **values})
    assert sentence in text_of(answer)
    assert ExchangeRate.objects.count() == 0
