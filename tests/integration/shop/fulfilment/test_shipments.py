"""Shipments: parts of an order leave once, take their stock once, and are told to those who wait."""

from datetime import timedelta
from uuid import uuid4

import pytest

from channels.contracts import Channel
from channels.journeys.models import OrderEvent
from shop.credit.models import CreditAccount
from shop.fulfilment import deliveries
from shop.fulfilment.errors import MoreThanLeft, NotDeliverable, NotShippable, Withheld
from shop.fulfilment.models import Shipment
from shop.fulfilment.services import leaving, shipments
from shop.returns.services import take_backs
from tests.factories import channels as channel_factory
from tests.factories import shop as make

pytestmark = pytest.mark.django_db


def placed(quantity=3, **how):
    product = make.product(price="33.33", stock=10)
    return make.place(make.buyer(), (product, quantity), **how)


def ship(order, units, *, key=None, days=1, **how):
    line = order.lines.order_by("pk").first()
    return shipments.ship(
        order_id=order.pk, key=key or uuid4(), quantities={line.pk: units}, carrier="Fjordpost",
        at=order.date_placed + timedelta(days=days), **how,
    )  # fmt: skip


def stock_of(order):
    record = order.lines.get().stockrecord
    record.refresh_from_db()
    return record.num_in_stock, record.num_allocated


def test_parts_leave_one_after_the_other(django_capture_on_commit_callbacks, mailoutbox):
    order = placed(3)
    assert stock_of(order) == (10, 3)
    with django_capture_on_commit_callbacks(execute=True):
        first = ship(order, 2, tracking_number="FP-1", tracking_url="https://track.example.com/FP-1")
    order.refresh_from_db()
    assert (first.number, order.status, stock_of(order)) == (1, "In progress", (8, 1))
    assert [mail.subject for mail in mailoutbox] == [f"A part of order {order.number} is on its way"]
    assert mailoutbox[0].to == [order.user.email]
    assert "2 × Sensor" in mailoutbox[0].body
    assert "https://track.example.com/FP-1" in mailoutbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        second = ship(order, 1, days=2)
    order.refresh_from_db()
    assert (second.number, order.status, stock_of(order)) == (2, "Shipped", (7, 0))
    assert mailoutbox[1].subject == f"Order {order.number} is on its way"
    with pytest.raises(MoreThanLeft, match="only 0 are left"):
        ship(order, 1, days=3)


def test_a_button_pressed_twice_ships_once(mailoutbox):
    order, key = placed(3), uuid4()
    assert ship(order, 2, key=key) == ship(order, 2, key=key)
    assert (Shipment.objects.count(), stock_of(order)) == (1, (8, 1))


@pytest.mark.parametrize("units", [0, -1, 4])
def test_what_is_not_there_does_not_leave(units):
    order = placed(3)
    with pytest.raises(NotShippable):
        ship(order, units)
    assert (Shipment.objects.count(), stock_of(order)) == (0, (10, 3))


def test_another_orders_line_does_not_leave():
    order, other = placed(3), placed(3)
    with pytest.raises(NotShippable):
        shipments.ship(order_id=order.pk, key=uuid4(), quantities={other.lines.get().pk: 1}, carrier="Fjordpost",
                       at=order.date_placed)  # fmt: skip
    assert (Shipment.objects.count(), stock_of(other)) == (0, (10, 3))


def test_what_was_taken_back_stays():
    order = placed(3)
    line = order.lines.get()
    take_backs.take_back(order_id=order.pk, quantities={line.pk: 1}, key="k", at=order.date_placed, reason="too many")
    assert list(leaving.left_to_ship(order).values()) == [2]
    with pytest.raises(MoreThanLeft):
        ship(order, 3)
    ship(order, 2)
    assert stock_of(order) == (8, 0)


def test_channels_hears_of_the_last_part_alone():
    channel_factory.policy()
    reseller = channel_factory.partner("fjordtek", territories=["NO"])
    order = placed(3, channel=Channel.RESELLER, chosen_partner=reseller.code)
    first, second = ship(order, 2), ship(order, 1, days=2)
    later = order.date_placed + timedelta(days=9)
    assert shipments.arrive(shipment_id=first.pk, at=order.date_placed + timedelta(days=3), now=later)
    assert not OrderEvent.objects.filter(kind="delivered").exists()
    assert not shipments.arrive(shipment_id=first.pk, at=order.date_placed + timedelta(days=4), now=later)
    assert shipments.arrive(shipment_id=second.pk, at=order.date_placed + timedelta(days=5), now=later)
    assert OrderEvent.objects.get(kind="delivered").at == order.date_placed + timedelta(days=5)


def test_services_need_no_shipment():
    """A licence beside the goods is delivered with the last of them."""
    licence = make.product(price="10.00", class_slug="software")
    goods = make.product(price="10.00", stock=5)
    order = make.place(make.buyer(), (licence, 1), (goods, 1))
    line = order.lines.get(product=goods)
    sent = shipments.ship(order_id=order.pk, key=uuid4(), quantities={line.pk: 1}, carrier="Fjordpost",
                          at=order.date_placed)  # fmt: skip
    at = order.date_placed + timedelta(days=1)
    shipments.arrive(shipment_id=sent.pk, at=at, now=at)
    assert deliveries.delivered_at(order) == at


@pytest.mark.parametrize("days", [0, 3])
def test_nothing_arrives_before_it_left_or_tomorrow(days):
    order = placed(1)
    sent = ship(order, 1)
    at = order.date_placed + timedelta(days=days)
    with pytest.raises(NotDeliverable):
        shipments.arrive(shipment_id=sent.pk, at=at, now=order.date_placed + timedelta(days=2))
    sent.refresh_from_db()
    assert sent.delivered_at is None


def test_an_order_that_waits_for_money_stays():
    order = placed(3)
    order.purchase.payment_method = "bank_debit"
    order.purchase.save()
    with pytest.raises(Withheld, match="waits for its payment"):
        ship(order, 1)
    with pytest.raises(Withheld):
        deliveries.deliver(order_id=order.pk, at=order.date_placed, now=order.date_placed)
    assert (Shipment.objects.count(), stock_of(order)) == (0, (10, 3))


def test_a_company_on_hold_gets_nothing():
    order = placed(3)
    CreditAccount.objects.update_or_create(
        company=order.purchase.company, currency="EUR", defaults={"hold": CreditAccount.Hold.MANUAL}
    )
    with pytest.raises(Withheld, match="credit hold"):
        ship(order, 1)
    assert stock_of(order) == (10, 3)


def test_recording_the_delivery_takes_the_rest_along():
    order = placed(3)
    ship(order, 1)
    at = order.date_placed + timedelta(days=2)
    assert deliveries.deliver(order_id=order.pk, at=at, now=at)
    assert (stock_of(order), Shipment.objects.get().delivered_at) == ((7, 0), at)
