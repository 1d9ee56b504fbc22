"""The staff's queue: what it shows, deciding, asking for more, and what the applicant sees of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.journeys.models import CompanyProfile, DealProtection, Touchpoint
from shop.companies.models import Company
from shop.credit.models import CreditAccount
from shop.pricing.models import PriceList, PriceListAssignment
from shop.registration.models import Application, ApplicationEvent, Certificate, VatCheck
from shop.registration.services import applications, steps
from shop.segments.models import CustomerGroup, GroupMember
from tests.factories import channels, registration, shop

pytestmark = pytest.mark.django_db(transaction=True)
NOW, State = registration.NOW, Application.State
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def _by_staff(settings: Any) -> Any:
    settings.ACCORD_COMPANY_AUTO_APPROVE = False
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        yield


def staff(*codenames: str) -> Client:
    user = shop.user(is_staff=True, first_name="Ada", last_name="Desk")
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return signed_in(user)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


@pytest.fixture
def desk() -> Client:
    return staff("view_application", "change_application", "view_certificate")


def decide(client: Client, application: Application, step: str, seen: int | None = None, **data: Any) -> Any:
    seen = steps.latest_event(application) if seen is None else seen
    values = {f"{step}-{name}": value for name, value in data.items()}
    url = reverse("registration_step", kwargs={"pk": application.pk, "step": step})
    return client.post(url, {"seen": seen, **values}, follow=True)


def state_of(application: Application) -> tuple[str, str]:
    application.refresh_from_db()
    application.company.refresh_from_db()
    return application.state, application.company.status


# --- what the queue shows --------------------------------------------------------------------------------------------


def test_the_queue_tells_age_vat_check_duplicates_and_who_else_has_a_say(desk: Client) -> None:
    named, other = channels.partner("fjordtek", name="Fjordtek"), channels.partner("polar", name="Polar Supply")
    shop.company(name="Nordvik Gruppen", email_domain="nordvik.example.com")
    profile = CompanyProfile.objects.create(key="old", name="Nordvik", country="NO", email_domain="nordvik.example.com")
    DealProtection.objects.create(
        key="deal", company=profile, partner=other, protected_from=NOW, protected_until=NOW + timedelta(days=90)
    )
    registration.confirmed(
        "siri@nordvik.example.com", vat_id="NO999000118MVA", introducer=registration.introduced_by(named)
    )
    VatCheck.objects.update(result="valid", source="Fake", checked_at=NOW, registered_name="NORDVIK BAKERI")

    row = desk.get(reverse("registrations")).context["rows"][0]

    assert (row.days, row.vat_check.result, [company.name for company in row.duplicates]) == (
        3,
        "valid",
        ["Nordvik Gruppen"],
    )
    assert [(claim.partner_code, claim.label) for claim in row.claims] == [("polar", "Deal protection")]
    assert row.is_contested is True


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Alfa", "Beta", "Gamma"]),
        ({"state": "asked"}, ["Asked"]),
        ({"state": "all"}, ["Alfa", "Beta", "Gamma", "Asked"]),
        ({"country": "DE"}, ["Beta"]),
        ({"vat": "invalid"}, ["Beta"]),
        ({"vat": "unchecked"}, ["Alfa", "Gamma"]),
        ({"duplicates": "on"}, ["Gamma"]),
        ({"q": "alf"}, ["Alfa"]),
        ({"q": "de999"}, ["Beta"]),
        ({"state": "nonsense", "country": "??"}, ["Alfa", "Beta", "Gamma"]),
    ],
)
def test_the_queue_is_filtered(desk: Client, query: dict[str, str], names: list[str]) -> None:
    shop.company(email_domain="gamma.example.com")
    registration.confirmed(company_name="Alfa")
    registration.confirmed(company_name="Beta", country="DE", vat_id="DE999000009")
    registration.confirmed("x@gamma.example.com", company_name="Gamma")
    asked = registration.confirmed(company_name="Asked")
    applications.ask(application_id=asked.pk, question="?", at=NOW, by=shop.user())
    registration.registered(company_name="Unconfirmed")
    VatCheck.objects.update(result="invalid", checked_at=NOW)

    page = desk.get(reverse("registrations"), query)

    assert [row.company.name for row in page.context["rows"]] == names


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_takes_as_many_queries_for_three_as_for_one(desk: Client, rows: int) -> None:
    shop.company(email_domain="nordvik.example.com")
    partner = channels.partner("fjordtek")
    for number in range(rows):
        registration.confirmed(
            f"siri{number}@nordvik.example.com", vat_id="NO999000118MVA",
            introducer=registration.introduced_by(partner),
        )  # fmt: skip
    url = reverse("registrations")
    desk.get(url)

    with CaptureQueriesContext(connection) as queries:
        desk.get(url)

    assert len(queries) == 15


# --- deciding --------------------------------------------------------------------------------------------------------


def test_an_approval_settles_the_terms_and_credits_the_introduction(desk: Client) -> None:
    partner = channels.partner("fjordtek", name="Fjordtek")
    application = registration.confirmed(introducer=registration.introduced_by(partner))
    group = CustomerGroup.objects.create(code="bakers", name="Bakers")
    rep = shop.user("rep@nordlys.example.com", is_staff=True, first_name="Rolf", last_name="Rep")

    price_list = PriceList.objects.create(code="bakers", name="Bakers", currency="EUR")

    decide(desk, application, "approve", payment_terms_days=14, po_required="on", group=group.pk, sales_rep=rep.pk,
           payment_methods=["invoice", "card"], credit_limit="2500.00", credit_currency="NOK",
           price_list=price_list.pk, credits_introduction="on")  # fmt: skip

    assert state_of(application) == ("approved", "approved")
    company = application.company
    assert (company.payment_terms_days, company.po_required, company.sales_rep) == (14, True, rep)
    assert company.payment_methods == ["invoice", "card"]
    account = CreditAccount.objects.get(company=company)
    assert (account.currency, account.limit, account.balance) == ("NOK", Decimal("2500.00"), Decimal("0.00"))
    given = PriceListAssignment.objects.get()
    assert (given.price_list, given.company) == (price_list, company)
    member = GroupMember.objects.get()
    assert (member.group, member.company, member.is_by_hand, member.added_by.first_name) == (
        group,
        company,
        True,
        "Ada",
    )
    touch = Touchpoint.objects.get()
    assert (touch.partner, touch.kind, touch.at, touch.company.key) == (partner, "introduction", NOW, str(company.key))
    event = application.events.latest("pk")
    assert (event.step, event.by.first_name, event.data["credit_limit"]) == ("approve", "Ada", "2500.00")
    assert [(message.to, message.subject) for message in mail.outbox[1:]] == [
        ([application.applicant.email], "Nordvik Bakeri AS can order at Nordlys Instruments")
    ]
    assert "Your contact is Rolf Rep, rep@nordlys.example.com." in mail.outbox[-1].body
    page = signed_in(application.applicant).get(reverse("customer:company")).content.decode()
    assert 'href="mailto:rep@nordlys.example.com"' in page
    assert "On invoice, Card" in page


def test_without_a_credit_limit_none_is_agreed(desk: Client) -> None:
    application = registration.confirmed()

    refused = decide(desk, application, "approve", payment_terms_days=30, credit_limit="-1", credit_currency="kr")
    assert "Three capital letters, such as EUR." in refused.content.decode()
    assert state_of(application) == ("waiting", "pending")
    decide(desk, application, "approve", payment_terms_days=30)

    company = Company.objects.get(pk=application.company_id)
    assert (company.sales_rep, CreditAccount.objects.count()) == (None, 0)
    assert PriceListAssignment.objects.count() == 0


def test_an_introduction_that_staff_leave_out_is_not_credited(desk: Client) -> None:
    application = registration.confirmed(introducer=registration.introduced_by(channels.partner("fjordtek")))

    decide(desk, application, "approve", payment_terms_days=30)

    assert state_of(application) == ("approved", "approved")
    assert Touchpoint.objects.count() == 0


def test_a_rejection_takes_a_reason_and_tells_it(desk: Client) -> None:
    application = registration.confirmed()

    refused = decide(desk, application, "reject", text="")
    assert "This field is required." in refused.content.decode()
    assert state_of(application) == ("waiting", "pending")
    decide(desk, application, "reject", text="We only sell to bakeries.")

    assert state_of(application) == ("rejected", "rejected")
    assert "We only sell to bakeries." in mail.outbox[-1].body
    page = signed_in(application.applicant).get(reverse("customer:application")).content.decode()
    assert "We only sell to bakeries." in page
    assert "We could not approve your company" in page


def test_a_question_is_answered_on_a_page_with_a_login_and_comes_back(desk: Client) -> None:
    application = registration.confirmed()
    decide(desk, application, "ask", text="Who signs for you?")
    assert state_of(application) == ("asked", "pending")
    assert reverse("customer:application") in mail.outbox[-1].body
    url, applicant = reverse("customer:application"), signed_in(application.applicant)
    assert "Who signs for you?" in applicant.get(url).content.decode()

    applicant.post(url, {"text": "Siri does.", "document": SimpleUploadedFile("paper.pdf", PDF)})

    assert state_of(application) == ("waiting", "pending")
    assert [(row.media_type, bytes(row.content)) for row in Certificate.objects.all()] == [("application/pdf", PDF)]
    assert "Siri does." in desk.get(reverse("registration", kwargs={"pk": application.pk})).content.decode()
    again = applicant.post(url, {"text": "And once more."}, follow=True)
    assert "There is nothing to answer any more." in again.content.decode()
    assert list(application.events.values_list("step", flat=True)) == ["confirm", "ask", "answer"]


def test_a_decision_on_an_old_page_is_not_taken(desk: Client) -> None:
    application = registration.confirmed()
    seen = steps.latest_event(application)
    applications.ask(application_id=application.pk, question="?", at=NOW, by=shop.user())

    page = decide(desk, application, "approve", seen=seen, payment_terms_days=30)

    assert "has been changed in the meantime" in page.content.decode()
    assert state_of(application) == ("asked", "pending")


def test_who_was_rejected_can_be_approved_after_all_and_who_is_approved_not_rejected(desk: Client) -> None:
    application = registration.confirmed()
    decide(desk, application, "reject", text="No.")
    decide(desk, application, "approve", payment_terms_days=30)
    decide(desk, application, "reject", text="Late.")

    assert state_of(application) == ("approved", "approved")
    assert list(application.events.values_list("step", flat=True)) == ["confirm", "reject", "approve"]


def test_events_are_never_changed() -> None:
    registration.confirmed()

    with pytest.raises(IntegrityError), transaction.atomic():
        ApplicationEvent.objects.update(text="other")


# --- who may ---------------------------------------------------------------------------------------------------------


def test_who_may_only_look_neither_decides_nor_opens_documents() -> None:
    application = registration.confirmed()
    applications.ask(application_id=application.pk, question="?", at=NOW, by=shop.user())
    document = applications.Document(PDF, "application/pdf")
    applications.answer(application_id=application.pk, text="!", document=document, at=NOW)
    certificate = Certificate.objects.get()
    url = reverse("registration_certificate", kwargs={"pk": application.pk, "certificate": certificate.pk})
    looking = staff("view_application")

    page = looking.get(reverse("registration", kwargs={"pk": application.pk})).content.decode()

    assert "application/pdf" in page
    assert url not in page
    assert looking.get(url, headers={"accept": "text/html"}).status_code in {302, 403}
    assert decide(looking, application, "approve", payment_terms_days=30).redirect_chain
    assert state_of(application) == ("waiting", "pending")
    assert signed_in(application.applicant).get(url).status_code in {302, 403}


def test_a_document_is_saved_and_never_shown(desk: Client) -> None:
    application = registration.confirmed(certificate=applications.Document(PDF, "application/pdf"))
    certificate = Certificate.objects.get()
    here = {"pk": application.pk, "certificate": certificate.pk}

    answer = desk.get(reverse("registration_certificate", kwargs=here))

    assert answer.content == PDF
    assert answer.headers["Content-Disposition"] == f'attachment; filename="certificate-{certificate.pk}.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private, no-store")
    other = {**here, "pk": registration.confirmed().pk}
    assert desk.get(reverse("registration_certificate", kwargs=other)).status_code == 404


# --- what the applicant sees -----------------------------------------------------------------------------------------


def test_who_waits_sees_that_we_are_checking_and_what_they_told_us() -> None:
    application = registration.confirmed(vat_id="NO999000118MVA")
    client = signed_in(application.applicant)

    overview, page = (
        client.get(reverse(name)).content.decode() for name in ("customer:summary", "customer:application")
    )

    assert "We are checking your company" in overview
    assert "We are checking your company" in page
    assert "NO999000118MVA" in page
    assert "Send the answer" not in page


def test_who_never_applied_has_no_such_page() -> None:
    answer = signed_in(shop.buyer()).get(reverse("customer:application"))

    assert (answer.status_code, answer.url) == (302, "/")
