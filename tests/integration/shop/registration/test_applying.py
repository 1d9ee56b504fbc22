"""Applying for an account: what is checked, who is told what, and that nobody learns who has an account."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from channels.journeys.models import CompanyProfile, Touchpoint
from shop.companies.models import Company, Membership
from shop.registration import documents
from shop.registration.models import Application, Certificate
from shop.registration.services import applications
from tests.factories import channels, registration, shop

pytestmark = pytest.mark.django_db(transaction=True)
User = get_user_model()


@pytest.fixture(autouse=True)
def _country():
    shop.country("NO", "Norway")


def form(**values):
    return {
        "company_name": "Nordvik Bakeri AS",
        "country": "NO",
        "vat_id": "NO 999 000 118 MVA",
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
    assert (company.name, company.vat_id, company.status) == ("Nordvik Bakeri AS", "NO999000118MVA", "approved")
    assert (company.email_domain, company.payment_terms_days) == ("nordvik.example.com", 30)
    assert Membership.objects.get().role_id == "admin"
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


def test_a_duplicate_that_nobody_can_let_in_waits_for_staff():
    shop.company(vat_id="NO999000118MVA")

    register()
    client = Client()
    client.post(link_in_mail())
    page = client.get("/catalogue/")

    assert Company.objects.get(name="Nordvik Bakeri AS").status == "pending"
    assert Application.objects.get().state == "waiting"
    assert "We are checking your company" in page.content.decode()


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
    Client().post(link_in_mail())

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


# --- VAT ids ---------------------------------------------------------------------------------------------------------


def test_a_vat_id_is_checked_by_the_rules_of_the_country():
    page = register(vat_id="NO 999 000 117 MVA")

    assert page.context["form"].errors["vat_id"] == [
        "Its check digits do not fit: a digit is mistyped. Compare it with a letterhead."
    ]
    assert Company.objects.count() == 0


# --- documents -------------------------------------------------------------------------------------------------------


def picture(kind="PNG", size=(20, 20)):
    data = BytesIO()
    Image.new("1" if kind == "PNG" else "L", size).save(data, kind)
    return data.getvalue()


PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, "application/pdf"), (picture(), "image/png"), (picture("JPEG"), "image/jpeg")],
)
def test_a_certificate_is_kept_as_what_it_is_whatever_it_is_called(content, media_type):
    register(certificate=SimpleUploadedFile("certificate.exe", content, "text/html"))

    kept = Certificate.objects.get()
    assert (bytes(kept.content), kept.media_type, kept.size) == (content, media_type, len(content))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<script>alert(1)</script>", "This is not a PDF, PNG or JPEG that we can open. Send one of these."),
        (picture("GIF"), "This is not a PDF, PNG or JPEG that we can open. Send one of these."),
        (picture()[:60], "This is not a PDF, PNG or JPEG that we can open. Send one of these."),
        (b"%PDF-1.7\n1 0 obj", "This PDF is cut off. Save it again and try once more."),
        (picture(size=(8000, 5001)), "The picture has more than 40 million pixels. Make it smaller and try again."),
        (
            b"%PDF-" + bytes(documents.LARGEST),
            "The file is larger than 5 MB. Scan it with fewer dots per inch and try again.",
        ),
    ],
)
def test_what_is_no_certificate_is_refused_and_makes_nothing(content, problem):
    page = register(certificate=SimpleUploadedFile("certificate.pdf", content, "application/pdf"))

    assert page.context["form"].errors["certificate"] == [problem]
    assert (Application.objects.count(), Certificate.objects.count(), len(mail.outbox)) == (0, 0, 0)


# --- who introduced them ---------------------------------------------------------------------------------------------


def test_a_partner_picked_from_the_list_introduces_as_well():
    channels.partner("fjordtek", name="Fjordtek", is_listed=True)

    register(introducer="fjordtek")
    Client().post(link_in_mail())

    assert [(touch.partner.code, touch.kind) for touch in Touchpoint.objects.all()] == [("fjordtek", "introduction")]


def test_the_form_begins_with_the_partner_that_the_browser_came_through_last():
    client = Client()
    other, last = channels.partner("other", is_listed=True), channels.partner("last", is_listed=True)
    client.post(reverse("consent"), {"choice": "all"})
    key = client.get(reverse("customer:register")).wsgi_request.visitor_key
    for partner, days in ((last, 0), (other, 2)):
        channels.touch(partner, shop.NOW - timedelta(days=days), visitor_key=key, company_key="")

    form = client.get(reverse("customer:register")).context["form"]

    assert key
    assert (form.initial["introducer"], form.initial["introduced_by"]) == ("last", "")


def test_nothing_is_told_of_whoever_never_confirms():
    channels.code(channels.partner("fjordtek"), "fjord1")

    register(introduced_by="fjord1")

    assert (Touchpoint.objects.count(), CompanyProfile.objects.count()) == (0, 0)


# --- confirming ------------------------------------------------------------------------------------------------------


def test_two_confirmations_at_once_confirm_once(settings):
    settings.ACCORD_COMPANY_AUTO_APPROVE = False
    application = registration.registered()
    applications.confirm(user=application.applicant, at=registration.NOW)

    with pytest.raises(Application.DoesNotExist):
        applications.confirm(user=application.applicant, at=registration.NOW)

    assert list(application.events.values_list("step", "to_state")) == [("confirm", "waiting")]
