"""The people of a company: what each may do, how far, and how they leave."""

from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from oscar.apps.wishlists.models import WishList

from channels.audit.models import AuditEvent
from shop.billing.selectors import invoices_visible_to
from shop.buying.selectors import orders_visible_to
from shop.companies.access import Target, can, may_give
from shop.companies.capabilities import STANDARD_GRANTS, Capability, StandardRole, standard_roles
from shop.companies.middleware import CompanyMiddleware
from shop.companies.models import Company, CostCentre, Location, Membership, Role
from shop.companies.selectors import lists_visible_to, standing_reason
from shop.companies.services import people
from tests.factories import shop

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def member(company: Company, role: str = "buyer", **values: Any) -> Membership:
    found = shop.buyer(company, role=role).memberships.get()
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


def page_of(user: Any, name: str, *args: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"customer:{name}", args=args))


def test_the_standard_roles_are_written_as_the_code_says() -> None:
    written = {role.pk: (role.name, role.grants) for role in Role.objects.all()}
    assert written == {row["code"]: (row["name"], row["grants"]) for row in standard_roles()}
    assert list(written) == ["admin", "buyer", "approver", "viewer", "accounts_payable"]


def test_a_right_reaches_as_far_as_its_level() -> None:
    company = shop.company()
    here, there = (Location.objects.create(company=company, name=name) for name in ("here", "there"))
    local = Role.objects.create(code="local", name="Local", grants={"view_orders": "location", "order": "own"})
    person = member(company, role="buyer", role_id=local.pk, location=here)
    targets = {
        "own": Target(company.pk, there.pk, person.user_id),
        "here": Target(company.pk, here.pk, 0),
        "there": Target(company.pk, there.pk, 0),
        "nowhere": Target(company.pk),
        "foreign": Target(shop.company().pk, here.pk, person.user_id),
    }
    seen = {name for name, target in targets.items() if can(person, Capability.VIEW_ORDERS, target)}
    ordered = {name for name, target in targets.items() if can(person, Capability.ORDER, target)}
    assert (seen, ordered) == ({"own", "here"}, {"own"})
    assert not can(person, Capability.MANAGE_PEOPLE)
    assert not can(None, Capability.SEE_PRICES)


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ("approved", set()),
        ("pending", {"order", "approve", "manage_people"}),
        ("blocked", {"order", "approve"}),
        ("rejected", {"order", "approve", "manage_people", "manage_locations", "manage_company", "see_prices"}),
    ],
)
def test_a_companys_standing_takes_rights_from_its_administrator(status: str, missing: set[str]) -> None:
    person = member(shop.company(status=status), "admin")
    assert {word.value for word in Capability if not can(person, word)} == missing
    text = page_of(person.user, "company").content.decode()
    reason = str(standing_reason(person))
    assert (escape(reason) in text) if status != "approved" else reason == ""


def test_orders_are_seen_by_role_location_and_company() -> None:
    company = shop.company()
    here = Location.objects.create(company=company, name="here")
    mine, theirs = member(company), member(company, location=here)
    orders = {}
    for person in (mine, theirs):
        person.user.company = company
        orders[person.pk] = shop.place(person.user, (shop.product(), 1))
    stranger = shop.buyer()
    shop.place(stranger, (shop.product(), 1))
    approver = member(company, "approver", location=here)

    assert set(orders_visible_to(mine)) == set(orders.values())
    assert list(orders_visible_to(approver)) == [orders[theirs.pk]]
    assert list(orders_visible_to(None)) == []
    mine.is_active = False
    assert list(orders_visible_to(mine)) == []


def test_a_person_of_two_companies_sees_the_orders_of_the_one_acted_for() -> None:
    buyer = shop.buyer()
    order = shop.place(buyer, (shop.product(), 1))
    other = Membership.objects.create(user=buyer, company=shop.company(), is_default=False)
    client = Client()
    client.force_login(buyer)
    assert order.number in client.get(reverse("customer:order-list")).content.decode()

    answer = client.post(reverse("customer:company-switch", args=[other.pk]))

    assert answer.status_code == 302
    assert order.number not in client.get(reverse("customer:order-list")).content.decode()
    path = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    assert client.get(path).status_code == 404


def test_nobody_gives_more_than_they_have() -> None:
    company = shop.company()
    here = Location.objects.create(company=company, name="here")
    Role.objects.create(
        code="site", name="Site", grants={"manage_people": "location", "order": "own", "see_prices": "company"}
    )
    manager = member(company, role_id="site", location=here)
    assert [role.pk for role in Role.objects.all() if may_give(manager, role)] == ["site"]
    admin = member(company, "admin", location=here)
    client = Client()
    client.force_login(manager.user)
    data = {"role": "admin", "location": here.pk, "spend_window": "order"}
    assert client.post(reverse("customer:company-person", args=[manager.pk]), data).status_code == 422
    assert client.get(reverse("customer:company-person", args=[admin.pk])).status_code == 404
    manager.refresh_from_db()
    assert manager.role_id == "site"


def test_role_place_and_limits_are_changed_and_audited() -> None:
    company = shop.company()
    admin, person = member(company, "admin"), member(company)
    centre = CostCentre.objects.create(company=company, code="4100")
    foreign = CostCentre.objects.create(company=shop.company(), code="4100")
    client = Client()
    client.force_login(admin.user)
    path = reverse("customer:company-person", args=[person.pk])
    data = {"role": "approver", "location": "", "spend_limit": "250.00", "spend_window": "month"}

    assert client.post(path, {**data, "cost_centres": [foreign.pk]}).status_code == 422
    assert client.post(path, {**data, "spend_limit": "-1"}).status_code == 422
    assert client.post(path, {**data, "cost_centres": [centre.pk]}).status_code == 302

    person.refresh_from_db()
    assert (person.role_id, person.spend_limit, person.spend_window) == ("approver", Decimal("250.00"), "month")
    assert list(person.cost_centres.all()) == [centre]
    event = AuditEvent.objects.get(verb="company.role_changed")
    assert (event.actor_id, event.data) == (
        admin.user_id,
        {"user": person.user_id, "from": "buyer", "to": "approver"},
    )


def test_who_leaves_passes_on_orders_and_lists() -> None:
    company = shop.company()
    admin, leaving = member(company, "admin"), member(company)
    leaving.user.company = company
    order = shop.place(leaving.user, (shop.product(), 1))
    WishList.objects.create(owner=leaving.user, name="Spares")
    client = Client()
    client.force_login(admin.user)
    path = reverse("customer:company-person-leave", args=[leaving.pk])

    assert client.post(path, {"successor": leaving.pk}).status_code == 422
    assert client.post(path, {"successor": admin.pk}).status_code == 302

    order.refresh_from_db()
    leaving.refresh_from_db()
    assert (order.user, leaving.is_active) == (admin.user, False)
    assert WishList.objects.get().owner == admin.user
    assert page_of(leaving.user, "company").status_code == 404
    client.post(path, {"return": "1"})
    leaving.refresh_from_db()
    assert leaving.is_active


def test_lists_stay_with_who_still_acts_for_another_company() -> None:
    company = shop.company()
    admin, leaving = member(company, "admin"), member(company)
    Membership.objects.create(user=leaving.user, company=shop.company())
    WishList.objects.create(owner=leaving.user, name="Spares")
    people.deactivate(membership_id=leaving.pk, successor=admin, at=NOW, actor=admin.user)
    assert WishList.objects.get().owner == leaving.user


def test_the_last_administrator_stays() -> None:
    company = shop.company()
    admin, buyer = member(company, "admin"), member(company)
    client = Client()
    client.force_login(admin.user)
    person, leave = (reverse(f"customer:company-{name}", args=[admin.pk]) for name in ("person", "person-leave"))

    for answer in (
        client.post(person, {"role": "buyer", "location": "", "spend_window": "order"}),
        client.post(leave, {"successor": buyer.pk}),
        client.post(reverse("customer:profile-delete"), {"password": "fjord-and-fell-7"}),
    ):
        assert "This is the last person who manages your people." in answer.content.decode()
    admin.refresh_from_db()
    assert (admin.role_id, admin.is_active) == ("admin", True)

    second = member(company, "admin")
    people.deactivate(membership_id=second.pk, successor=admin, at=NOW, actor=admin.user)
    with pytest.raises(people.LastAdministratorError):
        people.deactivate(membership_id=admin.pk, successor=second, at=NOW, actor=admin.user)


def test_another_companys_people_and_places_are_not_found() -> None:
    admin = member(shop.company(), "admin")
    other = member(shop.company(), "admin")
    location = Location.objects.create(company=other.company, name="there")
    centre = CostCentre.objects.create(company=other.company, code="1")
    found = [
        page_of(admin.user, name, pk).status_code
        for name, pk in (
            ("company-person", other.pk), ("company-location", location.pk), ("company-cost-centre", centre.pk)
        )
    ]  # fmt: skip
    assert found == [404, 404, 404]
    client = Client()
    client.force_login(admin.user)
    assert client.post(reverse("customer:company-switch", args=[other.pk])).status_code == 404
    assert client.post(reverse("customer:company-person-leave", args=[other.pk]), {}).status_code == 404


@pytest.mark.parametrize("role", ["buyer", "viewer", "approver", "accounts_payable"])
def test_only_an_administrator_opens_the_companys_management(role: str) -> None:
    person = member(shop.company(), role)
    names = ("company", "company-people", "company-locations", "company-cost-centres", "company-details")
    assert [page_of(person.user, name).status_code for name in names] == [200, 403, 403, 403, 403]
    assert set(STANDARD_GRANTS[StandardRole(role)]) == {str(word) for word in Capability if can(person, word)}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("company-people", 9), ("company-locations", 5), ("company-cost-centres", 3)]
)
def test_a_list_costs_the_same_however_long(name: str, queries: int, rows: int, django_assert_num_queries: Any) -> None:
    company = shop.company()
    admin = member(company, "admin")
    for number in range(rows):
        place = Location.objects.create(company=company, name=f"Place {number}")
        member(company, location=place)
        CostCentre.objects.create(company=company, code=str(number))
        person = shop.user(email=f"asked{number}@example.com")
        company.invitations.create(email=person.email, role_id="buyer", location=place, sent_at=NOW)
        shop.country()
        place.addresses.create(kind="delivery", line1="Quay 1", country_id="NO")
    client = Client()
    client.force_login(admin.user)
    client.get("/accounts/company/")
    path = reverse(f"customer:{name}")
    client.get(path)
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


def test_invoices_are_seen_by_who_may() -> None:
    company = shop.company()
    seen = {}
    buyer = member(company)
    buyer.user.company = company
    invoice = shop.place(buyer.user, (shop.product(), 1)).invoice
    for role in ("buyer", "admin", "accounts_payable", "viewer"):
        seen[role] = list(invoices_visible_to(member(company, role)))
    assert seen == {"buyer": [], "admin": [invoice], "accounts_payable": [invoice], "viewer": []}
    assert list(invoices_visible_to(buyer)) == [invoice]
    assert list(invoices_visible_to(member(shop.company(), "admin"))) == []
    company.status = "blocked"
    company.save()
    assert list(invoices_visible_to(member(company, "accounts_payable"))) == [invoice]


def test_shared_lists_are_seen_by_colleagues_or_those_they_name() -> None:
    company = shop.company()
    buyer, admin = member(company), member(company, "admin")
    of_two = member(company)
    Membership.objects.create(user=of_two.user, company=shop.company())
    shared = WishList.objects.create(owner=buyer.user, name="Spares", visibility="Shared")
    private = WishList.objects.create(owner=buyer.user, name="Mine")
    WishList.objects.create(owner=of_two.user, name="Elsewhere", visibility="Shared")
    named = WishList.objects.create(owner=buyer.user, name="Named", visibility="Shared")
    named.shared_emails.create(email="ole@example.com")
    assert set(lists_visible_to(admin)) == {shared, named}
    assert set(lists_visible_to(buyer)) == {shared, named, private}
    assert set(lists_visible_to(member(company))) == {shared}
    assert set(lists_visible_to(member(company, "viewer"))) == set()
    ole = member(company)
    ole.user.email = "Ole@example.com"
    assert set(lists_visible_to(ole)) == {shared, named}
    assert set(lists_visible_to(member(shop.company(), "admin"))) == set()


def test_what_somebody_may_is_known_on_the_next_page_and_costs_nothing(client: Client) -> None:
    """Kept pages never read the membership: the company and its standing come with the user."""
    company, other = shop.company(), shop.company()
    leaver = member(company)
    Membership.objects.create(user=leaver.user, company=other, role_id="buyer", is_default=False)
    client.force_login(leaver.user)
    found = [_acting(client)]
    Company.objects.filter(pk=company.pk).update(status="blocked")
    found.append(_acting(client))
    people.deactivate(membership_id=leaver.pk, successor=None, at=NOW, actor=leaver.user)
    found.append(_acting(client))
    Membership.objects.filter(user=leaver.user).update(is_active=False)
    found.append(_acting(client))
    assert found == [
        (str(company.key), "approved"), (str(company.key), "blocked"), (str(other.key), "approved"), ("", ""),
    ]  # fmt: skip


def _acting(client: Client) -> tuple[str, str]:
    """The company of a page's request and its status: with the user, in the one query that the session does not hold."""
    request: Any = RequestFactory().get("/")
    request.session = client.session
    request.session["warm"] = True
    request.user = SimpleLazyObject(lambda: get_user(request))
    with CaptureQueriesContext(connection) as queries:
        CompanyMiddleware(lambda request: HttpResponse())(request)
    assert len(queries) == 1
    return request.company_key, request.company_status
