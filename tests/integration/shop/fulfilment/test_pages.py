"""Sending goods from the dashboard and the desk; what buyers see of it; the day of delivery they ask for."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from shop.buying.errors import CannotPlace
from shop.fulfilment.engine.days import after
from shop.fulfilment.models import RequestedDelivery, Shipment
from shop.fulfilment.services import shipments
from tests.factories import shop as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)  # shop.NOW, a Monday


@pytest.fixture
def staff(client):
    user = make.user(is_staff=True)
    names = ["access_admin", "view_order", "change_order", "view_shipment", "add_shipment"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


def placed(buyer=None, quantity=3, **how):
    return make.place(buyer or make.buyer(), (make.product(stock=10), quantity), **how)


def sent(order, units, **how):
    values = {"carrier": "Fjordpost", "tracking_number": "FP-7", "tracking_url": "https://track.example.com/FP-7"}
    return shipments.ship(
        order_id=order.pk, key=uuid4(), quantities={order.lines.get().pk: units}, at=order.date_placed, **values, **how
    )


def test_staff_send_a_part_and_record_its_arrival(staff):
    order = placed()
    url = reverse("dashboard:order-ship", kwargs={"number": order.number})
    page = staff.get(url)
    form = page.context["form"]
    line = order.lines.get()
    values = {
        "key": form.initial["key"],
        "carrier": "Fjordpost",
        "tracking_url": "track.example.com",
        f"line_{line.pk}": 2,
    }
    answer = staff.post(url, values, follow=True).content.decode()
    assert f"Shipment {order.number}/1 is on its way." in answer
    shipment = Shipment.objects.get()
    assert (shipment.lines.get().quantity, shipment.tracking_url) == (2, "https://track.example.com")
    staff.post(url, values)
    assert Shipment.objects.count() == 1
    arrived = reverse("dashboard:order-shipment-delivered", kwargs={"number": order.number, "shipment": 1})
    page = staff.post(arrived, {"on": timezone.localdate().isoformat()}, follow=True).content.decode()
    assert "The rest of the order is still on its way." in page
    shipment.refresh_from_db()
    assert shipment.delivered_at is not None


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"line": 4}, "less than or equal to 3"),
        ({"line": 0}, "Choose at least one unit to send."),
        ({"carrier": ""}, "This field is required."),
        ({"tracking_url": "http://track.example.com"}, "A tracking link begins with https://."),
        ({"tracking_url": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
def test_what_cannot_be_sent_is_said(staff, values, text):
    order = placed()
    line = order.lines.get()
    asked = {"key": uuid4(), "carrier": "Fjordpost", "line": 1, **values}
    asked[f"line_{line.pk}"] = asked.pop("line")
    answer = staff.post(reverse("dashboard:order-ship", kwargs={"number": order.number}), asked)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not Shipment.objects.exists()


def test_the_page_says_why_an_order_stays(staff):
    order = placed()
    order.purchase.payment_method = "bank_debit"
    order.purchase.save()
    url = reverse("dashboard:order-ship", kwargs={"number": order.number})
    assert "This order waits for its payment." in staff.get(url).content.decode()
    detail = reverse("dashboard:order-detail", kwargs={"number": order.number})
    page = staff.post(detail, {"order_action": "change_order_status", "new_status": "Shipped"}, follow=True)
    assert "This order waits for its payment." in page.content.decode()
    order.refresh_from_db()
    assert order.status == "Received"


def test_setting_the_status_by_hand_takes_the_stock_along(staff):
    order = placed()
    detail = reverse("dashboard:order-detail", kwargs={"number": order.number})
    staff.post(detail, {"order_action": "change_order_status", "new_status": "Shipped"})
    record = order.lines.get().stockrecord
    assert (record.num_in_stock, record.num_allocated) == (7, 0)


def test_nobody_sends_without_the_right(client):
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_order", "change_order"]))
    client.force_login(user)
    order = placed()
    url = reverse("dashboard:order-ship", kwargs={"number": order.number})
    assert {client.get(url).status_code, client.post(url, {"carrier": "x"}).status_code} == {403}
    assert not Shipment.objects.exists()


def test_what_is_to_be_sent_comes_by_the_day_that_was_asked_for(staff):
    soon, none, later = placed(), placed(), placed()
    RequestedDelivery.objects.create(order=later, on=TODAY + timedelta(days=9))
    RequestedDelivery.objects.create(order=soon, on=TODAY + timedelta(days=3))
    gone = placed()
    sent(gone, 3)
    page = staff.get(reverse("delivery_to_ship"))
    assert [order.pk for order in page.context["object_list"]] == [soon.pk, later.pk, none.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_one_and_three(staff, count, django_assert_num_queries):
    for _ in range(count):
        placed()
    staff.get(reverse("delivery_to_ship"))
    with django_assert_num_queries(9):
        staff.get(reverse("delivery_to_ship"))


def test_the_buyer_sees_what_is_on_its_way(client):
    buyer = make.buyer()
    order = placed(buyer, requested_on=after(TODAY, 5).isoformat())
    client.force_login(buyer)
    url = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    page = client.get(url).content.decode()
    assert "Requested for 9 Mar 2026" in page
    assert "Nothing has left yet." in page
    shipment = sent(order, 2)
    page = client.get(url).content.decode()
    assert 'href="https://track.example.com/FP-7"' in page
    assert "Sent 2 Mar 2026 with Fjordpost" in page
    at = order.date_placed + timedelta(days=1)
    shipments.arrive(shipment_id=shipment.pk, at=at, now=at)
    assert "delivered 3 Mar 2026" in client.get(url).content.decode()


def test_another_companys_buyer_sees_nothing_of_it(client):
    order = placed()
    sent(order, 1)
    client.force_login(make.buyer())
    url = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_orders_page_costs_the_same_with_one_and_three_shipments(client, count, django_assert_num_queries):
    buyer = make.buyer()
    order = placed(buyer)
    for _ in range(count):
        sent(order, 1)
    client.force_login(buyer)
    url = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    client.get(url)
    with django_assert_num_queries(21):
        client.get(url)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (TODAY - timedelta(days=3), "This day has passed."),
        (date(2026, 3, 7), "We deliver from Monday to Friday."),
        (TODAY + timedelta(days=1), "This delivery method needs until"),
    ],
)
def test_an_order_keeps_no_day_that_cannot_be(day, text):
    with pytest.raises(CannotPlace, match=text):
        placed(requested_on=day.isoformat())
    assert not RequestedDelivery.objects.exists()


def test_the_delivery_step_asks_for_a_day(client):
    buyer = make.buyer()
    address = make.address(buyer)
    make.basket(buyer, (make.product(), 1))
    client.force_login(buyer)
    client.post(reverse("checkout:how-to-buy"), {"seller": "direct"})
    url = reverse("checkout:delivery")
    values = {"address": str(address.pk), "shipping_code": "standard"}
    today = timezone.localdate()
    refused = client.post(url, {**values, "requested_on": (today - timedelta(days=1)).isoformat()})
    assert refused.status_code == 422
    assert "This day has passed." in refused.content.decode()
    day = after(today, 2)
    assert client.post(url, {**values, "requested_on": day.isoformat()}).status_code == 302
    assert f"Requested for {day.day} " in client.get(reverse("checkout:preview")).content.decode()
    assert client.post(url, values).status_code == 302
    assert "Requested for" not in client.get(reverse("checkout:preview")).content.decode()
