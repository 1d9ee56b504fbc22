"""Registration, signing in, changing the e-mail address: nothing tells a stranger who has an account."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.journeys.models import CompanyProfile, Touchpoint
from shop.companies import services
from shop.companies.models import Company, Membership
from tests.factories import channels, shop

pytestmark = pytest.mark.django_db(transaction=True)
User = get_user_model()


@pytest.fixture(autouse=True)
def _country():
    shop.country("NO", "Norway")


def form(**values):
    return {
        "company_name": "Nordvik Bakeri AS",
        "country": "NO",
        "vat_id": "NO 987 654 321 MVA",
        "first_name": "Siri",
        "last_name": "Nordvik",
        "email": "siri@nordvik.example.com",
        "password1": "fjord-and-fell-7",
        "password2": "fjord-and-fell-7",
        **values,
    }


def register(client=None, **values):
    return (client or Client()).post(reverse("customer:register"), form(**values))


def link_in_mail():
    return re.search(r"http\S+(/accounts/\S+)", mail.outbox[-1].body).group(1)


def test_a_registered_company_can_order_at_once():
    client = Client()
    sent = register(client)
    user = User.objects.get()
    assert (sent.status_code, user.is_active) == (200, False)
    link = link_in_mail()

    assert client.get(link).status_code == 200
    assert User.objects.get().is_active is False  # opening the link alone confirms nothing
    confirmed = client.post(link)

    company = Company.objects.get()
    assert confirmed.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (company.name, company.vat_id, company.status) == ("Nordvik Bakeri AS", "NO987654321MVA", "approved")
    assert (company.email_domain, company.payment_terms_days) == ("nordvik.example.com", 30)
    assert Membership.objects.get().role == Membership.Role.ADMIN
    assert CompanyProfile.objects.get().key == str(company.key)


def test_a_confirmation_link_works_once():
    register()
    link = link_in_mail()
    Client().post(link)
    User.objects.update(is_active=False)  # staff close the account

    assert Client().post(link).status_code == 410
    assert User.objects.get().is_active is False


def test_approval_by_staff_when_so_configured(settings):
    settings.ACCORD_COMPANY_AUTO_APPROVE = False

    register()

    assert Company.objects.get().status == "pending"


def test_a_known_vat_id_waits_for_staff():
    shop.company(vat_id="NO987654321MVA")

    register()

    assert Company.objects.get(name="Nordvik Bakeri AS").status == "pending"


def test_a_known_address_gets_the_same_page_and_another_mail():
    shop.user("siri@nordvik.example.com")
    known = register()
    unknown = register(email="else@nordvik.example.com")

    def plain(response):
        html = re.sub(r"(siri|else)@nordvik", "x@nordvik", response.content.decode())
        return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", html)

    assert plain(known) == plain(unknown)
    assert [message.to for message in mail.outbox] == [["siri@nordvik.example.com"], ["else@nordvik.example.com"]]
    assert "already has an account" in mail.outbox[0].body
    assert Company.objects.count() == 1


def test_who_introduced_you_becomes_a_touchpoint():
    partner = channels.partner("fjordtek")
    channels.code(partner, "fjord1")

    register(introduced_by="FJORD1")

    touch = Touchpoint.objects.get()
    assert (touch.partner, touch.kind, touch.company.name) == (partner, "introduction", "Nordvik Bakeri AS")


def test_an_unknown_code_is_told_and_nothing_is_made():
    response = register(introduced_by="nobody")

    assert "We do not know this code" in response.content.decode()
    assert (User.objects.count(), Company.objects.count(), len(mail.outbox)) == (0, 0, 0)


@pytest.mark.parametrize(
    "values",
    [{"vat_id": "??"}, {"password1": "12345678", "password2": "12345678"}, {"password2": "other"}, {"country": "XX"}],
)
def test_bad_input_makes_nothing(values):
    response = register(**values)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert User.objects.count() == 0


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


def test_anothers_address_is_neither_taken_nor_told():
    shop.user("taken@nordvik.example.com")
    buyer = shop.buyer(email="siri@nordvik.example.com")
    client = Client()
    sign_in(client, buyer.email)

    response = profile(client, email="taken@nordvik.example.com", current_password="fjord-and-fell-7")

    assert response.status_code == 302
    assert User.objects.filter(email="taken@nordvik.example.com").count() == 1
    assert mail.outbox[0].to == ["taken@nordvik.example.com"]
    assert "already has an account" in mail.outbox[0].body


def test_a_get_does_not_sign_out():
    client = Client()
    sign_in(client, shop.buyer().email)

    client.get(reverse("customer:logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("customer:logout"))

    assert "_auth_user_id" not in client.session


def test_the_company_costs_one_query_per_session_and_none_for_visitors(rf):
    from shop.companies.selectors import company_key_of

    buyer = shop.buyer()
    request, visitor = rf.get("/"), rf.get("/")
    client = Client()
    client.force_login(buyer)
    request.session, visitor.session = client.session, Client().session
    request.session["warm"] = True

    counts = []
    for asked in (request, request, visitor):
        with CaptureQueriesContext(connection) as queries:
            key = company_key_of(asked)
        counts.append((len(queries), key))

    key = str(buyer.company.key)
    assert counts == [(1, key), (0, key), (0, "")]


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


def test_the_confirmation_pages_let_their_form_name_its_origin():
    """With `no-referrer` a browser sends `Origin: null`, which the CSRF check refuses."""
    register()

    page = Client().get(link_in_mail()).content.decode()

    assert 'name="referrer" content="same-origin"' in page


def test_registering_again_before_confirming_replaces_the_first_try():
    """Whoever registers a foreign address first must not get in when its owner registers and confirms."""
    register(company_name="Intruder AS", password1="intruders-own-8", password2="intruders-own-8")
    first_link = link_in_mail()
    register()
    second_link = link_in_mail()

    assert Client().post(first_link).status_code == 410
    assert Client().post(second_link).status_code == 302

    user = User.objects.get()
    assert (user.is_active, user.check_password("fjord-and-fell-7")) == (True, True)
    assert Company.objects.get().name == "Nordvik Bakeri AS"
    assert Membership.objects.get().is_confirmed is True


def test_an_account_closed_by_staff_is_not_opened_by_registering():
    shop.user("siri@nordvik.example.com", is_active=False)

    register()

    assert "already has an account" in mail.outbox[0].body
    assert (User.objects.get().is_active, Company.objects.count()) == (False, 0)


def test_the_wanted_page_survives_the_mail():
    register(redirect_url="/checkout/?a=1&b=2")

    assert Client().post(link_in_mail()).url == "/checkout/?a=1&b=2"
