"""Money on invoices: in parts, too much, by transfer and several at once, each booked once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from channels.journeys.models import OrderEvent
from shop.billing.errors import BillingError, InvoiceCancelledError, NothingOwed, OverPayment
from shop.billing.models import CreditNote, Invoice, InvoiceLine, InvoicePayment, JointPayment, Receipt
from shop.billing.services import invoices, paying, receipts
from shop.credit.models import CreditAccount
from shop.payments.errors import CannotPay
from shop.payments.models import Payment
from shop.returns.services import take_backs
from tests.factories import shop

pytestmark = pytest.mark.django_db
D = Decimal
LATER = shop.NOW + timedelta(days=3)


def invoice(person: Any = None, *, price: str = "1000.00", days: int = 0) -> Invoice:
    """Return the invoice of one unit: 1,250.00 with tax, delivered free."""
    person = person or shop.buyer()
    order = shop.place(person, (shop.product(price=price), 1), now=shop.NOW + timedelta(days=days))
    return order.invoice


def pay(made: Invoice, amount: str, key: str = "k1", **values: Any) -> InvoicePayment:
    return invoices.record_payment(invoice_id=made.pk, amount=D(amount), key=key, at=LATER, **values)


def events(made: Invoice) -> list[str]:
    return list(OrderEvent.objects.filter(order__number=made.order.number).values_list("kind", flat=True))


def fresh(made: Invoice) -> tuple[str, Decimal]:
    made.refresh_from_db()
    return made.state, made.amount_due


def test_parts_add_up_and_the_last_one_tells_channels() -> None:
    made = invoice()
    pay(made, "500.00")
    assert (fresh(made), events(made)) == (("open", D("750.00")), [])
    assert pay(made, "500.00").amount == D("500.00")  # the same key again
    assert (fresh(made), events(made)) == (("open", D("750.00")), [])
    pay(made, "750.00", "k2", reference="BANK-2")
    assert (fresh(made), events(made)) == (("paid", D("0.00")), ["paid"])
    assert (made.payment_reference, made.paid_at) == ("BANK-2", LATER)


@pytest.mark.parametrize("amount", ["1250.01", "0.00", "-1.00"])
def test_too_much_is_refused_with_what_to_do(amount: str) -> None:
    made = invoice()
    with pytest.raises(OverPayment, match=r"Only 1250\.00 EUR of invoice .* is left to pay"):
        pay(made, amount)
    assert (fresh(made), InvoicePayment.objects.count()) == (("open", D("1250.00")), 0)


def test_the_rest_is_marked_as_paid() -> None:
    made = invoice()
    pay(made, "1000.00")
    assert invoices.mark_paid(invoice_id=made.pk, at=LATER, reference="REST") is True
    assert invoices.mark_paid(invoice_id=made.pk, at=LATER) is False
    assert (fresh(made), events(made)) == (("paid", D("0.00")), ["paid"])
    assert list(made.payments.values_list("amount", flat=True)) == [D("1000.00"), D("250.00")]


def take_back(made: Invoice, quantity: int = 1) -> None:
    line = made.order.lines.get()
    take_backs.take_back(
        order_id=made.order_id, quantities={line.pk: quantity}, key=f"take-{quantity}", at=LATER, reason="Broken"
    )


def test_a_cancelled_order_is_credited_whole_with_its_delivery() -> None:
    made = invoice(price="100.00")
    assert made.total_incl_tax == D("148.75")  # 100 and 19 of delivery, with a quarter on top
    take_back(made)
    note = CreditNote.objects.get()
    assert (note.number, note.total_incl_tax, fresh(made)) == ("CN-2026-000001", D("148.75"), ("cancelled", D("0.00")))
    assert list(note.lines.values_list("kind", "gross")) == [("product", D("125.00")), ("shipping", D("23.75"))]
    with pytest.raises(InvoiceCancelledError):
        pay(made, "1.00")


def test_what_was_paid_too_much_after_a_credit_note_is_paid_back_once() -> None:
    made = invoice()
    invoices.mark_paid(invoice_id=made.pk, at=LATER)
    take_back(made)
    assert fresh(made) == ("paid", D("-1250.00"))
    with pytest.raises(NothingOwed, match=r"1250\.00 EUR of invoice .* can be paid back, and no more"):
        invoices.pay_back(invoice_id=made.pk, amount=D("1250.01"), key="back", at=LATER)
    for _again in range(2):
        invoices.pay_back(invoice_id=made.pk, amount=D("1250.00"), key="back", at=LATER)
    assert (fresh(made), events(made)) == (("paid", D("0.00")), ["paid", "refunded"])


def test_a_credit_note_may_leave_nothing_to_pay_of_a_part_paid_invoice() -> None:
    person = shop.buyer()
    made = shop.place(person, (shop.product(price="500.00"), 2)).invoice
    pay(made, "625.00")
    take_back(made)
    assert (fresh(made), events(made)) == (("paid", D("0.00")), ["paid", "cancelled"])


# --- transfers ----------------------------------------------------------------------------------------------------


def receive(reference: str, amount: str, key: str = "t1", **values: Any) -> Receipt:
    return receipts.receive(amount=D(amount), currency="EUR", key=key, at=LATER, reference=reference, **values)


def advance(person: Any) -> Decimal:
    account = CreditAccount.objects.filter(company=person.company).first()
    return account.advance if account else D(0)


@pytest.mark.parametrize("written", ["INV-2026-000001", "payment inv 2026 1, thank you", "Inv.2026/0001"])
def test_a_transfer_finds_its_invoice_by_what_the_payer_wrote(written: str) -> None:
    made = invoice()
    for _again in range(2):
        receive(written, "1250.00")
    assert (fresh(made), InvoicePayment.objects.get().reference) == (("paid", D("0.00")), written)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("INV-2026-000001", True), ("INV 2026 2", False), ("order 2026 000001", False), ("2026-000001", False),
        ("INV-N-100042", False), ("", False), ("INV-2026-" + "9" * 80, False), ("INV-INV-2026-1", True),
    ],
)  # fmt: skip
def test_what_names_no_open_invoice_pays_none(text: str, found: bool) -> None:
    made = invoice()
    assert receipts.named_in(text, company=None, currency="EUR") == ([made.pk] if found else [])
    assert receipts.named_in(text, company=None, currency="NOK") == []
    assert receipts.named_in(text, company=shop.company(), currency="EUR") == []


def test_a_transfer_pays_the_oldest_first_and_the_rest_is_a_deposit() -> None:
    person = shop.buyer()
    later, earlier = invoice(person, days=5), invoice(person)
    receive(f"{later.number} {earlier.number}", "1500.00")
    assert (fresh(earlier), fresh(later)) == (("paid", D("0.00")), ("open", D("1000.00")))
    receive(later.number, "1200.00", "t2")
    assert (fresh(later), advance(person)) == (("paid", D("0.00")), D("200.00"))


def test_a_deposit_from_a_transfer_pays_the_companys_other_invoices() -> None:
    person = shop.buyer()
    first, second = invoice(person), invoice(person, days=1)
    receive(second.number, "1350.00")
    assert (fresh(first), fresh(second), advance(person)) == (("open", D("1150.00")), ("paid", D("0.00")), D(0))


def test_an_unknown_transfer_waits_until_somebody_books_it() -> None:
    person = shop.buyer()
    made, of_another = invoice(person), invoice()
    waiting = receive(f"{made.number} and {of_another.number}", "1250.00")  # of two companies: a person decides
    assert InvoicePayment.objects.count() == 0
    receipts.book(receipt_id=waiting.pk, invoice_id=made.pk, at=LATER)
    assert (fresh(made), fresh(of_another)) == (("paid", D("0.00")), ("open", D("1250.00")))
    with pytest.raises(BillingError, match="booked already"):
        receipts.book(receipt_id=waiting.pk, invoice_id=of_another.pk, at=LATER)


# --- several at once ----------------------------------------------------------------------------------------------


def start(person: Any, *rows: Invoice) -> Payment:
    return paying.start(invoices=rows, company=person.company, kind="card", at=LATER)


def succeed(payment: Payment) -> None:
    payment.state = Payment.State.SUCCEEDED
    payment.save()
    paying.settle(payment, LATER)


def test_several_are_paid_at_once_and_booked_once() -> None:
    person = shop.buyer()
    rows = [invoice(person), invoice(person, days=1)]
    pay(rows[0], "250.00")
    payment = start(person, *rows)
    assert (payment.amount, payment.reference) == (D("2250.00"), JointPayment.objects.get().reference)
    paying.settle(payment, LATER)
    assert Receipt.objects.count() == 0  # not paid yet
    for _again in range(3):
        succeed(payment)
    assert [fresh(row) for row in rows] == [("paid", D("0.00"))] * 2
    assert [row.payments.get(payment=payment).amount for row in rows] == [D("1000.00"), D("1250.00")]


def test_what_was_paid_meanwhile_becomes_a_deposit() -> None:
    person = shop.buyer()
    rows = [invoice(person), invoice(person, days=1)]
    payment = start(person, *rows)
    invoices.mark_paid(invoice_id=rows[0].pk, at=LATER)
    succeed(payment)
    assert [fresh(row) for row in rows] == [("paid", D("0.00"))] * 2
    assert advance(person) == D("1250.00")


def test_a_payment_is_refused_for_what_cannot_be_paid_together() -> None:
    person = shop.buyer()
    made, foreign = invoice(person), invoice()
    for rows in ((), (made, foreign)):
        with pytest.raises(CannotPay, match="Choose at least one invoice of your company"):
            start(person, *rows)
    Payment.objects.filter(pk=start(person, made).pk).update(state=Payment.State.PROCESSING)
    with pytest.raises(CannotPay, match="on its way"):
        start(person, made)
    invoices.mark_paid(invoice_id=made.pk, at=LATER)
    with pytest.raises(CannotPay, match=f"Nothing is left to pay of {made.number}"):
        start(person, made)
    assert JointPayment.objects.count() == 1


# --- papers stay as they are --------------------------------------------------------------------------------------


def test_lines_add_up_to_the_invoice_and_remember_the_day() -> None:
    person = shop.buyer()
    shop.site_offer(10)
    meter = shop.product("Flow meter", price="99.99")
    made = shop.place(person, (meter, 3)).invoice
    rows = list(made.lines.values_list("kind", "title", "quantity", "unit_price", "discount", "net", "tax", "gross"))
    assert rows == [
        ("product", "Flow meter", 3, D("99.99"), D("30.00"), D("269.97"), D("67.49"), D("337.46")),
        ("shipping", "Standard delivery", 1, D("19.00"), D("0.00"), D("19.00"), D("4.75"), D("23.75")),
    ]
    assert made.total_incl_tax == D("361.21")
    person.company.name, meter.title = "Another name", "Another title"
    person.company.save()
    meter.save()
    made.refresh_from_db()
    assert made.billed_to["name"].startswith("Fjell Foods")
    assert made.lines.first().title == "Flow meter"


@pytest.mark.parametrize("change", [{"number": "X"}, {"total_incl_tax": 1}, {"billed_to": {}}, {"sequence": 99}])
def test_an_issued_invoice_is_not_changed(change: dict[str, Any]) -> None:
    made = invoice()
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=made.pk)._raw_delete("default")
    Invoice.objects.filter(pk=made.pk).update(due_on=F("due_on"), payment_reference="may change")


def test_lines_payments_and_credit_notes_only_grow() -> None:
    made = invoice()
    invoices.mark_paid(invoice_id=made.pk, at=LATER)
    take_back(made)
    for model in (InvoiceLine, InvoicePayment, CreditNote):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(id=F("id"))
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete("default")
