"""Acting for another of one's companies, and in a buyer's place: by our staff, and by a partner that may."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from channels import api
from channels.audit.models import AuditEvent
from channels.journeys.models import Relationship
from channels.journeys.services.relationships import end
from channels.partners.models import Agreement
from shop import facts
from shop.companies.models import Company, OnBehalf
from shop.companies.selectors import no_more_than_a_buyer
from tests.factories import channels as make
from tests.factories import content, shop

pytestmark = pytest.mark.django_db
NOW = shop.NOW


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def customer() -> Any:
    buyer = shop.buyer(shop.company(name="Vik Foods"), role="admin", first_name="Kari", last_name="Vik")
    content.home_page()
    return buyer


def staff(**values: Any) -> Any:
    person = shop.user(is_staff=True, first_name="Sol", last_name="Sales", **values)
    for label in ("shop_companies.view_company", "shop_companies.order_on_behalf", "wagtailadmin.access_admin"):
        app, codename = label.split(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return person


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def start(client: Client, customer: Any, reason: str = "By telephone") -> Any:
    path = reverse("company_on_behalf", args=[customer.company.pk])
    return client.post(path, {"buyer": customer.memberships.get().pk, "reason": reason})


def checkout(client: Client, customer: Any) -> Order:
    """Order one product to the customer's address, page by page."""
    address = shop.address(customer)
    client.post(f"/basket/add/{shop.product().pk}/", {"quantity": 1})
    client.post(reverse("checkout:how-to-buy"), {"seller": "direct"})
    client.post(reverse("checkout:delivery"), {"address": address.pk, "shipping_code": "standard"})
    page = client.get(reverse("checkout:preview"))
    answer = client.post(reverse("checkout:preview"), {"reviewed": page.context["reviewed"]})
    assert client.get(answer.url).status_code == 200
    return Order.objects.latest("pk")


def test_switching_gives_the_session_a_new_key_and_forgets_the_checkout(customer: Any) -> None:
    other = customer.memberships.create(company=shop.company(name="Nes Foods"), role_id="buyer", is_default=False)
    client = browser(customer)
    assert "Act for" in client.get("/").content.decode()
    session = client.session
    session["checkout"] = {"channel": "direct"}
    session.save()
    path, before = reverse("customer:company-switch", args=[other.pk]), client.session.session_key

    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 302

    assert client.session.session_key != before
    assert "checkout" not in client.session
    assert client.session["company"]["key"] == str(other.company.key)
    assert customer.memberships.get(is_default=True) == other


def test_staff_order_in_a_buyers_place_and_both_names_stand_on_it(customer: Any) -> None:
    person = staff()
    client = browser(person)
    client.post(f"/basket/add/{shop.product().pk}/", {"quantity": 7})

    assert start(client, customer, reason=" ").status_code == 422
    before = client.session.session_key
    assert start(client, customer).status_code == 302

    assert client.session.session_key != before
    banner = client.get("/").content.decode()
    assert "<strong>Sol Sales</strong> orders for <strong>Kari Vik</strong>, Vik Foods" in banner
    order = checkout(client, customer)
    assert (order.user, order.purchase.company, order.purchase.medium) == (customer, customer.company, "field_sales")
    assert set(order.participants.values_list("part", "user")) == {("buyer", customer.pk), ("placed_by", person.pk)}
    assert order.num_items == 1

    assert client.post(reverse("customer:on-behalf-stop")).status_code == 302
    assert "orders for" not in client.get("/").content.decode()
    assert client.get("/basket/").context["basket"].num_items == 7
    row = OnBehalf.objects.get()
    assert (row.reason, row.ended_at) == ("By telephone", NOW)
    verbs = AuditEvent.objects.filter(verb__startswith="company.on_behalf").values_list("verb", "actor")
    assert set(verbs) == {("company.on_behalf_started", person.pk), ("company.on_behalf_ended", person.pk)}


def test_who_acts_for_an_administrator_has_a_buyers_rights(customer: Any) -> None:
    earlier = shop.place(customer, (shop.product(), 1))
    client = browser(staff())
    start(client, customer)
    names = ("company-people", "company-locations", "company-details", "company-partners")
    assert [client.get(reverse(f"customer:{name}")).status_code for name in names] == [403, 403, 403, 403]
    assert earlier.number not in client.get(reverse("customer:order-list")).content.decode()
    role = no_more_than_a_buyer(customer.memberships.get().role)
    assert role.grants == {
        "see_prices": "company", "order": "own", "view_orders": "company", "view_invoices": "own",
        "manage_lists": "own",
    }  # fmt: skip


def test_it_ends_by_itself_and_with_the_buyers_place(customer: Any, clock: Any) -> None:
    client = browser(staff())
    start(client, customer)
    clock.shift(timedelta(hours=8))
    assert client.get(reverse("checkout:index")).url == "/basket/"
    assert "orders for" not in client.get("/").content.decode()
    start(client, customer)
    customer.memberships.update(is_active=False)
    assert "orders for" not in client.get("/").content.decode()


def test_without_the_permission_or_for_a_blocked_company_nothing_starts(customer: Any) -> None:
    plain = shop.user(is_staff=True)
    plain.user_permissions.add(Permission.objects.get(codename="view_company"))
    plain.user_permissions.add(Permission.objects.get(codename="access_admin"))
    assert start(browser(plain), customer).status_code in {302, 403}
    Company.objects.update(status="blocked")
    assert start(browser(staff()), customer).status_code == 422
    assert not OnBehalf.objects.exists()


def partner_of(customer: Any, role: str = "sales") -> Any:
    """A person of a partner that stands for the customer."""
    partner = make.partner("nord", name="Nord Networks")
    api.record_company(facts.company(customer.company))
    api.set_renewal_steward(
        company_key=str(customer.company.key), partner_code="nord", valid_from=NOW - timedelta(days=9), at=NOW,
        source="desk",
    )  # fmt: skip
    return make.member(partner, role).user


def allow(customer: Any, may_order: bool) -> None:
    data = {"level": "2", "is_told": "on", **({"may_order": "on"} if may_order else {})}
    browser(customer).post(reverse("customer:company-sharing", args=["nord"]), data)


def test_a_partner_orders_where_the_customer_said_so(customer: Any) -> None:
    seller = partner_of(customer)
    client, path = browser(seller), reverse("customer:on-behalf")
    place = {"buyer": customer.memberships.get().pk}
    assert client.post(path, place).status_code == 404
    allow(customer, may_order=True)
    assert "Vik Foods" in client.get(path).content.decode()
    assert client.post(path, place).status_code == 302
    order = checkout(client, customer)

    assert (order.user, order.purchase.medium) == (customer, "partner_portal")
    assert order.participants.get(part="placed_by").user == seller
    assert OnBehalf.objects.get().partner_code == "nord"


@pytest.mark.parametrize("change", ["withdrawn", "ended", "suspended", "no agreement"])
def test_a_partner_loses_it_with_the_consent_the_role_or_its_standing(customer: Any, change: str) -> None:
    seller = partner_of(customer)
    allow(customer, may_order=True)
    if change == "withdrawn":
        allow(customer, may_order=False)
    elif change == "ended":
        end(relationship_id=Relationship.objects.get().pk, ended_at=NOW, reason="Left", at=NOW)
    elif change == "no agreement":
        Agreement.objects.update(ended_at=NOW)
    else:
        seller.partner_member.partner.status = "suspended"
        seller.partner_member.partner.save()
    place = {"buyer": customer.memberships.get().pk}
    assert browser(seller).post(reverse("customer:on-behalf"), place).status_code in {403, 404}
    assert not OnBehalf.objects.exists()


def test_finance_of_a_partner_and_everybody_else_have_no_such_page(customer: Any) -> None:
    finance = partner_of(customer, "finance")
    path = reverse("customer:on-behalf")
    assert [browser(user).get(path).status_code for user in (finance, customer, shop.user())] == [403, 404, 404]
