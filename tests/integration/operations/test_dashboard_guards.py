"""The staff dashboard where Oscar lets too much through: changing by those who may read, GET that grants, raw formulas."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from oscar.apps.partner.models import Partner as Supplier

from shop.forks.dashboard.reports.reports import ReportCSVFormatter
from shop.forks.order.models import OrderNote
from shop.operations.csv_cells import inert
from shop.returns.models import TakeBack
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import shop as make

pytestmark = pytest.mark.django_db
PAID_AT = datetime(2026, 3, 10, tzinfo=UTC)


def staff(*codenames):
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def order():
    return make.place(make.buyer(), (make.product(price="50.00"), 2))


def detail(order):
    return reverse("dashboard:order-detail", kwargs={"number": order.number})


def test_who_may_only_read_orders_changes_none(client, order):
    client.force_login(staff("view_order"))
    assert client.get(detail(order)).status_code == 200
    change = {"order_action": "change_order_status", "new_status": "Shipped"}
    assert client.post(detail(order), change).status_code == 403
    note = {"order_action": "save_note", "message": "mine"}
    assert client.post(detail(order), note).status_code == 403
    bulk = {"action": "change_order_statuses", "selected_order": order.pk, "new_status": "Shipped"}
    assert client.post(reverse("dashboard:order-list"), bulk).status_code == 403
    assert client.post(reverse("dashboard:order-mark-paid", kwargs={"number": order.number})).status_code == 403
    assert client.post(reverse("dashboard:order-take-back", kwargs={"number": order.number})).status_code == 403
    order.refresh_from_db()
    assert order.status == "Received"
    assert OrderNote.objects.count() == 0
    assert order.invoice.state == "open"


def test_nobody_picks_a_status_that_only_a_take_back_may_set(client, order):
    client.force_login(staff("view_order", "change_order"))
    client.post(detail(order), {"order_action": "change_order_status", "new_status": "Cancelled"})
    bulk = {"action": "change_order_statuses", "selected_order": order.pk, "new_status": "Cancelled"}
    client.post(reverse("dashboard:order-list"), bulk)
    order.refresh_from_db()
    assert order.status == "Received"
    client.post(detail(order), {"order_action": "change_order_status", "new_status": "Shipped"})
    order.refresh_from_db()
    assert order.status == "Shipped"


def test_a_suppliers_user_sees_no_order(client, order):
    user = make.user()
    user.user_permissions.add(Permission.objects.get(codename="dashboard_access"))
    Supplier.objects.get().users.add(user)
    client.force_login(user)
    response = client.get(detail(order))
    assert response.status_code in {302, 403}
    assert order.user.email not in response.content.decode()
    assert client.get(reverse("dashboard:order-list")).status_code in {302, 403}


def test_a_link_does_not_make_a_user_a_suppliers(client):
    client.force_login(staff("view_partner", "view_user", "change_user"))
    supplier, user = Supplier.objects.create(code="s", name="S"), make.user()
    url = reverse("dashboard:partner-user-link", kwargs={"partner_pk": supplier.pk, "user_pk": user.pk})
    assert client.get(url).status_code == 405
    assert supplier.users.count() == 0
    assert client.post(url).status_code == 302
    assert supplier.users.get() == user


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_stays_text(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("value", [-12.5, 0, "Fjord = fine", "", None])
def test_what_is_no_formula_stays_as_it_is(value):
    assert inert(value) == value


def test_reports_and_order_exports_hold_no_formula(client, order):
    out = StringIO()
    ReportCSVFormatter().get_csv_writer(out).writerow(["=cmd()", 3])
    assert list(csv.reader(StringIO(out.getvalue()))) == [["'=cmd()", "3"]]
    order.shipping_address.first_name = "=cmd()"
    order.shipping_address.save()
    client.force_login(staff("view_order"))
    export = client.get(reverse("dashboard:order-list"), {"response_format": "csv"}).content.decode()
    names = [row[-2] for row in csv.reader(StringIO(export))][1:]
    assert names == ["'=cmd() Berg"]


@pytest.mark.django_db(transaction=True)
def test_finance_marks_paid_and_takes_back_from_the_order_page(client):
    channel_factory.policy()
    commission_factory.programme()
    order = make.place(make.buyer(), (make.product(price="50.00"), 2))
    client.force_login(staff("view_order", "mark_invoice_paid", "take_back_order"))
    client.post(reverse("dashboard:order-mark-paid", kwargs={"number": order.number}), {"reference": "BANK-7"})
    order.invoice.refresh_from_db()
    assert (order.invoice.state, order.invoice.payment_reference) == ("paid", "BANK-7")
    url = reverse("dashboard:order-take-back", kwargs={"number": order.number})
    line = order.lines.get()
    assert f'name="line_{line.pk}"' in client.get(url).content.decode()
    too_many = client.post(url, {f"line_{line.pk}": 3, "key": "k1", "reason": "Wrong"})
    assert too_many.status_code == 200
    assert TakeBack.objects.count() == 0
    for _click in range(2):
        client.post(url, {f"line_{line.pk}": 1, "key": "k1", "reason": "Wrong"})
    assert TakeBack.objects.get().lines.get().quantity == 1
