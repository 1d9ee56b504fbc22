"""Money that goes back: as much as was paid and no more, after a second pair of eyes, once, and again when it failed."""

import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.billing.models import Invoice, InvoicePayment
from shop.billing.services import invoices
from shop.credit.models import CreditAccount
from shop.payments.amounts import to_stripe
from shop.payments.errors import OverRefund
from shop.payments.models import Refund
from shop.payments.services import refunds
from shop.returns.errors import FourEyes, NotNow, ReturnRefused
from shop.returns.models import Repayment, ReturnRequest, TakeBack
from shop.returns.services import repayments, take_backs
from tests.factories import returns
from tests.factories import shop as make

pytestmark = pytest.mark.django_db
AT = returns.later(6)
State = Repayment.State


def take(order, units, key, **how):
    line = order.lines.get()
    return take_backs.take_back(
        order_id=order.pk, quantities={line.pk: units}, key=key, at=returns.later(1), reason="Dented", **how
    )


def release(repayment, **how):
    return repayments.release(**{"repayment_id": repayment.pk, "at": AT, "by": None, **how})


def stripe_says(refund, state, *, failure=""):
    """Let a refund stand so, as the provider's answer would make it."""
    Refund.objects.filter(pk=refund.pk).update(state=state, failure=failure)
    repayments.follow(refund.pk, AT)


def balance(order):
    return CreditAccount.objects.get(company=order.purchase.company, currency=order.currency)


# --- asking -----------------------------------------------------------------------------------------------------------


def test_a_card_gets_its_money_back_and_nothing_is_sent_before_finance_says_so(django_capture_on_commit_callbacks):
    order = returns.delivered(payment_method="invoice")
    payment = returns.paid_by_card(order)
    with django_capture_on_commit_callbacks() as later:
        found = returns.granted(order, by=make.user())
    [row] = Repayment.objects.all()
    assert (found.state, row.way, row.state, row.payment) == ("granted", "payment", State.WAITING, payment)
    assert row.amount == found.take_back.credit_note.total_incl_tax
    assert (row.refund.state, row.refund.amount) == ("held", row.amount)
    assert refunds.send_waiting(now=AT) == 0
    assert not [call for call in later if "send_later" in repr(call)]
    order.invoice.refresh_from_db()
    assert order.invoice.amount_due == -row.amount
    payment.refresh_from_db()
    with pytest.raises(OverRefund):
        refunds.request_refund(payment_id=payment.pk, amount=payment.amount, key="twice", reason="", at=AT)


def test_an_open_invoice_pays_nothing_back():
    order = returns.delivered()
    found = returns.granted(order)
    assert (found.state, Repayment.objects.count()) == ("refunded", 0)


def test_of_an_invoice_paid_in_part_only_what_is_too_much_goes_back():
    order = returns.delivered()
    total = order.total_incl_tax
    invoices.record_payment(invoice_id=order.invoice.pk, amount=total - 10, key="most", at=returns.DELIVERED)
    record = take(order, 1, "one")
    [row] = record.repayments.all()
    assert row.amount == record.credit_note.total_incl_tax - 10


def test_a_joint_payment_gives_back_this_invoices_part_alone():
    order = returns.delivered()
    payment = returns.paid_by_card(order)
    type(payment).objects.filter(pk=payment.pk).update(amount=payment.amount + 1000)  # it paid others too
    record = take(order, 3, "all")
    [row] = record.repayments.all()
    assert row.amount == order.total_incl_tax


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.integers(10, 99_999), min_size=1, max_size=3),
    units=st.lists(st.integers(1, 4), min_size=3, max_size=3),
    percent=st.integers(0, 60),
    seed=st.integers(0, 10_000),
)
def test_any_sequence_of_partial_refunds_sums_to_what_was_paid(prices, units, percent, seed):
    if percent:
        make.site_offer(percent)
    lines = [(make.product(price=str(Decimal(cents) / 100)), units[place]) for place, cents in enumerate(prices)]
    order = returns.delivered(None, *lines, paid=True)
    every = [line.pk for line in order.lines.all() for _unit in range(line.quantity)]
    random.Random(seed).shuffle(every)
    for number, pk in enumerate(every):
        take_backs.take_back(
            order_id=order.pk, quantities={pk: 1}, key=f"{order.pk}-{number}", at=returns.later(number), reason="All"
        )
        back = sum(row.amount for row in Repayment.objects.filter(take_back__order=order))
        assert back <= order.total_incl_tax
    invoice = Invoice.objects.get(order=order)
    assert back == order.total_incl_tax == invoice.credited_incl_tax
    for kind in ("total_excl_tax", "total_incl_tax"):
        assert sum(getattr(note, kind) for note in invoice.credit_notes.all()) == getattr(order, kind)


# --- releasing ------------------------------------------------------------------------------------------------------


def test_whoever_granted_much_does_not_release_it(settings):
    settings.REPAYMENT_FOUR_EYES_ABOVE = Decimal(50)
    granter, finance = make.user(), make.user()
    order = returns.delivered(paid=True)
    returns.granted(order, by=granter)
    [row] = Repayment.objects.all()
    with pytest.raises(FourEyes, match="Above 50 EUR somebody else"):
        release(row, by=granter, way="credit")
    row.refresh_from_db()
    assert (row.state, InvoicePayment.objects.filter(amount__lt=0).count()) == (State.WAITING, 0)
    assert release(row, by=finance, way="transfer", reference="B-1").state == State.DONE
    settings.REPAYMENT_FOUR_EYES_ABOVE = Decimal(5000)
    small = take(order, 1, "small", by=granter)
    assert release(small.repayments.get(), by=granter, way="transfer", reference="B-2").state == State.DONE


def test_a_transfer_takes_its_reference_and_is_booked_once():
    order = returns.delivered(paid=True)
    found = returns.granted(order)
    [row] = Repayment.objects.all()
    with pytest.raises(ReturnRefused, match="Make the transfer first"):
        release(row)
    release(row, reference="B-77")
    with pytest.raises(NotNow):
        release(row, reference="B-77")
    order.invoice.refresh_from_db()
    found.refresh_from_db()
    assert (order.invoice.amount_due, found.state, balance(order).balance) == (0, "refunded", 0)
    assert [(paid.amount, paid.reference) for paid in order.invoice.payments.filter(amount__lt=0)] == [
        (-row.amount, "B-77")
    ]


def test_credit_becomes_a_deposit_that_pays_the_next_open_invoice():
    person = make.buyer()
    order = returns.delivered(person, paid=True)
    other = make.place(person, (make.product(price="500.00"), 1))
    found = returns.granted(order)
    [row] = Repayment.objects.all()
    release(row, way="credit")
    for _twice in range(2):
        done = repayments.carry_out(repayment_id=row.pk, at=AT)
    other.invoice.refresh_from_db()
    found.refresh_from_db()
    assert (done.state, found.state) == (State.DONE, "refunded")
    assert (other.invoice.paid_incl_tax, balance(order).advance) == (row.amount, 0)
    assert balance(order).balance == other.invoice.amount_due


def test_a_lost_task_is_carried_on():
    order = returns.delivered(paid=True)
    returns.granted(order)
    [row] = Repayment.objects.all()
    release(row, way="credit")
    assert repayments.heal(now=AT) == {"repayments carried on": 1}
    assert repayments.heal(now=AT) == {"repayments carried on": 0}
    row.refresh_from_db()
    assert (row.state, balance(order).advance) == (State.DONE, row.amount)


def test_a_cards_refund_is_followed_until_it_arrives():
    order = returns.delivered()
    returns.paid_by_card(order)
    found = returns.granted(order)
    [row] = Repayment.objects.all()
    with pytest.raises(ReturnRefused, match="goes back to the card"):
        release(row, way="transfer", reference="B-1")
    assert release(row).state == State.RELEASED
    row.refund.refresh_from_db()
    assert row.refund.state == "requested"
    for _twice in range(2):
        stripe_says(row.refund, "succeeded")
    row.refresh_from_db()
    found.refresh_from_db()
    order.invoice.refresh_from_db()
    assert (row.state, found.state, order.invoice.amount_due) == (State.DONE, "refunded", 0)
    assert InvoicePayment.objects.filter(amount__lt=0).count() == 1


def test_what_the_provider_tells_reaches_the_return(django_capture_on_commit_callbacks):
    order = returns.delivered()
    payment = returns.paid_by_card(order)
    found = returns.granted(order)
    [row] = Repayment.objects.all()
    release(row)
    with django_capture_on_commit_callbacks(execute=True):
        refunds.apply_refund(
            refund={
                "id": "re_1",
                "payment_intent": payment.intent_id,
                "amount": to_stripe(row.amount, row.currency),
                "currency": row.currency.lower(),
                "status": "succeeded",
                "metadata": {refunds.REFUND_KEY: row.refund.key},
            },
            at=AT,
        )
    found.refresh_from_db()
    assert (Repayment.objects.get().state, found.state) == (State.DONE, "refunded")


def test_a_failed_refund_is_tried_again_or_goes_another_way():
    order = returns.delivered()
    payment = returns.paid_by_card(order)
    returns.granted(order)
    [row] = Repayment.objects.all()
    release(row)
    stripe_says(row.refund, "failed", failure="The card is closed")
    row.refresh_from_db()
    assert (row.state, row.failure) == (State.FAILED, "The card is closed")
    payment.amount_refunded = 0
    payment.save()
    second = release(row)
    assert (second.state, second.tries, second.refund.key) == (State.RELEASED, 2, f"{row.key}:2")
    stripe_says(second.refund, "failed", failure="Still closed")
    assert release(row, way="transfer", reference="B-9").state == State.DONE
    assert [paid.amount for paid in InvoicePayment.objects.filter(amount__lt=0)] == [-row.amount]


def test_a_refund_that_the_bank_returns_later_opens_the_return_again():
    order = returns.delivered()
    returns.paid_by_card(order)
    found = returns.granted(order)
    [row] = Repayment.objects.all()
    release(row)
    stripe_says(row.refund, "succeeded")
    Refund.objects.filter(pk=row.refund_id).update(state="failed", failure="Returned")
    assert repayments.heal(now=AT) == {"repayments carried on": 1}
    row.refresh_from_db()
    found.refresh_from_db()
    order.invoice.refresh_from_db()
    assert (row.state, found.state, order.invoice.amount_due) == (State.FAILED, "granted", -row.amount)
    release(row, way="transfer", reference="B-3")
    found.refresh_from_db()
    order.invoice.refresh_from_db()
    assert (found.state, order.invoice.amount_due) == ("refunded", 0)


def test_a_take_back_from_the_dashboard_waits_for_finance_like_any_other():
    order = returns.delivered(paid=True)
    record = take(order, 1, "shortcut", restock=True)
    assert [row.state for row in record.repayments.all()] == [State.WAITING]
    assert (TakeBack.objects.count(), ReturnRequest.objects.count()) == (1, 0)
