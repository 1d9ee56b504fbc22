"""Companies in the back office, and the roles that reach it."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse

from shop.companies.models import Company
from tests.factories import shop as make

pytestmark = pytest.mark.django_db


def staff(*codenames):
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return user


def status_of(company):
    company.refresh_from_db()
    return company.status, company.status_reason


def test_a_customer_is_found_blocked_and_let_go_on(client):
    company = make.company(name="Fjell Foods")
    make.company(name="New Foods", status=Company.Status.PENDING)
    client.force_login(staff("view_company", "change_company"))
    page = client.get(reverse("companies")).content.decode()
    assert "Fjell Foods" in page
    assert "New Foods" not in page
    url = reverse("company_status", kwargs={"pk": company.pk})
    client.post(url, {"status": "blocked", "reason": ""})
    assert status_of(company) == ("approved", "")
    client.post(url, {"status": "rejected", "reason": "late"})
    assert status_of(company) == ("approved", "")
    client.post(url, {"status": "blocked", "reason": "Unpaid"})
    assert status_of(company) == ("blocked", "Unpaid")
    client.post(url, {"status": "approved"})
    assert status_of(company) == ("approved", "")


@pytest.mark.parametrize("status", [Company.Status.PENDING, Company.Status.REJECTED])
def test_who_applies_is_not_decided_on_here(client, status):
    company = make.company(status=status)
    client.force_login(staff("view_company", "change_company"))
    client.post(reverse("company_status", kwargs={"pk": company.pk}), {"status": "approved"})
    assert status_of(company) == (status, "")


def test_who_may_only_look_changes_nothing(client):
    company = make.company()
    client.force_login(staff("view_company"))
    url = reverse("company_status", kwargs={"pk": company.pk})
    assert url not in client.get(reverse("companies")).content.decode()
    assert client.post(url, {"status": "blocked", "reason": "Unpaid"}).status_code in {302, 403}
    assert status_of(company) == ("approved", "")


def test_roles_are_made_once_and_corrected():
    call_command("sync_roles", stdout=StringIO())
    group = Group.objects.get(name="Support")
    group.permissions.add(Permission.objects.get(codename="delete_order"))
    call_command("sync_roles", stdout=StringIO())
    assert Group.objects.filter(name="Support").count() == 1
    assert not group.permissions.filter(codename="delete_order").exists()
    assert group.permissions.filter(codename="view_order").exists()
