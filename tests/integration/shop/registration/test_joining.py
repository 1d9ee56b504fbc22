"""Registering a company that is a customer already: its administrators decide, and nobody else learns of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop.companies.capabilities import StandardRole
from shop.companies.models import Company, Membership
from shop.registration.models import Application, JoinRequest
from shop.registration.services import applications, joins
from tests.factories import registration, shop

pytestmark = pytest.mark.django_db(transaction=True)
NOW = registration.NOW
VAT_ID = "NO999000118MVA"


@pytest.fixture(autouse=True)
def _by_staff(settings: Any) -> None:
    settings.ACCORD_COMPANY_AUTO_APPROVE = False


def customer(**values: Any) -> Any:
    """Return the administrator of a customer, with its `company`."""
    company = shop.company(**{"name": "Nordvik Gruppen", "vat_id": VAT_ID, **values})
    return shop.buyer(company, role=StandardRole.ADMIN, email="boss@nordvik.example.com")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


def decide(by: Any, request: JoinRequest, **data: Any) -> Any:
    url = reverse("customer:join-request", kwargs={"pk": request.pk})
    return signed_in(by).post(url, {"role": "buyer", **data}, follow=True)


@pytest.mark.parametrize(
    ("email", "vat_id", "asks"),
    [
        ("siri@elsewhere.example.com", VAT_ID, True),
        ("siri@nordvik.example.com", "", True),
        ("siri@elsewhere.example.com", "NO999000126MVA", False),
        ("siri@gmail.com", "", False),
    ],
)
def test_a_vat_id_or_a_domain_of_ones_own_asks_the_administrators(email: str, vat_id: str, asks: bool) -> None:
    customer(email_domain="nordvik.example.com")
    shop.buyer(shop.company(email_domain=""), role=StandardRole.ADMIN, email="other@gmail.com")

    registration.registered(email, vat_id=vat_id)
    assert JoinRequest.objects.count() == 0  # nobody is asked before the address is confirmed
    applications.confirm(user=Application.objects.get().applicant, at=NOW)

    assert [row.company.name for row in JoinRequest.objects.all()] == (["Nordvik Gruppen"] if asks else [])
    assert [message.to for message in mail.outbox[1:]] == ([["boss@nordvik.example.com"]] if asks else [])


def test_the_applicant_sees_what_any_applicant_sees() -> None:
    customer()
    pages = []
    for email, vat_id in (("a@one.example.com", VAT_ID), ("a@two.example.com", "NO999000126MVA")):
        registration.registered(email, vat_id=vat_id)
        client = Client()
        link = re.search(r"http\S+(/accounts/\S+)", mail.outbox[-1].body).group(1)  # type: ignore[union-attr]
        confirmed = client.post(link, follow=True)
        seen = [confirmed, *(client.get(reverse(name)) for name in ("customer:summary", "customer:application"))]
        html = "".join(page.content.decode() for page in seen)
        html = re.sub(r'(csrfmiddlewaretoken" value=|nonce=|"X-CSRFToken": )"[^"]*"', "", html)
        pages.append(re.sub(r"NO9990\d+MVA|a@\w+\.example\.com|\d\d:\d\d", "", html))
        assert Application.objects.latest("pk").state == "waiting"

    assert JoinRequest.objects.count() == 1
    assert pages[0] == pages[1]
    assert "Nordvik Gruppen" not in pages[0]


def test_who_is_let_in_belongs_to_the_customer_in_the_role_chosen() -> None:
    boss = customer()
    application = registration.confirmed(vat_id=VAT_ID)
    page = signed_in(boss).get(reverse("customer:join-requests")).content.decode()
    assert "Siri Nordvik" in page

    decide(boss, JoinRequest.objects.get(), role="viewer")

    application.refresh_from_db()
    member = Membership.objects.get(user=application.applicant)
    assert (member.company, member.role_id, member.is_confirmed) == (boss.company, "viewer", True)
    assert (application.state, application.company.status) == ("joined", "rejected")
    request = JoinRequest.objects.get()
    assert (request.state, request.decided_by) == ("accepted", boss)
    assert mail.outbox[-1].to == [application.applicant.email]
    assert "Nordvik Gruppen" in mail.outbox[-1].subject
    assert signed_in(application.applicant).get(reverse("customer:application")).status_code == 302


def test_who_is_declined_stays_in_the_staffs_queue_and_is_told_nothing() -> None:
    boss = customer()
    application = registration.confirmed(vat_id=VAT_ID)
    sent = len(mail.outbox)

    decide(boss, JoinRequest.objects.get(), decline="1")

    application.refresh_from_db()
    assert (application.state, JoinRequest.objects.get().state, len(mail.outbox)) == ("waiting", "declined", sent)
    assert Membership.objects.get(user=application.applicant).company == application.company
    assert list(application.events.values_list("step", flat=True)) == ["confirm", "decline"]
    with pytest.raises(joins.NotPossible):
        joins.accept(request_id=JoinRequest.objects.get().pk, role=boss.memberships.get().role, at=NOW, by=boss)


def test_what_staff_decided_cannot_be_joined_any_more() -> None:
    boss = customer()
    application = registration.confirmed(vat_id=VAT_ID)
    applications.reject(application_id=application.pk, reason="No.", at=NOW, by=shop.user())

    page = decide(boss, JoinRequest.objects.get())

    assert page.status_code == 404
    assert JoinRequest.objects.get().state == "overtaken"
    assert Membership.objects.get(user=application.applicant).company == application.company


@pytest.mark.parametrize("role", ["buyer", "viewer"])
def test_who_may_not_let_people_in_neither_sees_nor_decides(role: str) -> None:
    boss = customer()
    registration.confirmed(vat_id=VAT_ID)
    colleague = shop.buyer(boss.company, role=role)
    stranger = shop.buyer(shop.company(), role=StandardRole.ADMIN)

    for user in (colleague, stranger):
        assert "Siri Nordvik" not in signed_in(user).get(reverse("customer:join-requests")).content.decode()
        assert decide(user, JoinRequest.objects.get()).status_code == 404

    assert JoinRequest.objects.get().state == "open"


def test_the_page_of_people_leads_administrators_to_who_asks() -> None:
    boss = customer()
    path, page = reverse("customer:join-requests"), reverse("customer:company-people")
    assert f'href="{path}">Requests to join</a>' in signed_in(boss).get(page).content.decode()

    registration.confirmed(vat_id=VAT_ID)

    assert f'href="{path}">1 person asks to join your company</a>' in signed_in(boss).get(page).content.decode()


def test_administrators_get_three_mails_a_day_and_find_the_rest_on_the_page() -> None:
    boss = customer()
    for _ in range(5):
        registration.confirmed(vat_id=VAT_ID)

    assert [message.to for message in mail.outbox].count(["boss@nordvik.example.com"]) == 3
    assert signed_in(boss).get(reverse("customer:join-requests")).context["page_obj"].paginator.count == 5
    next_day = registration.registered(vat_id=VAT_ID)
    applications.confirm(user=next_day.applicant, at=NOW + timedelta(days=1))
    assert [message.to for message in mail.outbox].count(["boss@nordvik.example.com"]) == 4


@pytest.mark.parametrize("standing", [Company.Status.PENDING, Company.Status.REJECTED])
def test_who_is_no_customer_yet_lets_nobody_in(standing: str) -> None:
    customer(status=standing)

    application = registration.confirmed(vat_id=VAT_ID)

    assert (JoinRequest.objects.count(), application.state) == (0, "waiting")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(rows: int) -> None:
    boss = customer()
    for _ in range(rows):
        registration.confirmed(vat_id=VAT_ID)
    client, url = signed_in(boss), reverse("customer:join-requests")
    client.get(url)

    with CaptureQueriesContext(connection) as queries:
        client.get(url)

    assert len(queries) == 6
