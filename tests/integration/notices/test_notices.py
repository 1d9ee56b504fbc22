"""What partners are told: once, in their language, to those whom it concerns, and again when the mail was lost."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy

from channels.notices import services
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner, PartnerMember
from shop.operations import schedule
from tests.factories import channels as make
from tests.integration.portal.reading import page

pytestmark = pytest.mark.django_db

NOON, days = make.NOON, make.days


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def told(of: ChannelPartner, key: str = "k1", **values: Any) -> Notice:
    defaults: dict[str, Any] = {
        "kind": "test", "subject": "Order %(number)s", "body": "About order %(number)s.", "params": {"number": "ORD-1"},
        "path": "/portal/orders/", "at": NOON,
    }  # fmt: skip
    return services.tell(partner_id=of.pk, key=key, **{**defaults, **values})


def browser(of: PartnerMember) -> Client:
    client = Client()
    client.force_login(of.user)
    return client


def mailed() -> list[tuple[str, str]]:
    return sorted((message.to[0], message.subject) for message in mail.outbox)


def test_a_notice_is_kept_once_and_mailed_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    anna = make.partner("anna")
    make.member(anna, "owner", email="owner@anna.example.com", first_name="Ann", last_name="Owner")
    with django_capture_on_commit_callbacks(execute=True):
        first = told(anna)
        assert mail.outbox == []
        assert told(anna, subject="Something else").pk == first.pk

    assert Notice.objects.count() == 1
    assert mailed() == [("owner@anna.example.com", "Order ORD-1")]
    assert mail.outbox[0].body == (
        "Hello Ann Owner,\n\nAbout order ORD-1.\n\nhttp://127.0.0.1:8000/portal/orders/\n\n"
        "You get this message because you work for Anna. All messages are on your partner portal under"
        ' "Notices".\n\nNordlys Instruments\n'
    )


def test_nothing_is_told_when_the_transaction_fails(django_capture_on_commit_callbacks: Any) -> None:
    anna = make.partner("anna")
    make.member(anna)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        told(anna)
        transaction.set_rollback(True)
    assert (Notice.objects.count(), mail.outbox) == (0, [])


@pytest.mark.parametrize(
    ("audience", "roles"), [("all", "finance owner sales"), ("finance", "finance owner"), ("owner", "owner")]
)
def test_each_role_is_told_and_reads_what_concerns_it(audience: str, roles: str) -> None:
    anna = make.partner("anna")
    people = {role: make.member(anna, role, email=f"{role}@example.com") for role in ("owner", "finance", "sales")}
    gone = make.member(anna, "owner", email="gone@example.com")
    PartnerMember.objects.filter(pk=gone.pk).update(is_active=False)
    make.member(make.partner("berta"), "owner", email="berta@example.com")

    assert services.mail(notice_id=told(anna, audience=audience).pk, now=NOON)

    assert [to.split("@")[0] for to, _ in mailed()] == roles.split()
    for role, person in people.items():
        assert ("About order ORD-1." in page(browser(person), "notices")) == (role in roles.split()), role


def test_each_reads_in_the_own_language() -> None:
    anna = make.partner("anna")
    for language in ("en", "nb"):
        member = make.member(anna, email=f"{language}@example.com")
        PartnerMember.objects.filter(pk=member.pk).update(language=language)
    # Any sentence that is translated already.
    notice = told(anna, subject=gettext_lazy("Your partnership is suspended"), body="100 % yours", params=None)
    assert notice.subject == "Your partnership is suspended"

    services.mail(notice_id=notice.pk, now=NOON)

    subjects = dict(mailed())
    assert subjects["en@example.com"] == "Your partnership is suspended"
    assert subjects["nb@example.com"] not in ("", subjects["en@example.com"])
    assert {message.to[0]: "/nb/portal/orders/" in message.body for message in mail.outbox} == {
        "en@example.com": False,
        "nb@example.com": True,
    }
    assert "100 % yours" in mail.outbox[0].body


def test_a_sign_in_keeps_the_language_and_a_visit_writes_nothing() -> None:
    member = make.member(make.partner("anna"), "sales")
    client = Client()
    client.post(
        "/nb/accounts/login/",
        {"login-username": member.user.email, "login-password": "correct-horse-9", "login_submit": "1"},
    )
    member.refresh_from_db()
    assert member.language == "nb"
    client.get("/portal/")
    member.refresh_from_db()
    assert member.language == "nb"


def test_a_lost_mail_is_found_and_each_person_gets_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    anna = make.partner("anna")
    for number in (1, 2):
        make.member(anna, email=f"{number}@example.com")
    notice = told(anna)  # the test's transaction never commits, so its task is lost
    send, calls = services.send_mail, []

    def fails_once(*args: Any) -> None:
        calls.append(args[3][0])
        if len(calls) == 2:
            raise ConnectionError("mail server")
        send(*args)

    monkeypatch.setattr(services, "send_mail", fails_once)
    assert schedule.heal(now=NOON)["mailed"] == 0
    assert [to for to, _ in mailed()] == ["1@example.com"]
    assert schedule.heal(now=NOON + timedelta(seconds=30))["mailed"] == 0  # it waits a minute
    assert len(calls) == 2

    assert schedule.heal(now=NOON + timedelta(minutes=1))["mailed"] == 1
    assert schedule.heal(now=NOON + timedelta(minutes=9))["mailed"] == 0
    assert [to for to, _ in mailed()] == ["1@example.com", "2@example.com"]
    notice.refresh_from_db()
    assert (notice.mail_attempts, notice.mailed_at) == (2, NOON + timedelta(minutes=1))


def test_what_is_told_of_long_ago_is_not_mailed() -> None:
    anna = make.partner("anna")
    make.member(anna)
    told(anna, at=NOON - days(7))
    assert (services.mail_waiting(now=NOON), mail.outbox) == (0, [])


def test_two_at_once_mail_once() -> None:
    anna = make.partner("anna")
    make.member(anna)
    notice = told(anna)
    Notice.objects.update(mail_leased_until=NOON + timedelta(minutes=10))  # the other has it in hand
    assert not services.mail(notice_id=notice.pk, now=NOON)
    assert mail.outbox == []
    assert services.mail(notice_id=notice.pk, now=NOON + timedelta(minutes=10))  # and died with it


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_page_says_so_when_there_is_nothing() -> None:
    text = page(browser(make.member(make.partner("anna"))), "notices")
    assert "There is nothing to tell yet" in text
    assert "Mark all as read" not in text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(rows: int) -> None:
    from tests.integration.portal.reading import portal_queries

    anna = make.partner("anna")
    for number in range(rows):
        told(anna, key=f"k{number}")
    assert len(portal_queries(browser(make.member(anna)), "notices")) == 3  # the member, the count, the notices


def test_reading_takes_a_post_and_counts_down() -> None:
    anna = make.partner("anna")
    client = browser(make.member(anna, "finance"))
    first, second = told(anna), told(anna, key="k2")
    told(anna, key="k3", audience="owner")
    assert "Notices: 2 unread" in page(client, "notices")
    assert Notice.objects.filter(read_at__isnull=True).count() == 3

    opened = client.post(reverse("portal:notices-read"), {"notice": first.pk})
    assert opened["Location"] == "/portal/orders/"
    assert "Notices: 1 unread" in page(client, "dashboard")

    client.post(reverse("portal:notices-read"), {"until": second.pk})
    assert "unread" not in page(client, "notices")
    assert Notice.objects.filter(read_at__isnull=True).count() == 1  # the owner's


@pytest.mark.parametrize("data", [{"notice": "x"}, {"until": "9" * 30}, {"notice": "0"}])
def test_a_wrong_number_is_not_found(data: dict[str, str]) -> None:
    client = browser(make.member(make.partner("anna")))
    assert client.post(reverse("portal:notices-read"), data).status_code == 404


def test_nobody_reads_or_marks_another_partners_notice() -> None:
    anna, berta = make.partner("anna"), make.partner("berta")
    notice = told(berta, subject="zzcanary", body="zzcanary", params=None)
    client = browser(make.member(anna))

    text = page(client, "notices")
    assert ("zzcanary" in text, "unread" in text) == (False, False)
    assert client.post(reverse("portal:notices-read"), {"notice": notice.pk}).status_code == 404
    client.post(reverse("portal:notices-read"), {"until": notice.pk})
    assert Notice.objects.get().read_at is None
