"""The roles that a company makes itself: whose they are, how far they reach, and that somebody stays to manage people."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.audit.models import AuditEvent
from shop.companies.access import can, roles_given_by
from shop.companies.capabilities import Capability
from shop.companies.models import Company, Invitation, Membership, Role
from shop.companies.services import people, roles
from tests.factories import shop

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def own_role(company: Company, name: str = "Site lead", **grants: str) -> Role:
    role = Role(company=company, name=name, grants=grants or {"order": "own", "see_prices": "company"})
    return roles.save(role=role, at=NOW, actor=None)


def test_an_administrator_makes_a_role_changes_it_and_gives_it() -> None:
    admin = shop.buyer(role="admin")
    client, colleague = signed_in(admin), shop.buyer(admin.company).memberships.get()

    made = client.post(reverse("customer:company-role-new"), {"name": " Site  lead ", "order": "own"})
    role = Role.objects.get(company=admin.company)
    changed = client.post(
        reverse("customer:company-role", args=[role.code]), {"name": "Site lead", "view_orders": "location"}
    )
    given = client.post(
        reverse("customer:company-person", args=[colleague.pk]), {"role": role.pk, "spend_window": "order"}
    )

    assert (made.status_code, changed.status_code, given.status_code) == (302, 302, 302)
    colleague.refresh_from_db()
    assert (colleague.role.name, colleague.role.grants) == ("Site lead", {"view_orders": "location"})
    assert (can(colleague, Capability.VIEW_ORDERS), can(colleague, Capability.ORDER)) == (True, False)
    said = AuditEvent.objects.filter(verb="company.role_saved").order_by("pk").values_list("data__grants", flat=True)
    assert list(said) == [{"order": "own"}, {"view_orders": "location"}]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"name": "buyer", "order": "own"}, "There is a role of this name already."),
        ({"name": "SITE LEAD", "order": "own"}, "There is a role of this name already."),
        ({"name": "Nobody"}, "Give the role at least one right."),
        ({"name": "Wide", "order": "galaxy"}, "galaxy is not one of the available choices"),
    ],
)
def test_a_role_needs_a_name_of_its_own_and_known_rights(data: dict[str, str], text: str) -> None:
    admin = shop.buyer(role="admin")
    own_role(admin.company)

    answer = signed_in(admin).post(reverse("customer:company-role-new"), data)

    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert Role.objects.filter(company=admin.company).count() == 1


def test_nobody_makes_or_opens_a_role_that_reaches_further_than_the_own_one() -> None:
    company = shop.company()
    narrow = own_role(company, "People", manage_people="company", order="own")
    wide = own_role(company, "Wide", manage_people="company", order="company")
    manager = shop.buyer(company, role=narrow.pk)
    client = signed_in(manager)

    page = client.get(reverse("customer:company-role-new")).content.decode()
    refused = client.post(reverse("customer:company-role-new"), {"name": "More", "order": "company"})
    dropped = client.post(
        reverse("customer:company-role-new"), {"name": "Less", "order": "own", "manage_company": "own"}
    )

    assert ('name="order"' in page, 'name="manage_company"' in page) == (True, False)
    assert (refused.status_code, dropped.status_code) == (422, 302)
    assert Role.objects.get(name="Less").grants == {"order": "own"}
    assert client.get(reverse("customer:company-role", args=[wide.code])).status_code == 404


def test_standard_roles_and_those_of_others_are_neither_opened_nor_given() -> None:
    admin, stranger = shop.buyer(role="admin"), shop.buyer(role="admin")
    theirs = own_role(stranger.company, "Theirs")
    client, colleague = signed_in(admin), shop.buyer(admin.company).memberships.get()

    codes = [client.get(reverse("customer:company-role", args=[code])).status_code for code in (theirs.code, "buyer")]
    page = client.get(reverse("customer:company-roles")).content.decode()
    given = client.post(
        reverse("customer:company-person", args=[colleague.pk]), {"role": theirs.pk, "spend_window": "order"}
    )

    assert (codes, "Theirs" in page, given.status_code) == ([404, 404], False, 422)
    assert theirs not in roles_given_by(admin.memberships.get())
    with pytest.raises(ValueError, match="a role of another company"):
        people.change(
            membership_id=colleague.pk, role=theirs, location=None, spend_limit=None, spend_window="order",
            cost_centres=[], at=NOW, actor=admin,
        )  # fmt: skip
    with pytest.raises(ValueError, match="buyer is not a company's own role"):
        roles.save(role=Role.objects.get(pk="buyer"), at=NOW, actor=admin)


def test_who_manages_people_of_a_location_only_makes_no_roles() -> None:
    company = shop.company()
    local = own_role(company, "Local", manage_people="location", order="own")
    client = signed_in(shop.buyer(company, role=local.pk))

    assert client.get(reverse("customer:company-people")).status_code == 200
    assert client.get(reverse("customer:company-roles")).status_code == 403
    assert reverse("customer:company-roles") not in client.get(reverse("customer:company")).content.decode()


def test_a_role_that_the_last_administrators_have_keeps_the_right_to_manage_people() -> None:
    company = shop.company()
    role = own_role(company, "Boss", manage_people="company", order="company")
    boss = shop.buyer(company, role=role.pk)
    client, path = signed_in(boss), reverse("customer:company-role", args=[role.code])

    refused = client.post(path, {"name": "Boss", "order": "company"})
    role.refresh_from_db()
    assert (refused.status_code, role.grants) == (422, {"manage_people": "company", "order": "company"})
    assert "This is the last person who manages your people." in refused.content.decode()
    narrowed = client.post(path, {"name": "Boss", "order": "company", "manage_people": "location"})
    assert narrowed.status_code == 422

    shop.buyer(company, role="admin")
    assert client.post(path, {"name": "Boss", "order": "company"}).status_code == 302


def test_a_role_is_deleted_once_nobody_has_it_or_is_asked_to() -> None:
    admin = shop.buyer(role="admin")
    role = own_role(admin.company)
    left = shop.buyer(admin.company, role=role.pk).memberships.get()
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    asked = Invitation.objects.create(company=admin.company, email="new@example.com", role=role, sent_at=NOW)
    client, path = signed_in(admin), reverse("customer:company-role", args=[role.code])

    refused = client.post(path, {"delete": "1"}, follow=True).content.decode()
    assert "2 people have this role, or had it before leaving. Give them another one first." in refused
    Membership.objects.filter(pk=left.pk).update(role_id="buyer")
    Invitation.objects.filter(pk=asked.pk).update(withdrawn_at=NOW)
    client.post(path, {"delete": "1"})

    assert not Role.objects.filter(pk=role.pk).exists()
    assert AuditEvent.objects.get(verb="company.role_deleted").data["name"] == "Site lead"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_roles_takes_as_many_queries_for_three_as_for_one(rows: int) -> None:
    admin = shop.buyer(role="admin")
    for number in range(rows):
        shop.buyer(admin.company, role=own_role(admin.company, f"Role {number}").pk)
    client, path = signed_in(admin), reverse("customer:company-roles")
    client.get(path)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)

    assert [role.held for role in page.context["roles"] if role.company_id] == [1] * rows
    assert [role.pk for role in page.context["roles"]][:2] == ["admin", "buyer"]
    assert len(queries) == 3
