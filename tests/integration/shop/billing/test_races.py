"""Money booked at the same moment: never more than is owed, and each payment once."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from channels.journeys.models import OrderEvent
from shop.billing.errors import OverPayment
from shop.billing.models import Invoice, InvoicePayment, Receipt
from shop.billing.services import chargebacks, invoices, paying
from shop.payments.models import Dispute, Payment
from tests.factories import shop
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
D = Decimal


def invoice(person: Any) -> Invoice:
    return shop.place(person, (shop.product(price="1000.00"), 1)).invoice


def pay(made: Invoice, index: int) -> Decimal:
    return invoices.record_payment(invoice_id=made.pk, amount=D(500), key=f"k{index}", at=shop.NOW).amount


def test_parts_at_the_same_moment_never_exceed_what_is_owed() -> None:
    made = invoice(shop.buyer())
    outcomes = race(6, lambda index: pay(made, index))
    made.refresh_from_db()
    assert (len(values(outcomes)), {type(error) for error in errors(outcomes)}) == (2, {OverPayment})
    assert (made.amount_due, InvoicePayment.objects.count()) == (D(250), 2)


@pytest.mark.postgres
def test_without_the_lock_more_is_booked_than_the_invoice_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: both read what is due before either writes."""
    made = invoice(shop.buyer())

    def unlocked(invoice_id: int) -> Invoice:
        return Invoice.objects.select_related("order").get(pk=invoice_id)

    monkeypatch.setattr(invoices, "lock", unlocked)
    with together("shop.billing.services.invoices.lock", patience=10):
        race(2, lambda index: pay(made, index))
    made.refresh_from_db()
    assert sum(InvoicePayment.objects.values_list("amount", flat=True)) == D(1000)
    assert made.paid_incl_tax == D(500)  # one of the two is lost


def succeeded() -> Payment:
    """A payment of two invoices that nobody has booked yet."""
    person = shop.buyer()
    rows = [invoice(person), invoice(person)]
    payment = paying.start(invoices=rows, company=person.company, kind="card", at=shop.NOW)
    Payment.objects.filter(pk=payment.pk).update(state=Payment.State.SUCCEEDED)
    payment.refresh_from_db()
    return payment


def test_a_payment_told_six_times_at_once_is_booked_once() -> None:
    payment = succeeded()
    outcomes = race(6, lambda _index: paying.settle(payment, shop.NOW))
    assert errors(outcomes) == []
    assert Receipt.objects.count() == 1
    assert set(Invoice.objects.values_list("state", "paid_incl_tax")) == {("paid", D("1250.00"))}
    assert InvoicePayment.objects.count() == 2


def lost_dispute() -> Payment:
    """One that was booked, and that its payer's bank took back."""
    payment = succeeded()
    paying.settle(payment, shop.NOW)
    Dispute.objects.create(
        payment=payment, dispute_id="du_1", amount=payment.amount, state=Dispute.State.LOST, opened_at=shop.NOW,
        updated_at=shop.NOW,
    )  # fmt: skip
    return payment


def test_a_lost_dispute_told_six_times_at_once_is_booked_once() -> None:
    payment = lost_dispute()
    outcomes = race(6, lambda _index: chargebacks.book(payment, shop.NOW))
    assert errors(outcomes) == []
    assert sorted(InvoicePayment.objects.values_list("amount", flat=True)) == [D(-1250), D(-1250), D(1250), D(1250)]
    assert set(Invoice.objects.values_list("state", "paid_incl_tax", "reopened")) == {("open", D(0), 1)}
    assert OrderEvent.objects.filter(kind="unpaid").count() == 2


@pytest.mark.postgres
def test_without_the_lock_only_the_key_of_the_booking_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: both look for the booking before either writes it."""
    payment = lost_dispute()

    def unlocked(invoice_ids: Iterable[int]) -> list[Invoice]:
        return list(Invoice.objects.filter(pk__in=list(invoice_ids)).select_related("order").order_by("pk"))

    monkeypatch.setattr(invoices, "lock_all", unlocked)
    with together("shop.billing.services.invoices.lock_all", patience=10):
        outcomes = race(2, lambda _index: chargebacks.book(payment, shop.NOW))
    assert [type(error) for error in errors(outcomes)] == [IntegrityError]
