"""The buyers' pages of invoices: who sees and pays which, what they cost, and what they hand out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from shop.billing.models import Invoice, JointPayment
from shop.billing.services import invoices
from shop.companies.models import Location
from shop.payments.models import Payment
from tests.factories import shop

pytestmark = pytest.mark.django_db
LIST = "/accounts/invoices/"


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")
    client.get("/accounts/")
    return client


def invoice(person: Any, *, days_ago: int = 0, price: str = "1000.00", **how: Any) -> Invoice:
    order = shop.place(person, (shop.product(price=price), 1), now=timezone.now() - timedelta(days=days_ago), **how)
    return order.invoice


def payer(company: Any) -> Any:
    return shop.buyer(company, role="accounts_payable")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows: int, django_assert_num_queries: Any) -> None:
    company = shop.company()
    buyer = shop.buyer(company)
    for _number in range(rows):
        invoice(buyer)
    client = signed_in(payer(company))
    client.get(LIST)
    with django_assert_num_queries(6):
        page = client.get(LIST)
    assert len(page.context["page_obj"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_statement_costs_the_same_however_long(rows: int, django_assert_num_queries: Any) -> None:
    company = shop.company()
    buyer = shop.buyer(company)
    for _number in range(rows):
        invoices.mark_paid(invoice_id=invoice(buyer).pk, at=timezone.now())
    client = signed_in(payer(company))
    client.get("/accounts/invoices/statement/")
    with django_assert_num_queries(9):
        page = client.get("/accounts/invoices/statement/")
    assert len(page.context["statement"].movements) == 2 * rows
    assert page.context["statement"].closing == 0


def test_a_list_says_how_old_debts_are_and_narrows() -> None:
    company = shop.company()
    buyer = shop.buyer(company)
    fresh, late, paid = invoice(buyer), invoice(buyer, days_ago=75, purchase_order_number="PO-9"), invoice(buyer)
    invoices.mark_paid(invoice_id=paid.pk, at=timezone.now())
    client = signed_in(payer(company))
    (aged,) = client.get(LIST).context["ages"]
    assert [amount for _label, amount in aged.columns] == [Decimal(1250), 0, Decimal(1250), 0, 0]
    assert (aged.total, aged.overdue) == (Decimal(2500), Decimal(1250))

    def shown(query: str) -> set[str]:
        return {row.number for row in client.get(LIST + query).context["page_obj"]}

    assert shown("?state=overdue") == shown("?q=po-9") == {late.number}
    assert shown("?state=paid") == shown(f"?q={paid.order.number}") == {paid.number}
    assert shown("?state=nonsense&page=99") == {fresh.number, late.number, paid.number}
    assert "No invoice matches" in client.get(LIST + "?q=nothing").content.decode()


def test_who_sees_and_who_pays() -> None:
    company = shop.company()
    buyer, colleague, viewer = shop.buyer(company), shop.buyer(company), shop.buyer(company, role="viewer")
    mine, other = invoice(buyer), invoice(colleague)
    pages = {"buyer": signed_in(buyer), "payer": signed_in(payer(company)), "stranger": signed_in(shop.buyer())}
    seen = {name: [row.number for row in client.get(LIST).context["page_obj"]] for name, client in pages.items()}
    assert seen == {"buyer": [mine.number], "payer": [other.number, mine.number], "stranger": []}
    assert pages["buyer"].get(LIST).context["payable"] == set()
    assert pages["payer"].get(LIST).context["payable"] == {mine.pk, other.pk}
    assert signed_in(viewer).get(LIST).status_code == 403
    assert pages["buyer"].get("/accounts/invoices/pay/").status_code == 403
    for address in (f"{LIST}{other.number}/", f"{LIST}{other.number}/pdf/", f"{LIST}{other.number}/xml/"):
        assert [pages[name].get(address).status_code for name in pages] == [404, 200, 404]
    assert "Invoices" not in signed_in(viewer).get("/accounts/").content.decode()


def test_somebody_of_a_location_sees_its_invoices() -> None:
    company = shop.company()
    place = Location.objects.create(company=company, name="Works")
    there, elsewhere = shop.buyer(company), shop.buyer(company)
    approver = shop.buyer(company, role="approver")
    for person in (there, approver):
        person.memberships.update(location=place)
    mine = invoice(there)
    invoice(elsewhere)
    assert [row.number for row in signed_in(approver).get(LIST).context["page_obj"]] == [mine.number]


def test_files_are_handed_out_with_their_names() -> None:
    company = shop.company()
    made = invoice(shop.buyer(company))
    client = signed_in(payer(company))
    pdf, xml = (client.get(f"{LIST}{made.number}/{kind}/") for kind in ("pdf", "xml"))
    assert pdf.content.startswith(b"%PDF-1.7")
    assert pdf["Content-Disposition"] == f'attachment; filename="{made.number}.pdf"'
    assert xml.content.startswith(b"<?xml")
    assert client.get(f"{LIST}{made.number}/exe/").status_code == 404


# --- paying -------------------------------------------------------------------------------------------------------


def test_a_blocked_company_may_still_see_and_pay() -> None:
    company = shop.company()
    made = invoice(shop.buyer(company))
    company.status = "blocked"
    company.save()
    client = signed_in(payer(company))
    assert client.get(LIST).context["payable"] == {made.pk}
    page = client.get(f"/accounts/invoices/pay/?invoice={made.number}")
    assert (page.status_code, page.context["total"]) == (200, Decimal("1250.00"))


@pytest.mark.django_db(transaction=True)
def test_several_are_chosen_and_paid_by_card_on_the_demo_page() -> None:
    company = shop.company()
    buyer = shop.buyer(company)
    rows = [invoice(buyer), invoice(buyer)]
    client, key = signed_in(payer(company)), uuid4()
    asked = {"invoice": [row.number for row in rows], "way": "new:card", "key": str(key)}
    for _again in range(2):  # a double click opens one payment
        answer = client.post("/accounts/invoices/pay/", asked)
        assert answer["Location"] == f"/accounts/invoices/payments/{key}/"
    payment = Payment.objects.get()
    assert (payment.amount, payment.company) == (Decimal("2500.00"), company)
    form = client.get(f"/accounts/invoices/payments/{key}/")
    assert form["Location"].startswith(f"/fake-stripe/pay/{payment.client_secret}/")
    paid = client.post(form["Location"], {"number": "4242424242424242", "card": "4242424242424242"})
    assert paid.status_code in (200, 302)
    client.post(f"/accounts/invoices/payments/{key}/")
    assert "The payment is booked" in client.get(f"/accounts/invoices/payments/{key}/?looked=1").content.decode()
    assert set(Invoice.objects.values_list("state", "paid_incl_tax")) == {("paid", Decimal("1250.00"))}


def test_what_is_another_companys_cannot_be_chosen() -> None:
    company = shop.company()
    mine, foreign = invoice(shop.buyer(company)), invoice(shop.buyer())
    client = signed_in(payer(company))
    page = client.get(f"/accounts/invoices/pay/?invoice={mine.number}&invoice={foreign.number}")
    assert [row.number for row in page.context["rows"]] == [mine.number]
    sent = {"invoice": [foreign.number], "way": "new:card", "key": str(uuid4())}
    assert client.post("/accounts/invoices/pay/", sent).status_code == 302
    assert JointPayment.objects.count() == 0


@pytest.mark.parametrize("way", ["", "new:invoice", "999", "new:gold"])
def test_a_way_that_is_not_offered_pays_nothing(way: str) -> None:
    company = shop.company()
    made = invoice(shop.buyer(company))
    client = signed_in(payer(company))
    sent = {"invoice": [made.number], "way": way, "key": str(uuid4())}
    answer = client.post("/accounts/invoices/pay/", sent)
    assert answer["Location"].startswith("/accounts/invoices/pay/?invoice=")
    assert (Payment.objects.count(), JointPayment.objects.count()) == (0, 0)


# --- statements ---------------------------------------------------------------------------------------------------


def test_a_statement_as_pdf_and_csv() -> None:
    company = shop.company(name="=Fjell & Foods")
    buyer = shop.buyer(company)
    made = invoice(buyer, purchase_order_number="PO-1")
    invoices.record_payment(
        invoice_id=made.pk, amount=Decimal(250), key="k", at=timezone.now(), reference="=HYPERLINK(1)"
    )
    client = signed_in(payer(company))
    pdf = client.get("/accounts/invoices/statement/?as=pdf")
    assert pdf.content.startswith(b"%PDF")
    lines = client.get("/accounts/invoices/statement/?as=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Date,Movement,Number,Reference,Amount,Balance,Currency"
    assert [line.split(",", 1)[1] for line in lines[1:]] == [
        "Opening balance,,,,0.00,EUR",
        f"Invoice,{made.number},PO-1,1250.00,1250.00,EUR",
        f"Payment,{made.number},'=HYPERLINK(1),-250.00,1000.00,EUR",
        "Closing balance,,,,1000.00,EUR",
    ]


def test_a_wrong_period_says_so() -> None:
    company = shop.company()
    invoice(shop.buyer(company))
    client = signed_in(payer(company))
    page = client.get("/accounts/invoices/statement/?first=2026-03-01&last=2026-02-01").content.decode()
    assert "The period ends before it begins." in page
    assert "No invoices yet" in signed_in(payer(shop.company())).get("/accounts/invoices/statement/").content.decode()


def test_the_form_of_the_provider_opens_its_page_alone(settings: Any) -> None:
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_of_a_test"
    company = shop.company()
    made = invoice(shop.buyer(company))
    client, key = signed_in(payer(company)), uuid4()
    client.post("/accounts/invoices/pay/", {"invoice": [made.number], "way": "new:card", "key": str(key)})
    page = client.get(f"/accounts/invoices/payments/{key}/")
    assert "https://js.stripe.com" in page["Content-Security-Policy"]
    assert 'data-key="pk_test_of_a_test"' in page.content.decode()
    assert "js.stripe.com" not in client.get(LIST)["Content-Security-Policy"]
