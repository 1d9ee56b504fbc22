"""Finance's pages: what is open by age, money booked on invoices, transfers, credit notes, the journal."""

import csv
import io
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from shop.billing.models import Invoice, InvoicePayment, Receipt
from shop.billing.services import invoices, receipts
from shop.credit.services import deposits
from shop.operations import roles
from shop.returns.services import take_backs
from tests.factories import shop

pytestmark = pytest.mark.django_db
LIST = "/admin/invoices/"


@pytest.fixture
def finance() -> Client:
    person = shop.user("finance@example.com", is_staff=True)
    person.groups.add(roles.sync()["finance"])
    client = Client()
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")
    client.get("/admin/")
    return client


def invoice(person: Any = None, *, days_ago: int = 0, price: str = "1000.00") -> Invoice:
    now = timezone.now() - timedelta(days=days_ago)
    return shop.place(person or shop.buyer(), (shop.product(price=price), 1), now=now).invoice


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(LIST, 10), (f"{LIST}received/", 9), (f"{LIST}credit-notes/", 9)])
def test_lists_cost_the_same_however_long(
    address: str, queries: int, rows: int, finance: Client, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        invoice()
        receipts.receive(amount=Decimal(10), currency="EUR", key=str(number), at=timezone.now(), reference="who?")
        take_back(invoice())
    finance.get(address)
    with django_assert_num_queries(queries):
        page = finance.get(address)
    assert len(page.context["object_list"]) == rows


def take_back(made: Invoice) -> None:
    line = made.order.lines.get()
    take_backs.take_back(
        order_id=made.order_id, quantities={line.pk: 1}, key=made.number, at=timezone.now(), reason="=Broken"
    )


def test_the_list_narrows_by_age_state_and_text(finance: Client) -> None:
    fresh, month, year = invoice(), invoice(days_ago=50), invoice(days_ago=400)
    paid = invoice()
    invoices.mark_paid(invoice_id=paid.pk, at=timezone.now())

    def shown(query: str) -> set[str]:
        return {row.number for row in finance.get(LIST + query).context["object_list"]}

    assert shown("") == {fresh.number, month.number, year.number}
    assert (shown("?age=30"), shown("?age=older"), shown("?age=current")) == (
        {month.number}, {year.number}, {fresh.number},
    )  # fmt: skip
    assert shown("?state=paid") == {paid.number}
    assert shown(f"?q={year.order.purchase.company.name}&state=") == {year.number}
    assert shown("?age=nonsense") == shown("")


def money(amount: str, **values: Any) -> dict[str, Any]:
    return {"key": str(uuid4()), "amount": amount, "reference": "BANK", "day": timezone.localdate(), **values}


def test_a_payment_is_recorded_once_and_too_much_is_refused(finance: Client) -> None:
    made = invoice()
    address = f"{LIST}{made.pk}/payment/"
    refused = finance.post(address, money("1250.01"))
    assert "Only 1250.00 EUR of invoice" in refused.content.decode()
    tomorrow = finance.post(address, money("1.00", day=timezone.localdate() + timedelta(days=1)))
    assert "This day is still to come." in tomorrow.content.decode()
    assert InvoicePayment.objects.count() == 0
    sent = money("250.00")
    for _again in range(2):
        assert finance.post(address, sent)["Location"] == f"{LIST}{made.pk}/"
    made.refresh_from_db()
    assert (made.state, made.amount_due) == ("open", Decimal("1000.00"))
    assert finance.post(f"{LIST}{made.pk}/paid/", {"reference": "REST"})["Location"] == LIST
    made.refresh_from_db()
    assert (made.state, made.payment_reference) == ("paid", "REST")
    take_back(made)
    back = f"{LIST}{made.pk}/pay-back/"
    assert "More" not in finance.post(back, money("1250.00")).content.decode()
    made.refresh_from_db()
    assert made.amount_due == 0
    page = finance.get(f"{LIST}{made.pk}/").content.decode()
    assert "Paid back" in page
    assert "CN-" in page


def test_a_waiting_transfer_is_booked(finance: Client) -> None:
    made = invoice()
    finance.post(f"{LIST}received/new/", money("1250.00", currency="eur", reference="no number", company=""))
    (waiting,) = finance.get(f"{LIST}received/?waiting=on").context["object_list"]
    page = finance.post(f"{LIST}received/{waiting.pk}/", {"number": "INV-0"})
    assert "There is no invoice with this number." in page.content.decode()
    finance.post(f"{LIST}received/{waiting.pk}/", {"number": made.number.lower()})
    made.refresh_from_db()
    assert (made.state, Receipt.objects.get().currency) == ("paid", "EUR")
    assert list(finance.get(f"{LIST}received/?waiting=on").context["object_list"]) == []


def test_files_and_credit_notes_open(finance: Client) -> None:
    made = invoice()
    take_back(made)
    note = made.credit_notes.get()
    for address in (f"{LIST}{made.pk}/pdf/", f"{LIST}credit-notes/{note.pk}/pdf/"):
        assert finance.get(address).content.startswith(b"%PDF")
    assert finance.get(f"{LIST}credit-notes/{note.pk}/xml/").content.startswith(b"<?xml")
    assert finance.get(f"{LIST}{made.pk}/exe/").status_code == 404
    assert note.number in finance.get(f"{LIST}credit-notes/?q={made.number}").content.decode()


# --- the journal --------------------------------------------------------------------------------------------------


def journal(client: Client) -> list[dict[str, str]]:
    today = timezone.localdate()
    answer = client.get(f"{LIST}journal/?first={today}&last={today}")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_each_voucher_of_the_journal_balances(finance: Client) -> None:
    person = shop.buyer(shop.company(name="=Fjell"))
    norwegian = invoice(person, price="100.00")
    german = shop.buyer(shop.company(country="DE"))
    there = shop.address(german, "DE")
    abroad = shop.place(german, (shop.product(), 1), shipping_address=there, now=timezone.now()).invoice
    now = timezone.now()
    receipts.receive(amount=Decimal(200), currency="EUR", key="t", at=now, reference=norwegian.number)
    last = invoice(person)
    deposits.record(company=person.company, currency="EUR", amount=Decimal(10), key="d", at=now)
    take_back(last)
    rows = journal(finance)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["voucher"]] += Decimal(row["debit"]) - Decimal(row["credit"])
    assert set(sums.values()) == {Decimal(0)}
    of = {row["account"]: (row["debit"], row["credit"]) for row in rows if row["voucher"] == norwegian.number}
    assert of == {"1500": ("148.75", "0.00"), "3000": ("0.00", "119.00"), "2700": ("0.00", "29.75")}
    assert {row["account"] for row in rows if row["voucher"] == abroad.number} == {"1500", "3100"}
    balance: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        balance[row["account"]] += Decimal(row["debit"]) - Decimal(row["credit"])
    assert balance["1500"] == sum(made.amount_due for made in Invoice.objects.filter(issued_at__date=now.date()))
    assert balance["1920"] == Decimal(210)  # all that came in
    assert {row["company"] for row in rows if row["voucher"] == norwegian.number} == {"'=Fjell"}


def test_the_journal_takes_its_own_permission(finance: Client) -> None:
    person = shop.user("support@example.com", is_staff=True)
    person.groups.add(roles.sync()["support"])
    client = Client()
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")
    today = timezone.localdate()
    assert client.get(f"{LIST}journal/?first={today}&last={today}").status_code in (302, 403)
    page = finance.get(f"{LIST}journal/?first={today}&last={today - timedelta(days=1)}")
    assert "The period ends before it begins." in page.content.decode()
