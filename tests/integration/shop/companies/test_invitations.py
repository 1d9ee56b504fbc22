"""Inviting people, and their answer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse

from shop.companies.models import Invitation, Membership
from tests.factories import shop

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NEW = {"first_name": "Liv", "last_name": "Dal", "password": "fjord-and-fell-7"}


@pytest.fixture
def admin() -> Any:
    return shop.buyer(role="admin")


def browser(user: Any = None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def invite(admin: Any, callbacks: Any, email: str = "liv@example.com", role: str = "buyer") -> str:
    """Invite by the page; return the path in the mail."""
    with callbacks(execute=True):
        answer = browser(admin).post(reverse("customer:company-people"), {"email": email, "role": role})
    assert answer.status_code == 302
    return link()


def link() -> str:
    found = re.search(r"/accounts/invitation/\S+", mail.outbox[-1].body)
    assert found
    return found[0]


def test_somebody_new_makes_an_account_and_joins(admin: Any, django_capture_on_commit_callbacks: Any) -> None:
    path = invite(admin, django_capture_on_commit_callbacks)
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (
        ["liv@example.com"],
        f"Join {admin.company} at Nordlys Instruments",
    )
    client = browser()
    assert "Create my account and join" in client.get(path).content.decode()
    assert not get_user_model().objects.filter(email="liv@example.com").exists()

    assert client.post(path, {**NEW, "password": "short"}).status_code == 422
    assert client.post(path, NEW).status_code == 302

    membership = Membership.objects.get(user__email="liv@example.com")
    assert (membership.company, membership.role_id, membership.user.first_name) == (admin.company, "buyer", "Liv")
    assert client.session["company"]["key"] == str(admin.company.key)
    assert (client.get(path).status_code, client.post(path, NEW).status_code) == (410, 410)


def test_somebody_with_an_account_signs_in_first(admin: Any, django_capture_on_commit_callbacks: Any) -> None:
    known = shop.buyer(email="liv@example.com")
    path = invite(admin, django_capture_on_commit_callbacks, role="viewer")

    assert browser().post(path).url.startswith("/accounts/login/?next=/accounts/invitation/")
    assert browser(shop.buyer()).post(path).status_code == 403
    client = browser(known)
    assert "Accept" in client.get(path).content.decode()
    assert client.post(path).status_code == 302

    places = {place.company: place.role_id for place in known.memberships.all()}
    assert places == {known.company: "buyer", admin.company: "viewer"}
    assert known.memberships.get(is_default=True).company == known.company


def test_who_left_comes_back_by_an_invitation(admin: Any, django_capture_on_commit_callbacks: Any) -> None:
    gone = shop.buyer(admin.company, email="liv@example.com")
    gone.memberships.update(is_active=False)
    path = invite(admin, django_capture_on_commit_callbacks, role="viewer")
    browser(gone).post(path)
    assert list(gone.memberships.values_list("role", "is_active")) == [("viewer", True)]


def test_a_link_ends_by_time_by_a_newer_one_and_by_withdrawal(
    admin: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        first = invite(admin, django_capture_on_commit_callbacks)
        act = reverse("customer:company-invitation", args=[Invitation.objects.get().pk])
        clock.shift(timedelta(hours=1))
        with django_capture_on_commit_callbacks(execute=True):
            browser(admin).post(act, {"resend": "1"})
        second = link()
        assert [browser().get(path).status_code for path in (first, second)] == [410, 200]
        clock.shift(timedelta(days=7))
        assert browser().post(second, NEW).status_code == 410
        with django_capture_on_commit_callbacks(execute=True):
            browser(admin).post(act, {"resend": "1"})
        third = link()
        assert browser().get(third).status_code == 200
        browser(admin).post(act, {"withdraw": "1"})
        assert browser().post(third, NEW).status_code == 410
        assert browser(admin).post(act, {"resend": "1"}).status_code == 404
    assert not get_user_model().objects.filter(email="liv@example.com").exists()


def test_inviting_twice_is_one_invitation_and_a_colleague_is_none(
    admin: Any, django_capture_on_commit_callbacks: Any
) -> None:
    invite(admin, django_capture_on_commit_callbacks)
    invite(admin, django_capture_on_commit_callbacks, "LIV@example.com", role="viewer")
    assert Invitation.objects.get().role_id == "viewer"
    answer = browser(admin).post(reverse("customer:company-people"), {"email": admin.email, "role": "buyer"})
    assert (answer.status_code, Invitation.objects.count()) == (422, 1)
    assert "belongs to your company already" in answer.content.decode()


def test_another_companys_invitation_is_not_found(admin: Any, django_capture_on_commit_callbacks: Any) -> None:
    invite(admin, django_capture_on_commit_callbacks)
    other = browser(shop.buyer(role="admin"))
    path = reverse("customer:company-invitation", args=[Invitation.objects.get().pk])
    assert other.post(path, {"withdraw": "1"}).status_code == 404
    assert Invitation.objects.get().withdrawn_at is None


def test_a_forged_link_shows_nothing() -> None:
    assert browser().get(reverse("customer:invitation", args=["forged"])).status_code == 410
