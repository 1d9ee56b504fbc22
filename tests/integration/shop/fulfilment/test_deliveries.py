"""Deliveries: recorded in the dashboard, told to channels once they are whole; holds run from then."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from oscar.apps.order.models import ShippingEvent

from channels.commissions.models import Accrual
from channels.contracts import Channel
from channels.journeys.models import OrderEvent
from shop.billing.services import invoices
from shop.forks.order.processing import EventHandler
from shop.fulfilment import deliveries
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import shop as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order():
    """Three units through a reseller, placed now and paid a day later: held 14 days, or 30 after the delivery."""
    channel_factory.policy()
    commission_factory.programme()
    reseller = channel_factory.partner("fjordtek", territories=["NO"])
    product = make.product(price="33.33", stock=10)
    made = make.place(make.buyer(), (product, 3), channel=Channel.RESELLER, chosen_partner=reseller.code)
    invoices.mark_paid(invoice_id=made.invoice.pk, at=paid_at(made))
    return made


def paid_at(order):
    return order.date_placed + timedelta(days=1)


def test_the_hold_runs_from_the_delivery(order):
    assert Accrual.objects.get().hold_until == paid_at(order) + timedelta(days=30)
    day = order.date_placed + timedelta(days=20)
    assert deliveries.deliver(order_id=order.pk, at=day, now=day + timedelta(days=2))
    assert OrderEvent.objects.get(kind="delivered").at == day
    assert Accrual.objects.get().hold_until == day + timedelta(days=30)
    assert not deliveries.deliver(order_id=order.pk, at=day, now=day + timedelta(days=3))
    assert ShippingEvent.objects.count() == OrderEvent.objects.filter(kind="delivered").count() == 1


def test_parts_are_delivered_when_the_last_is(order):
    """Whoever records line by line in Oscar's own form tells channels too."""
    line = order.lines.get()
    handler = EventHandler()
    handler.handle_shipping_event(order, deliveries.event_type(), [line], [1])
    assert deliveries.delivered_at(order) is None
    assert not OrderEvent.objects.filter(kind="delivered").exists()
    handler.handle_shipping_event(order, deliveries.event_type(), [line], [2])
    event = OrderEvent.objects.get(kind="delivered")
    assert event.at == deliveries.delivered_at(order) == ShippingEvent.objects.order_by("pk").last().date_created


@pytest.mark.parametrize("days", [-1, 3])
def test_nothing_is_delivered_before_its_order_or_tomorrow(order, days):
    with pytest.raises(deliveries.NotDeliverable):
        deliveries.deliver(
            order_id=order.pk,
            at=order.date_placed + timedelta(days=days),
            now=order.date_placed + timedelta(days=2),
        )
    assert not ShippingEvent.objects.exists()


def test_the_dashboard_takes_a_day(order, client):
    user = channel_factory.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "access_admin"]))
    client.force_login(user)
    url = reverse("dashboard:order-delivered", kwargs={"number": order.number})
    today = datetime.now(UTC).date()
    assert client.post(url, {"on": today.isoformat()}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_order"))
    late = client.post(url, {"on": (today + timedelta(days=1)).isoformat()}, follow=True)
    assert "A delivery lies between the order and today." in late.content.decode()
    assert not ShippingEvent.objects.exists()
    page = client.post(url, {"on": today.isoformat()}, follow=True).content.decode()
    assert "Delivery recorded. Commissions are held until its return window ends." in page
    assert "Record delivery" not in page
    assert OrderEvent.objects.filter(kind="delivered").count() == 1
