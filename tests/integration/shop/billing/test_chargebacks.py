"""A lost dispute opens what the payment had paid: to the cent, once, and channels takes the commission back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from channels.journeys.models import OrderEvent
from shop.billing import bookkeeping, statements
from shop.billing.models import Invoice, InvoicePayment
from shop.billing.services import chargebacks, invoices, paying, receipts
from shop.credit.models import CreditAccount, CreditEntry
from shop.payments.models import Dispute, Payment
from shop.payments.services import history
from shop.treasury.reconciling.reconcile import differences
from tests.factories import shop
from tests.factories import treasury as make

pytestmark = pytest.mark.django_db
D = Decimal
LATER = shop.NOW + timedelta(days=40)


def lost(payment: Payment, amount: str | Decimal, *, name: str = "du_1", state: str = "lost") -> Dispute:
    return Dispute.objects.create(
        payment=payment, dispute_id=name, amount=D(amount), state=state, opened_at=LATER, updated_at=LATER
    )


def told(payment: Payment) -> None:
    """What the listener hears after the webhook, and from the reconciler once more."""
    for _ in range(2):
        chargebacks.book(Payment.objects.get(pk=payment.pk), LATER)


def paid_by_card(*lines: Any) -> tuple[Payment, Invoice]:
    attempt = make.paid_by_card(shop.buyer(), *(lines or ((shop.product(price="1000.00", stock=9), 1),)))
    return attempt.payment, attempt.order.invoice


def stands(invoice: Invoice) -> tuple[str, Decimal]:
    found = Invoice.objects.get(pk=invoice.pk)
    return found.state, found.amount_due


def events(invoice: Invoice) -> list[tuple[str, str]]:
    rows = OrderEvent.objects.filter(order__number=invoice.order.number).order_by("pk")
    return [(kind, key.removeprefix(f"{kind}:{invoice.number}")) for kind, key in rows.values_list("kind", "key")]


def test_the_whole_payment_opens_the_invoice_and_channels_hears_of_it_once() -> None:
    payment, invoice = paid_by_card()
    assert (stands(invoice), events(invoice)) == (("paid", D("0.00")), [("paid", "")])
    lost(payment, payment.amount)

    told(payment)

    assert stands(invoice) == ("open", payment.amount)
    assert list(invoice.payments.values_list("amount", flat=True)) == [payment.amount, -payment.amount]
    assert events(invoice) == [("paid", ""), ("unpaid", "")]
    assert Invoice.objects.get().paid_at is None


@pytest.mark.parametrize("state", ["inquiry", "needs_response", "under_review", "won", "closed"])
def test_a_dispute_that_is_not_lost_changes_nothing(state: str) -> None:
    payment, invoice = paid_by_card()
    lost(payment, payment.amount, state=state)
    told(payment)
    assert (stands(invoice), invoice.payments.count(), events(invoice)) == (("paid", D("0.00")), 1, [("paid", "")])


def test_paid_once_more_it_is_told_once_more() -> None:
    payment, invoice = paid_by_card()
    lost(payment, "250.00")
    told(payment)
    assert stands(invoice) == ("open", D("250.00"))

    assert invoices.mark_paid(invoice_id=invoice.pk, at=LATER, reference="BANK-1") is True
    told(payment)

    assert stands(invoice) == ("paid", D("0.00"))
    assert events(invoice) == [("paid", ""), ("unpaid", ""), ("paid", ":2")]
    again = lost(payment, payment.amount - 250, name="du_2")
    told(payment)
    assert stands(invoice) == ("open", again.amount)
    assert events(invoice)[3:] == [("unpaid", ":2")]


def test_what_a_refund_gave_back_already_is_not_taken_twice() -> None:
    payment, invoice = paid_by_card((shop.product(price="100.00", stock=9), 4))
    part = make.credited(invoice, key="one")
    make.refunded(payment, str(part), key="one")
    invoices.pay_back(invoice_id=invoice.pk, amount=part, key="back", at=LATER, payment=payment)
    lost(payment, payment.amount)
    told(payment)
    assert InvoicePayment.objects.get(key__startswith="charged-back:").amount == part - payment.amount
    assert stands(invoice) == ("open", payment.amount - part)


def test_an_invoice_that_was_credited_whole_stays_as_it_is() -> None:
    payment, invoice = paid_by_card()
    make.credited(invoice, key="all")
    lost(payment, payment.amount)
    told(payment)
    assert stands(invoice)[0] == "paid"
    assert ("unpaid", "") not in events(invoice)


def test_several_invoices_and_the_deposit_that_was_left() -> None:
    buyer = shop.buyer()
    first, second = (shop.place(buyer, (shop.product(price="100.00"), 1)).invoice for _ in range(2))
    payment = paying.start(invoices=[first, second], company=buyer.company, kind="card", at=shop.NOW)
    invoices.record_payment(invoice_id=second.pk, amount=D("25.00"), key="meanwhile", at=shop.NOW)
    paying.settle(make.succeeded(payment), shop.NOW)
    account = CreditAccount.objects.get()
    assert (account.balance, account.advance) == (D("-25.00"), D("25.00"))

    lost(payment, payment.amount)
    told(payment)

    assert [stands(first), stands(second)] == [("open", D("148.75")), ("open", D("123.75"))]
    account.refresh_from_db()
    assert (account.balance, account.advance) == (D("272.50"), D("0.00"))
    assert CreditEntry.objects.filter(key__endswith=receipts.TAKEN_BACK).count() == 1
    assert differences(make.PERIOD) == []
    entries = list(bookkeeping.journal(begins=shop.NOW - timedelta(days=1), ends=LATER + timedelta(days=1)))
    cleared = [entry.debit - entry.credit for entry in entries if entry.account == bookkeeping.account("clearing")]
    assert sum(cleared) == 0


def test_the_statement_of_account_says_who_took_it() -> None:
    payment, _invoice = paid_by_card()
    lost(payment, payment.amount)
    told(payment)
    found = statements.of(
        Invoice.objects.all(), currency="EUR", first=shop.NOW.date(), last=(LATER + timedelta(days=1)).date()
    )
    assert [(str(row.kind.label), row.amount) for row in found.movements[-1:]] == [
        ("Taken back by your bank", payment.amount)
    ]
    assert found.closing == payment.amount


def test_every_payment_is_listened_to() -> None:
    assert history._listeners[""] is chargebacks.book


def test_books_that_missed_a_lost_dispute_are_named() -> None:
    payment, _invoice = paid_by_card()
    lost(payment, payment.amount)
    make.RatingRun.objects.update(state="done")
    assert [row.subject for row in differences(make.PERIOD)] == [payment.reference]
    told(payment)
    assert differences(make.PERIOD) == []
