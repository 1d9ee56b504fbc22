"""Refunds and cancellations: money, stock and commission follow the units, once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from channels.commissions.models import Accrual
from channels.contracts import Channel
from channels.journeys.models import OrderEvent
from shop.billing.models import Invoice
from shop.billing.services import invoices
from shop.returns.models import Repayment, TakeBack
from shop.returns.services import take_backs
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import shop as make

pytestmark = pytest.mark.django_db(transaction=True)
PAID_AT = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def reseller():
    channel_factory.policy()
    commission_factory.programme()
    return channel_factory.partner("fjordtek", territories=["NO"])


def ordered(reseller, price="33.33", quantity=3):
    person = make.buyer()
    product = make.product(price=price, stock=10)
    order = make.place(person, (product, quantity), channel=Channel.RESELLER, chosen_partner=reseller.code)
    return order, product.stockrecords.get()


def take(order, quantity, key, **values):
    line = order.lines.get()
    return take_backs.take_back(
        order_id=order.pk,
        quantities={line.pk: quantity},
        key=key,
        at=PAID_AT + timedelta(days=1),
        reason="Wrong range",
        **values,
    )


def earned(reseller):
    return Accrual.objects.filter(partner=reseller).aggregate(n=Sum("amount_minor", default=0))["n"]


def test_refund_in_parts_gives_back_all_that_was_paid_and_the_commission_exactly(reseller):
    order, stock = ordered(reseller)
    invoices.mark_paid(invoice_id=order.invoice.pk, at=PAID_AT)
    assert earned(reseller) == 1500  # 15 % of 99.99, half up
    parts = [take(order, 1, f"part-{number}").lines.get().net for number in range(3)]
    assert parts == [Decimal("33.33"), Decimal("33.33"), Decimal("33.33")]
    assert earned(reseller) == 0
    order.refresh_from_db()
    stock.refresh_from_db()
    assert order.status == "Refunded"
    assert stock.num_allocated == 0
    invoice = Invoice.objects.get(order=order)
    assert (invoice.credited_incl_tax, invoice.paid_incl_tax) == (Decimal("148.74"), Decimal("148.74"))
    assert [row.amount for row in Repayment.objects.all()] == [Decimal("49.58"), Decimal("49.58"), Decimal("49.58")]
    assert [note.lines.count() for note in invoice.credit_notes.all()] == [2, 2, 2]  # the goods, and their delivery


def test_one_of_three_units_leaves_the_other_two_earning(reseller):
    order, _stock = ordered(reseller, price="100.00")
    invoices.mark_paid(invoice_id=order.invoice.pk, at=PAID_AT)
    record = take(order, 1, "one")
    order.refresh_from_db()
    assert record.kind == TakeBack.Kind.REFUND
    assert order.status == "Received"
    assert earned(reseller) == 3000
    assert take_backs.remaining(order) == {order.lines.get().pk: 2}


def test_the_same_key_twice_takes_back_once(reseller):
    order, stock = ordered(reseller)
    first, second = take(order, 1, "twice"), take(order, 1, "twice")
    stock.refresh_from_db()
    assert first.pk == second.pk
    assert stock.num_allocated == 2
    assert OrderEvent.objects.filter(order__number=order.number).count() == 1


def test_an_unpaid_order_is_cancelled_and_can_no_longer_be_paid(reseller):
    order, stock = ordered(reseller)
    assert take(order, 3, "all").kind == TakeBack.Kind.CANCELLATION
    stock.refresh_from_db()
    assert stock.num_allocated == 0
    with pytest.raises(invoices.InvoiceCancelledError):
        invoices.mark_paid(invoice_id=order.invoice.pk, at=PAID_AT)
    assert earned(reseller) == 0
    assert Accrual.objects.count() == 0


@pytest.mark.parametrize("quantity", [0, 4, -1])
def test_a_wrong_quantity_changes_nothing(reseller, quantity):
    order, stock = ordered(reseller)
    with pytest.raises(take_backs.TakeBackError):
        take(order, quantity, "wrong")
    stock.refresh_from_db()
    assert stock.num_allocated == 3
    assert TakeBack.objects.count() == 0


def test_shipped_units_return_to_stock_only_when_fit_for_sale(reseller):
    order, stock = ordered(reseller)
    order.lines.get().consume_allocation(3)
    take(order, 1, "broken")
    stock.refresh_from_db()
    assert stock.num_in_stock == 7
    take(order, 1, "unopened", restock=True)
    stock.refresh_from_db()
    assert (stock.num_in_stock, stock.num_allocated) == (8, 0)


def test_paying_twice_accrues_once(reseller):
    order, _stock = ordered(reseller)
    assert invoices.mark_paid(invoice_id=order.invoice.pk, at=PAID_AT) is True
    assert invoices.mark_paid(invoice_id=order.invoice.pk, at=PAID_AT) is False
    assert earned(reseller) == 1500
    assert Accrual.objects.filter(partner=reseller).count() == 1
