"""What a company's rules do to an order: limits, cost centres, locations, and who has which part in it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from shop.buying.errors import CostCentreMissing, MayNotOrder, OverSpendLimit
from shop.buying.forms import PurchaseOrderForm
from shop.buying.services import letters, participants
from shop.companies.models import CostCentre, Location, Membership
from shop.companies.services import spending
from tests.factories import shop

pytestmark = pytest.mark.django_db
NOW = shop.NOW


def place_of(user: Any, **values: Any) -> Membership:
    Membership.objects.filter(user=user).update(**values)
    return Membership.objects.get(user=user)


@pytest.mark.parametrize(
    ("window", "start"),
    [
        ("day", (2026, 5, 13)), ("week", (2026, 5, 11)), ("month", (2026, 5, 1)), ("quarter", (2026, 4, 1)),
        ("year", (2026, 1, 1)),
    ],
)  # fmt: skip
def test_where_a_window_begins(window: str, start: tuple[int, int, int]) -> None:
    assert spending.start_of(window, now=datetime(2026, 5, 13, 12, tzinfo=UTC)) == datetime(*start, tzinfo=UTC)


def test_a_limit_counts_what_was_placed_in_its_window() -> None:
    buyer, product = shop.buyer(), shop.product(price="100.00")
    first = shop.place(buyer, (product, 1))
    shipping = first.total_excl_tax - 100
    membership = place_of(buyer, spend_limit=first.total_excl_tax * 2, spend_window="month")
    assert spending.left_to_spend(membership=membership, now=NOW) == first.total_excl_tax

    shop.place(buyer, (product, 1))
    with pytest.raises(OverSpendLimit):
        shop.place(buyer, (product, 1))
    assert Order.objects.count() == 2
    assert shop.place(buyer, (product, 1), now=NOW + timedelta(days=31)).total_excl_tax == 100 + shipping


def test_a_limit_per_order_counts_that_order_alone() -> None:
    buyer, product = shop.buyer(), shop.product(price="100.00")
    limit = shop.place(buyer, (product, 1)).total_excl_tax
    place_of(buyer, spend_limit=limit)
    shop.place(buyer, (product, 1))
    place_of(buyer, spend_limit=limit - Decimal("0.01"))
    with pytest.raises(OverSpendLimit):
        shop.place(buyer, (product, 1))
    place_of(buyer, spend_limit=None)
    shop.place(buyer, (product, 1))
    assert Order.objects.count() == 3


def test_a_cost_centre_is_one_that_the_buyer_may_use() -> None:
    buyer, product = shop.buyer(), shop.product()
    company = buyer.company
    mine, other = (CostCentre.objects.create(company=company, code=code) for code in ("1", "2"))
    foreign = CostCentre.objects.create(company=shop.company(), code="1")
    place_of(buyer).cost_centres.add(mine)
    for centre in (other, foreign):
        with pytest.raises(CostCentreMissing):
            shop.place(buyer, (product, 1), cost_centre_id=centre.pk)
    assert shop.place(buyer, (product, 1), cost_centre_id=mine.pk).purchase.cost_centre == mine
    assert shop.place(buyer, (product, 1)).purchase.cost_centre is None

    company.cost_centre_required = True
    company.save()
    with pytest.raises(CostCentreMissing):
        shop.place(buyer, (product, 1))
    form = PurchaseOrderForm({}, membership=place_of(buyer))
    assert ("cost_centre" in form.errors, list(form.fields["cost_centre"].queryset)) == (True, [mine])


def test_an_order_belongs_to_where_it_goes_on_that_locations_terms() -> None:
    buyer = shop.buyer()
    company = buyer.company
    home = Location.objects.create(company=company, name="home")
    site = Location.objects.create(company=company, name="site", payment_terms_days=60, tax_profile="exempt")
    quay = site.addresses.create(kind="delivery", line1="Quay 1", line4="Bergen", postcode="5003", country_id="NO")
    place_of(buyer, location=home)

    at_home = shop.place(buyer, (shop.product(), 1))
    on_site = shop.place(buyer, (shop.product(), 1), shipping_address=quay)

    assert (at_home.purchase.location, at_home.purchase.payment_terms_days) == (home, 30)
    assert (on_site.purchase.location, on_site.purchase.payment_terms_days) == (site, 60)
    assert (at_home.purchase.tax_code, on_site.purchase.tax_code) == ("domestic", "exempt")
    assert on_site.total_incl_tax == on_site.total_excl_tax
    assert (on_site.shipping_address.line1, on_site.invoice.total_incl_tax) == ("Quay 1", on_site.total_excl_tax)


def test_a_company_that_may_not_buy_on_invoice_is_told() -> None:
    buyer = shop.buyer(shop.company(payment_methods=["card"]))
    with pytest.raises(MayNotOrder):
        shop.place(buyer, (shop.product(), 1))
    assert not Order.objects.exists()


def test_letters_go_to_those_whom_they_concern(django_capture_on_commit_callbacks: Any) -> None:
    buyer = shop.buyer()
    payer = shop.buyer(buyer.company, role="accounts_payable", email="payer@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        order = shop.place(buyer, (shop.product(), 1))

    parts = {(row.part, row.user_id) for row in order.participants.all()}
    assert parts == {("buyer", buyer.pk), ("payer", payer.pk)}
    assert sorted((message.to[0], message.subject.split()[0]) for message in mail.outbox) == sorted(
        [(buyer.email, mail.outbox[0].subject.split()[0]), ("payer@example.com", "Invoice")]
    )


def test_the_goods_user_is_told_when_they_leave(django_capture_on_commit_callbacks: Any) -> None:
    from oscar.core.loading import get_class

    buyer = shop.buyer()
    order = shop.place(buyer, (shop.product(), 1))
    client = Client()
    client.force_login(buyer)
    path = reverse("customer:order-people", args=[order.purchase.public_ref])
    assert client.post(path, {"user_name": "Ola", "user_email": "no address"}).status_code == 422
    assert client.post(path, {"user_name": "Ola", "user_email": "ola@example.com"}).status_code == 302

    with django_capture_on_commit_callbacks(execute=True):
        get_class("order.processing", "EventHandler")().handle_order_status_change(order, "Shipped")

    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["ola@example.com"], f"Order {order.number} is on its way")
    ]


def test_who_specified_the_goods_is_told_too_and_nobody_twice(django_capture_on_commit_callbacks: Any) -> None:
    order = shop.place(shop.buyer(email="anna@example.com"), (shop.product(), 1))
    participants.replace(order=order, rows=[("specifier", "Ida", "ida@example.com")])

    with django_capture_on_commit_callbacks(execute=True):
        letters.tell_user(order)
    participants.replace(
        order=order, rows=[("specifier", "Ida", "ida@example.com"), ("user", "Ida", "ida@example.com")]
    )
    with django_capture_on_commit_callbacks(execute=True):
        letters.tell_user(order)

    assert [message.to for message in mail.outbox] == [["anna@example.com"], ["ida@example.com"], ["ida@example.com"]]


def test_our_sales_rep_is_the_contact_of_a_direct_order_and_is_told(django_capture_on_commit_callbacks: Any) -> None:
    rep = shop.user("rep@nordlys.example.com", is_staff=True, first_name="Rolf", last_name="Rep")
    buyer = shop.buyer(shop.company(name="Havbris", sales_rep=rep))
    with django_capture_on_commit_callbacks(execute=True):
        order = shop.place(buyer, (shop.product(), 1))

    assert order.participants.get(part="channel_contact").email == "rep@nordlys.example.com"
    told = [message.subject for message in mail.outbox if message.to == ["rep@nordlys.example.com"]]
    assert told == [f"Havbris placed order {order.number}"]


def test_people_of_an_order_are_changed_by_who_may_order_there() -> None:
    buyer = shop.buyer()
    order = shop.place(buyer, (shop.product(), 1))
    path = reverse("customer:order-people", args=[order.purchase.public_ref])
    answers = {}
    for name, reader in (
        ("colleague", shop.buyer(buyer.company)),
        ("viewer", shop.buyer(buyer.company, role="viewer")),
        ("admin", shop.buyer(buyer.company, role="admin")),
        ("stranger", shop.buyer(role="admin")),
    ):
        client = Client()
        client.force_login(reader)
        data = {"payer_email": f"{name}@example.com"}
        answers[name] = (client.get(path).status_code, client.post(path, data).status_code)
    assert answers == {"colleague": (200, 403), "viewer": (200, 403), "admin": (200, 302), "stranger": (404, 404)}
    assert set(order.participants.values_list("part", "email")) == {
        ("buyer", buyer.email), ("payer", "admin@example.com"),
    }  # fmt: skip


def test_staff_set_the_terms_that_a_company_only_reads() -> None:
    company = shop.company()
    site = Location.objects.create(company=company, name="site")
    other = Location.objects.create(company=shop.company(), name="other")
    client = Client()
    client.force_login(shop.user(is_staff=True, is_superuser=True))
    data = {
        "payment_terms_days": 14, "payment_methods": ["card"], "po_pattern": "", "form-TOTAL_FORMS": 1,
        "sales_rep": (rep := shop.user(is_staff=True)).pk,
        "form-INITIAL_FORMS": 1, "form-0-id": site.pk, "form-0-payment_terms_days": 60, "form-0-tax_profile": "exempt",
    }  # fmt: skip
    path = reverse("company_terms", args=[company.pk])
    assert f"Terms of {company.name}" in client.get(path).content.decode()
    assert client.post(path, {**data, "form-0-id": other.pk}).status_code == 404
    assert client.post(path, data).status_code == 302

    company.refresh_from_db()
    site.refresh_from_db()
    assert (company.payment_terms_days, company.payment_methods) == (14, ["card"])
    assert (company.sales_rep, company.po_required) == (rep, False)
    assert (site.terms_days, site.tax_profile) == (60, "exempt")
    admin = Client()
    admin.force_login(shop.buyer(company, role="admin"))
    sent = {"location-name": "site", "location-is_active": "on", "location-tax_profile": "", "delivery-line1": "Quay 1",
            "delivery-line4": "Bergen", "delivery-postcode": "5003", "delivery-country": "NO"}  # fmt: skip
    assert admin.post(reverse("customer:company-location", args=[site.pk]), sent).status_code == 302
    site.refresh_from_db()
    assert (site.tax_profile, site.addresses.get().line1) == ("exempt", "Quay 1")
