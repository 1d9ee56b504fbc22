"""Registrations that nobody confirmed are forgotten; whoever confirmed, and whoever is younger, stays."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from shop.companies.models import Company, Membership
from shop.operations import schedule
from shop.registration.documents import Document
from shop.registration.models import Application, Certificate
from shop.registration.services import applications
from tests.factories import registration, shop

pytestmark = pytest.mark.django_db(transaction=True)
NOW = registration.NOW
User = get_user_model()


@pytest.fixture(autouse=True)
def _kept_for_a_week(settings):
    settings.REGISTRATION_KEEP_DAYS = 7


def purge(days, **more):
    return schedule.run_due(now=NOW + timedelta(days=days, **more))["registrations_purged"]


def test_what_nobody_confirmed_goes_after_the_days_and_nobody_is_told():
    registration.registered("old@nordvik.example.com", certificate=Document(b"%PDF-", "application/pdf"))
    confirmed = registration.confirmed("siri@fjell.example.com")
    mail.outbox.clear()

    assert (purge(7), purge(7, seconds=1), purge(8)) == (0, 1, 0)

    assert list(Application.objects.all()) == [confirmed]
    assert (User.objects.get(), Company.objects.get()) == (confirmed.applicant, confirmed.company)
    assert (Membership.objects.count(), Certificate.objects.count(), mail.outbox) == (1, 0, [])


def test_whoever_registers_again_begins_anew():
    registration.registered("siri@nordvik.example.com")
    applications.register(email="siri@nordvik.example.com", details=registration.details(), at=NOW + timedelta(days=5))

    assert (purge(8), purge(13)) == (0, 1)

    registration.registered("siri@nordvik.example.com")
    assert Application.objects.count() == 1


def test_an_account_that_staff_opened_meanwhile_stays_without_the_registration():
    application = registration.registered()
    User.objects.filter(pk=application.applicant_id).update(is_active=True)
    shop.company(name="Another")

    assert purge(8) == 1

    assert (User.objects.count(), Application.objects.count(), Company.objects.get().name) == (1, 0, "Another")
