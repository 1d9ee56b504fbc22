"""Signing in, the profile, and which company a session acts for."""

import pytest
from django.contrib.auth import get_user, get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from shop.companies import services
from shop.companies.models import Company, Membership
from tests.factories import shop

pytestmark = pytest.mark.django_db(transaction=True)
User = get_user_model()


@pytest.fixture(autouse=True)
def _country():
    shop.country("NO", "Norway")


def sign_in(client, email, password="fjord-and-fell-7", **values):
    return client.post(
        reverse("customer:login"),
        {"login-username": email, "login-password": password, "login_submit": "1", **values},
    )


def test_a_wrong_password_and_an_unknown_address_answer_alike():
    shop.buyer(email="siri@nordvik.example.com")
    wrong = sign_in(Client(), "siri@nordvik.example.com", "nope")
    unknown = sign_in(Client(), "else@nordvik.example.com", "nope")

    def errors(response):
        return response.context["login_form"].errors.as_json()

    assert errors(wrong) == errors(unknown)


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example.com",
        "https://evil.example.com/",
        "javascript:alert(1)",
        "/\\evil.example.com",
        "http:///evil",
        "\\\\evil.example.com",
    ],
)
def test_signing_in_never_leads_away(url):
    buyer = shop.buyer()

    response = sign_in(Client(), buyer.email, **{"login-redirect_url": url})

    assert (response.status_code, response.url) == (302, "/")


def test_signing_in_leads_on_to_the_wanted_page():
    buyer = shop.buyer()
    page = reverse("checkout:how-to-buy")

    assert sign_in(Client(), buyer.email, **{"login-redirect_url": page}).url == page


def profile(client, **values):
    fields = {"first_name": "Siri", "last_name": "Nordvik", "email": "siri@nordvik.example.com", **values}
    return client.post(reverse("customer:profile-update"), fields)


def test_a_name_changes_without_the_password():
    client = Client()
    sign_in(client, shop.buyer(email="siri@nordvik.example.com").email)

    profile(client, last_name="Vik")

    assert User.objects.get().last_name == "Vik"


def test_a_get_does_not_sign_out():
    client = Client()
    sign_in(client, shop.buyer().email)

    client.get(reverse("customer:logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("customer:logout"))

    assert "_auth_user_id" not in client.session


def test_the_company_comes_with_the_user_and_costs_visitors_nothing(rf):
    from shop.companies.selectors import company_key_of

    buyer = shop.buyer()
    request, visitor = rf.get("/"), rf.get("/")
    client = Client()
    client.force_login(buyer)
    request.session, visitor.session = client.session, Client().session
    request.session["warm"] = True

    counts = []
    for asked in (request, request, visitor):
        asked.user = SimpleLazyObject(lambda asked=asked: get_user(asked))
        with CaptureQueriesContext(connection) as queries:
            key = company_key_of(asked)
        counts.append((len(queries), key))

    key = str(buyer.company.key)
    assert counts == [(1, key), (1, key), (0, "")]


def test_a_status_change_is_felt_at_once_and_a_lost_membership_too(rf):
    from shop.companies.selectors import company_of

    buyer = shop.buyer()
    client = Client()
    client.force_login(buyer)
    request = rf.get("/")
    request.session, request.user = client.session, buyer
    assert company_of(request).status == "approved"

    services.set_status(company=buyer.company, status=Company.Status.BLOCKED)
    assert company_of(request).status == "blocked"
    Membership.objects.all().delete()

    assert company_of(request) is None


def test_acting_for_another_company():
    buyer = shop.buyer()
    second = shop.company()
    Membership.objects.create(user=buyer, company=second, is_default=False)

    services.act_for(user=buyer, company=second)

    assert [m.company for m in Membership.objects.filter(user=buyer)] == [second, buyer.company]
