"""A clean world agrees on all three sides; each relation that is corrupted is named, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from channels.audit import append_only
from channels.commissions.models import RatingRun
from channels.journeys.models import OrderEvent
from shop.billing.models import Invoice, InvoicePayment, Receipt
from shop.billing.services import invoices
from shop.credit.models import CreditAccount, CreditEntry
from shop.forks.order.models import Order
from shop.payments.models import Dispute, Payment, Refund
from shop.treasury.reconciling.differences import CAUSES, Cause
from shop.treasury.reconciling.reconcile import differences, paid_orders
from shop.treasury.reconciling.sums import sides
from tests.factories import paying, shop
from tests.factories import treasury as make
from tests.factories.treasury import PERIOD, D

pytestmark = pytest.mark.django_db
QUERIES = 10


@pytest.fixture
def world() -> SimpleNamespace:
    return make.agreeing()


def test_a_clean_world_agrees_in_a_fixed_number_of_queries(
    world: SimpleNamespace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(QUERIES):
        assert differences(PERIOD) == []
    assert differences(replace(PERIOD, currency="")) == []


def test_the_sides_add_up(world: SimpleNamespace) -> None:
    stripe, orders, books = (
        {str(line.label): (line.count, round(line.amount, 2)) for line in side.lines}
        for side in sides(PERIOD, paid_orders(PERIOD))
    )
    assert stripe == {
        "Payments that succeeded": (
            3,
            world.card.payment.amount + world.returned.payment.amount + world.payment.amount,
        ),
        "Refunds that arrived": (2, D("-200.00")),
        "Disputes lost": (0, D("0.00")),
    }
    assert orders["Credit notes"] == (2, D("-200.00"))
    assert orders["Invoices paid by card or debit"][0] == 2
    assert orders["Invoices on account"][0] == 4
    assert books["Paid back"] == (2, D("-200.00"))
    assert books["Booked from Stripe"][1] + D("50.00") == stripe["Payments that succeeded"][1]
    assert books["Commission of the orders paid"] == (5, D("0.00"))


# --- each relation corrupted in turn ----------------------------------------------------------------------------------

Rows = set[tuple[str, str]]
C = Cause


def unplaced(world: SimpleNamespace) -> Rows:
    attempt = paying.begun(world.buyer, (shop.product(price="80.00", stock=9), 1))
    paying.stripe_says(attempt, "succeeded")
    return {(C.PAID_WITHOUT_ORDER, attempt.payment.reference)}


def refund_failed(world: SimpleNamespace) -> Rows:
    attempt = paying.begun(world.buyer, (shop.product(price="80.00", stock=9), 1))
    paying.stripe_says(attempt, "succeeded")
    make.refunded(attempt.payment, "100.00", key="failed")
    Refund.objects.filter(key="failed").update(state=Refund.State.FAILED)
    Payment.objects.filter(pk=attempt.payment_id).update(amount_refunded=0)
    return {(C.PAID_WITHOUT_ORDER, attempt.payment.reference)}


def booking_of_a_joint_payment_lost(world: SimpleNamespace) -> Rows:
    InvoicePayment.objects.filter(payment=world.payment, invoice=world.joint).delete()
    return {(C.AMOUNT_DIFFERS, world.payment.reference), (C.ORDER_WITHOUT_PAYMENT, world.joint.number)}


def deposit_of_a_joint_payment_lost(world: SimpleNamespace) -> Rows:
    account = CreditEntry.objects.get(kind="deposited").account
    CreditEntry.objects.filter(kind="deposited").delete()
    return {(C.AMOUNT_DIFFERS, world.payment.reference), (C.CREDIT_ACCOUNT_DIFFERS, str(account))}


def booked_twice(world: SimpleNamespace) -> Rows:
    attempt = world.card
    InvoicePayment.objects.create(
        key="again", invoice=attempt.order.invoice, amount=D("10.00"), payment=attempt.payment, at=shop.NOW
    )
    return {(C.BOOKED_TWICE, attempt.payment.reference), (C.PAID_SUM_DIFFERS, attempt.order.invoice.number)}


def transfer_booked_twice(world: SimpleNamespace) -> Rows:
    Receipt.objects.filter(pk=world.receipt.pk).update(amount=D("19.99"))
    return {(C.BOOKED_TWICE, str(world.receipt))}


def transfer_booked_in_part(world: SimpleNamespace) -> Rows:
    Receipt.objects.filter(pk=world.receipt.pk).update(amount=D("20.01"))
    return {(C.AMOUNT_DIFFERS, str(world.receipt))}


def refunded_by_hand(world: SimpleNamespace) -> Rows:
    make.refunded(world.card.payment, "25.00", key="re_1")
    return {(C.REFUND_WITHOUT_CREDIT_NOTE, world.card.payment.reference)}


def refunded_once_more_than_credited(world: SimpleNamespace) -> Rows:
    make.refunded(world.returned.payment, "25.00", key="re_1")
    return {(C.REFUND_WITHOUT_CREDIT_NOTE, world.returned.payment.reference)}


def lost_in_a_dispute(world: SimpleNamespace) -> Rows:
    Dispute.objects.create(
        payment=world.card.payment, dispute_id="du_1", amount=D("100.00"), state="lost", opened_at=shop.NOW,
        updated_at=shop.NOW,
    )  # fmt: skip
    return {(C.REFUND_WITHOUT_CREDIT_NOTE, world.card.payment.reference)}


def credited_and_refunded_not_booked(world: SimpleNamespace) -> Rows:
    amount = make.credited(world.card.order.invoice, key="three")
    make.refunded(world.card.payment, str(amount), key="three")
    return {(C.REFUND_NOT_BOOKED, world.card.payment.reference)}


def payment_did_not_succeed(world: SimpleNamespace) -> Rows:
    payment, order = world.card.payment, world.card.order
    Payment.objects.filter(pk=payment.pk).update(state=Payment.State.FAILED)
    return {
        (C.BOOKED_WITHOUT_PAYMENT, f"{order.invoice.number}, {payment.reference}"),
        (C.ORDER_WITHOUT_PAYMENT, order.number),
    }


def paid_over_another_amount(world: SimpleNamespace) -> Rows:
    payment = world.card.payment
    Payment.objects.filter(pk=payment.pk).update(amount=payment.amount + 1)
    return {(C.AMOUNT_DIFFERS, payment.reference), (C.AMOUNT_DIFFERS, world.card.order.number)}


def paid_and_the_money_is_not_there(world: SimpleNamespace) -> Rows:
    InvoicePayment.objects.filter(key="b").delete()
    return {(C.ORDER_WITHOUT_PAYMENT, world.parts.number)}


def other_sum_of_payments(world: SimpleNamespace) -> Rows:
    Invoice.objects.filter(pk=world.opened.pk).update(paid_incl_tax=D("1.00"))
    return {(C.PAID_SUM_DIFFERS, world.opened.number), (C.CREDIT_OF_ORDER_DIFFERS, world.opened.number)}


def credit_note_lost(world: SimpleNamespace) -> Rows:
    invoice = world.returned.order.invoice
    Invoice.objects.filter(pk=invoice.pk).update(credited_incl_tax=D("100.00"))
    return {(C.CREDITED_SUM_DIFFERS, invoice.number)}


def invoice_over_another_amount(world: SimpleNamespace) -> Rows:
    Order.objects.filter(pk=world.opened.order_id).update(total_incl_tax=D("1.00"))
    return {(C.INVOICE_DIFFERS, world.opened.number)}


def not_invoiced(world: SimpleNamespace) -> Rows:
    order = shop.place(world.buyer, (shop.product(), 1))
    order.invoice.lines.all().delete()
    Invoice.objects.filter(order=order).delete()
    return {(C.ORDER_WITHOUT_INVOICE, order.number)}


def credit_account_off(world: SimpleNamespace) -> Rows:
    CreditAccount.objects.update(balance=D("0.01"))
    return {(C.CREDIT_ACCOUNT_DIFFERS, str(CreditAccount.objects.get()))}


def credit_entry_lost(world: SimpleNamespace) -> Rows:
    CreditEntry.objects.filter(key__endswith=":b", order=world.parts.order).delete()
    return {
        (C.CREDIT_ACCOUNT_DIFFERS, str(CreditAccount.objects.get())),
        (C.CREDIT_OF_ORDER_DIFFERS, world.parts.number),
    }


def channels_not_told(world: SimpleNamespace) -> Rows:
    key = f"paid:{world.parts.number}"
    RatingRun.objects.filter(event__key=key).delete()
    OrderEvent.objects.filter(key=key).delete()
    return {(C.COMMISSION_NOT_TOLD, world.parts.number)}


def rating_failed(world: SimpleNamespace) -> Rows:
    RatingRun.objects.filter(event__key=f"paid:{world.joint.number}").update(state=RatingRun.State.FAILED)
    return {(C.COMMISSION_NOT_RATED, world.joint.number)}


CORRUPTIONS: tuple[Callable[[SimpleNamespace], Rows], ...] = (
    unplaced, refund_failed, booking_of_a_joint_payment_lost, deposit_of_a_joint_payment_lost, booked_twice,
    transfer_booked_twice, transfer_booked_in_part, refunded_by_hand, refunded_once_more_than_credited,
    lost_in_a_dispute, credited_and_refunded_not_booked, payment_did_not_succeed, paid_over_another_amount,
    paid_and_the_money_is_not_there, other_sum_of_payments, credit_note_lost, invoice_over_another_amount,
    not_invoiced, credit_account_off, credit_entry_lost, channels_not_told, rating_failed,
)  # fmt: skip


@pytest.mark.parametrize("corrupt", CORRUPTIONS)
def test_what_is_wrong_is_named_and_nothing_else(corrupt: Callable[[SimpleNamespace], Rows]) -> None:
    world = make.agreeing()
    append_only.remove(connection)
    wrong = corrupt(world)
    RatingRun.objects.filter(state=RatingRun.State.PENDING).update(state=RatingRun.State.DONE)
    found = differences(PERIOD)
    assert {(row.cause, row.subject) for row in found} == wrong
    assert len(found) == len(wrong)
    assert all(row.url for row in found)
    assert differences(replace(PERIOD, currency="NOK")) == []


def test_the_rows_carry_all_three_sides() -> None:
    world = make.agreeing()
    refunded_by_hand(world)
    paid = world.card.payment.amount
    [row] = differences(PERIOD)
    assert (row.stripe, row.orders, row.books) == (paid - 25, None, paid)
    assert (row.company, row.currency, row.at) == (world.buyer.company.name, "EUR", shop.NOW)


def test_what_is_on_its_way_is_not_missed_yet() -> None:
    world = make.agreeing()
    unplaced(world)
    assert differences(replace(PERIOD, now=shop.NOW + timedelta(minutes=15))) == []
    assert len(differences(replace(PERIOD, now=shop.NOW + timedelta(minutes=16)))) == 1


def test_a_refund_on_its_way_may_be_booked_or_not() -> None:
    world = make.agreeing()
    amount = make.credited(world.card.order.invoice, key="three")
    make.refunded(world.card.payment, str(amount), key="three")
    Refund.objects.filter(key="three").update(state=Refund.State.PENDING)
    assert differences(PERIOD) == []
    invoices.pay_back(
        invoice_id=world.card.order.invoice.pk, amount=amount, key="three", at=shop.NOW, payment=world.card.payment
    )
    assert differences(PERIOD) == []


def test_each_cause_has_a_text() -> None:
    named = {getattr(Cause, name) for name in vars(Cause) if name.isupper()}
    assert named == set(CAUSES)
