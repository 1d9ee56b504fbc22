"""Exemption certificates: sent by the company, decided by staff, ended by their last day; the pages for both."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from channels.audit.models import AuditEvent
from shop.companies.models import Location, Membership, Role
from shop.tax.models import ExemptionCertificate
from shop.tax.services import certificates
from tests.factories import shop as make
from tests.factories import taxes

pytestmark = pytest.mark.django_db
State = ExemptionCertificate.State
PAGE = reverse("customer:company-tax")


@pytest.fixture
def admin():
    return make.buyer(role="admin")


def sent(**values):
    return {"location": "", "country": "NO", "number": "EX-1", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
            "document": SimpleUploadedFile("c.pdf", taxes.pdf().content), **values}  # fmt: skip


def staff(*codenames):
    from django.contrib.auth.models import Permission

    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return user


def test_a_company_sends_a_certificate_and_reads_it_again(admin, client):
    client.force_login(admin)
    page = client.post(PAGE, sent(), follow=True).content.decode()
    assert "We look at your certificate and write to you." in page
    row = ExemptionCertificate.objects.get()
    assert (row.company, row.state, row.uploaded_by, row.media_type) == (
        admin.company, State.WAITING, admin, "application/pdf",
    )  # fmt: skip
    file = client.get(reverse("customer:company-tax-file", args=[row.pk]))
    assert file.content == taxes.pdf().content
    assert file["Content-Disposition"] == f'attachment; filename="exemption-{row.pk}.pdf"'


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"valid_to": "2025-12-31"}, "The last day lies before the first."),
        ({"document": SimpleUploadedFile("c.pdf", b"<html>")}, "This is not a PDF, PNG or JPEG"),
        ({"number": ""}, "This field is required."),
        ({"location": "999"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(admin, client, values, text):
    client.force_login(admin)
    answer = client.post(PAGE, sent(**values))
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not ExemptionCertificate.objects.exists()


def test_the_same_file_twice_is_one_certificate(admin):
    assert taxes.certificate(admin.company) == taxes.certificate(admin.company)
    certificates.refuse(certificate_id=ExemptionCertificate.objects.get().pk, reason="blurred", at=make.NOW, by=None)
    with pytest.raises(ValidationError, match="this document already"):
        taxes.certificate(admin.company)


def test_whoever_manages_one_place_sees_and_sends_its_own_alone(admin, client):
    works, office = (Location.objects.create(company=admin.company, name=name) for name in ("works", "office"))
    whole = taxes.certificate(admin.company, number="whole")
    other = taxes.certificate(admin.company, number="office", location=office)
    own = taxes.certificate(admin.company, number="works", location=works)
    role = Role.objects.create(code="site", name="Site", company=admin.company, grants={"manage_locations": "location"})
    manager = make.user()
    Membership.objects.create(user=manager, company=admin.company, role=role, location=works)
    client.force_login(manager)
    page = client.get(PAGE).content.decode()
    assert [number in page for number in ("whole", "works")] == [False, True]
    for row, status in ((own, 200), (whole, 404), (other, 404)):
        assert client.get(reverse("customer:company-tax-file", args=[row.pk])).status_code == status
    assert client.post(PAGE, sent(number="for all")).status_code == 422
    assert not ExemptionCertificate.objects.filter(number="for all").exists()


def test_another_companys_certificate_is_not_found(admin, client):
    row = taxes.certificate(make.company())
    client.force_login(admin)
    assert client.get(reverse("customer:company-tax-file", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_one_and_three(admin, client, count, django_assert_num_queries):
    for number in range(count):
        taxes.certificate(admin.company, number=f"EX-{number}")
    client.force_login(admin)
    client.get(PAGE)
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_staff_accept_and_the_company_is_told(admin, client, mailoutbox, django_capture_on_commit_callbacks):
    row = taxes.certificate(admin.company, by=admin)
    client.force_login(staff("view_exemptioncertificate", "change_exemptioncertificate"))
    assert "EX-" in client.get(reverse("exemption_certificates")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("exemption_accept", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == State.ACCEPTED
    assert [mail.to for mail in mailoutbox] == [[admin.email]]
    assert mailoutbox[0].subject == f"Your exemption certificate {row.number} is accepted"
    assert AuditEvent.objects.filter(verb="exemption.accepted", subject_id=str(row.pk)).count() == 1
    again = client.post(reverse("exemption_accept", args=[row.pk]), follow=True).content.decode()
    assert "This certificate has been decided in the meantime." in again


def test_staff_withdraw_what_they_accepted_with_a_reason(admin, client, mailoutbox, django_capture_on_commit_callbacks):
    row = taxes.certificate(admin.company, by=admin, accepted=True)
    client.force_login(staff("view_exemptioncertificate", "change_exemptioncertificate"))
    assert client.post(reverse("exemption_refuse", args=[row.pk]), {"reason": ""}).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("exemption_refuse", args=[row.pk]), {"reason": "It was withdrawn by the office."})
    row.refresh_from_db()
    assert (row.state, row.reason) == (State.REFUSED, "It was withdrawn by the office.")
    assert "It was withdrawn by the office." in mailoutbox[0].body


def test_whoever_may_only_look_decides_nothing(admin, client):
    row = taxes.certificate(admin.company)
    client.force_login(staff("view_exemptioncertificate"))
    for name in ("exemption_accept", "exemption_refuse"):
        client.post(reverse(name, args=[row.pk]), {"reason": "no"})
    row.refresh_from_db()
    assert row.state == State.WAITING


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_with_one_and_three(client, count, django_assert_num_queries):
    for _ in range(count):
        taxes.certificate(make.company())
    client.force_login(staff("view_exemptioncertificate", "change_exemptioncertificate"))
    client.get(reverse("exemption_certificates"))
    with django_assert_num_queries(9):
        client.get(reverse("exemption_certificates"))


def test_companies_are_reminded_once_and_the_last_day_ends_it(admin, mailoutbox, django_capture_on_commit_callbacks):
    row = taxes.certificate(admin.company, by=admin, accepted=True, valid_to=date(2026, 6, 30))
    for today, expected in (
        (date(2026, 5, 30), (0, 0)),
        (date(2026, 5, 31), (0, 1)),
        (date(2026, 6, 1), (0, 0)),
        (date(2026, 6, 30), (0, 0)),
        (date(2026, 7, 1), (1, 0)),
        (date(2026, 7, 2), (0, 0)),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            done = certificates.end_due(now=make.NOW + timedelta(days=1), today=today)
        assert tuple(done.values()) == expected, today
    row.refresh_from_db()
    assert row.state == State.EXPIRED
    assert [mail.subject for mail in mailoutbox] == [f"Your exemption certificate {row.number} ends on 30 Jun 2026"]


def test_after_its_giver_left_the_administrators_are_told(admin, mailoutbox, django_capture_on_commit_callbacks):
    gone = make.buyer(admin.company, is_active=False)
    row = taxes.certificate(admin.company, by=gone)
    with django_capture_on_commit_callbacks(execute=True):
        certificates.accept(certificate_id=row.pk, at=make.NOW, by=None)
    assert [mail.to for mail in mailoutbox] == [[admin.email]]
