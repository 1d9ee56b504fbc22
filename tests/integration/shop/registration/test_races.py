"""Two who decide at once. The race has a twin that shows what would happen without the lock."""

from typing import Any
from unittest import mock

import pytest
from django.contrib.auth import get_user_model

from shop.companies.capabilities import StandardRole
from shop.companies.models import Company, Membership, Role
from shop.registration.models import Application, JoinRequest
from shop.registration.services import applications, joins, steps
from shop.registration.services.applications import Terms
from tests.factories import registration, shop
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = registration.NOW


@pytest.fixture(autouse=True)
def _by_staff(settings: Any) -> None:
    settings.ACCORD_COMPANY_AUTO_APPROVE = False


def approve(application: Application, by: Any) -> str:
    return applications.approve(application_id=application.pk, terms=Terms(), at=NOW, by=by).state


def reject(application: Application, by: Any) -> str:
    return applications.reject(application_id=application.pk, reason="No.", at=NOW, by=by).state


def decisions(application: Application) -> list[str]:
    return list(application.events.exclude(step="confirm").values_list("step", flat=True))


def test_of_those_who_decide_at_once_one_does() -> None:
    application, people = registration.confirmed(), [shop.user(is_staff=True) for _ in range(4)]
    acts = [reject, reject, reject, reject]

    outcomes = race(4, lambda n: acts[n](application, people[n]))

    assert values(outcomes) == ["rejected"]
    assert [type(error) for error in errors(outcomes)] == [steps.NotPossible] * 3
    assert decisions(application) == ["reject"]


def test_without_the_lock_both_decide() -> None:
    """The twin: both find an application that waits."""
    application, people = registration.confirmed(), [shop.user(is_staff=True) for _ in range(2)]

    def read(application_id: int) -> Application:
        return Application.objects.select_related("company", "applicant").get(pk=application_id)

    with (
        mock.patch.object(steps, "_locked", read),
        together("shop.registration.services.steps._locked", patience=5),
    ):
        outcomes = race(2, lambda n: (approve, reject)[n](application, people[n]))

    assert sorted(values(outcomes)) == ["approved", "rejected"]
    assert sorted(decisions(application)) == ["approve", "reject"]


def register_twice() -> list[str]:
    """Two sessions register one address for the first time; return who is registered then."""
    shop.country("NO")

    def register(number: int) -> str:
        details = registration.details(first_name=f"Siri {number}")
        return applications.register(email="siri@nordvik.example.com", details=details, at=NOW)

    with together("shop.registration.services.applications.unconfirmed", patience=1.5):
        assert errors(race(2, register)) == []
    return list(Application.objects.values_list("applicant__email", flat=True))


def test_two_first_registrations_of_one_address_are_one() -> None:
    assert register_twice() == ["siri@nordvik.example.com"]
    assert (get_user_model().objects.count(), Company.objects.count()) == (1, 1)


def test_twin_without_the_turn_both_are_kept() -> None:
    with mock.patch("shop.registration.services.turns.wait_for"):
        assert register_twice() == ["siri@nordvik.example.com"] * 2


def confirm_twice() -> list[str]:
    """Two people of one company confirm at once, where nobody has to approve."""
    with mock.patch("shop.registration.services.applications.settings.ACCORD_COMPANY_AUTO_APPROVE", True):
        people = [registration.registered(f"{name}@nordvik.example.com").applicant for name in ("siri", "ole")]
        with together("shop.registration.services.applications.approve", patience=1.5):
            assert errors(race(2, lambda n: applications.confirm(user=people[n], at=NOW))) == []
    return sorted(Application.objects.values_list("state", flat=True))


def test_of_two_alike_that_are_confirmed_at_once_the_second_is_a_duplicate() -> None:
    assert confirm_twice() == ["approved", "waiting"]
    assert JoinRequest.objects.count() == 1


def test_twin_without_the_turn_both_are_customers() -> None:
    with mock.patch("shop.registration.services.turns.wait_for"):
        assert confirm_twice() == ["approved", "approved"]
    assert JoinRequest.objects.count() == 0


def test_staff_and_an_administrator_at_once_come_to_one_decision() -> None:
    boss = shop.buyer(shop.company(vat_id="NO999000118MVA"), role=StandardRole.ADMIN)
    application = registration.confirmed(vat_id="NO999000118MVA")
    request, buyer = JoinRequest.objects.get(), Role.objects.get(pk="buyer")
    acts = [
        lambda: approve(application, shop.user(is_staff=True)),
        lambda: joins.accept(request_id=request.pk, role=buyer, at=NOW, by=boss).state,
    ]

    outcomes = race(2, lambda n: acts[n]())

    assert [type(error) for error in errors(outcomes)] == [steps.NotPossible]
    application.refresh_from_db()
    request.refresh_from_db()
    company = Membership.objects.get(user=application.applicant).company
    ends = {
        "approved": ("approved", "overtaken", application.company),
        "accepted": ("joined", "accepted", boss.company),
    }
    assert (application.state, request.state, company) == ends[values(outcomes)[0]]
