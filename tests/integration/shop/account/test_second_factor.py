"""The second factor: who owes it, on every way in, and what a code is worth."""

import re
from binascii import unhexlify
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from channels.audit.models import AuditEvent
from shop.accounts import selectors
from shop.accounts.models import AuthenticatorApp, RecoveryCode
from shop.accounts.services import second_factor
from tests.factories import channels as channel_factory
from tests.factories import shop
from tests.integration.access import world
from tests.integration.access.routes import every_route

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
PASSWORD = "fjord-and-fell-7"
SET_UP, ENTER = "/accounts/second-factor/set-up/", "/accounts/second-factor/enter/"


@pytest.fixture
def required(settings: Any) -> None:
    settings.ACCORD_REQUIRE_TOTP = True


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sent(django_capture_on_commit_callbacks: Any) -> Any:
    """Mail goes out after the commit, which a test that rolls back has none of."""
    return partial(django_capture_on_commit_callbacks, execute=True)


def log_in(user: Any, path: str = "") -> Client:
    client = Client()
    client.post(
        path or reverse("customer:login"),
        {"login-username": user.email, "login-password": PASSWORD, "login_submit": "1"},
    )
    return client


def code_of(device: AuthenticatorApp) -> str:
    totp = TOTP(unhexlify(device.key))
    from django.utils import timezone

    totp.time = timezone.now().timestamp()
    return f"{totp.token():06d}"


def equipped(user: Any) -> tuple[AuthenticatorApp, list[str]]:
    """A person with an app, set up a while ago."""
    device = AuthenticatorApp.objects.create(user=user, name="authenticator")
    return device, second_factor.renew_codes(user=user, at=NOW)


def staff(**values: Any) -> Any:
    return shop.user(is_staff=True, is_superuser=True, **values)


# --- who owes it ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize(
    ("person", "owes"),
    [("staff", True), ("owner", True), ("finance", True), ("sales", False), ("buyer", False)],
)
def test_staff_and_those_who_handle_a_partners_money_owe_it(person: str, owes: bool) -> None:
    if person == "staff":
        user = staff()
    elif person == "buyer":
        user = shop.buyer()
    else:
        user = channel_factory.member(channel_factory.partner("nord"), person).user
        user.set_password(PASSWORD)
        user.save()
    response = log_in(user).get(reverse("customer:profile-view"))
    assert (response.status_code, response.headers.get("Location", "")) == (
        (302, f"{SET_UP}?next=/accounts/profile/") if owes else (200, "")
    )


def test_nobody_owes_it_where_it_is_not_required() -> None:
    assert log_in(staff()).get("/admin/").status_code == 200


@pytest.mark.usefixtures("required")
def test_nothing_opens_before_the_code_on_any_address(clock: Any) -> None:
    user = staff()
    equipped(user)
    client = log_in(user)
    opened = {}
    for route in every_route():
        if route.has_parameters or route.key in {"customer:logout", "set_language", "consent"}:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(route.path)
            if answer.status_code != 302 or not answer.url.startswith(ENTER):
                opened[route.key, method] = (answer.status_code, answer.headers.get("Location", ""))
    assert opened == {
        ("customer:second-factor-enter", "get"): (200, ""),
        ("customer:second-factor-enter", "post"): (422, ""),
    }
    assert client.get("/accounts/logout/").status_code == 200


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("door", ["/accounts/login/", "/nb/accounts/login/"])
def test_every_door_asks_for_the_code(door: str, clock: Any) -> None:
    user = staff()
    equipped(user)
    assert log_in(user, door).get("/admin/").url == f"{ENTER}?next=/admin/"


@pytest.mark.parametrize("door", ["/admin/login/", "/dashboard/login/", "/_util/login/", "/nb/_util/login/"])
def test_the_back_ends_have_no_login_of_their_own(door: str) -> None:
    user = staff()
    client = Client()
    answer = client.post(door, {"username": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.url.endswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("required")
def test_a_right_that_comes_after_the_login_asks_for_it() -> None:
    buyer, member = shop.buyer(), channel_factory.member(channel_factory.partner("nord"), "sales")
    at_shop, at_portal = world.browser_of(buyer), world.browser_of(member.user)
    assert at_portal.get("/portal/").status_code == 200

    buyer.is_staff = True
    buyer.save()
    member.role = "finance"
    member.save()

    assert at_shop.get("/accounts/").url.startswith(SET_UP)
    assert at_portal.get("/portal/").url == f"{SET_UP}?next=/portal/"


@pytest.mark.usefixtures("required")
def test_who_may_open_wagtail_without_being_staff_owes_it_too() -> None:
    """Wagtail's own form for users sets no `is_staff`; a group given during the session counts at its next page."""
    user = shop.user()
    client = world.browser_of(user)
    assert client.get("/accounts/profile/").status_code == 200

    user.user_permissions.add(Permission.objects.get(codename="access_admin"))

    assert client.get("/admin/").url == f"{SET_UP}?next=/admin/"
    assert client.get("/accounts/profile/").url.startswith(SET_UP)
    again = type(user).objects.get(pk=user.pk)  # permissions are kept on the object
    assert world.browser_of(again).get("/accounts/profile/").url.startswith(SET_UP)


@pytest.mark.usefixtures("required")
def test_a_new_password_by_mail_does_not_get_round_it(clock: Any) -> None:
    user = staff()
    device, _ = equipped(user)
    client = Client()
    client.post(reverse("password-reset"), {"email": user.email})
    [link] = re.findall(r"/password-reset/confirm/\S+?/\S+/", mail.outbox[0].body)
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"new_password1": "hill-and-dale-8", "new_password2": "hill-and-dale-8"})
    assert "_auth_user_id" not in client.session

    client.post(
        reverse("customer:login"),
        {"login-username": user.email, "login-password": "hill-and-dale-8", "login_submit": "1"},
    )

    assert client.get("/admin/").url == f"{ENTER}?next=/admin/"
    assert client.get(SET_UP).url.startswith(ENTER)
    assert selectors.device_of(user) == device


# --- setting it up --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("required")
def test_setting_it_up_shows_recovery_codes_once_and_lets_in(clock: Any, sent: Any) -> None:
    user = staff()
    client = log_in(user)
    page = client.get(f"{SET_UP}?next=/admin/")
    before = client.session.session_key
    key = client.session["second_factor_key"]
    assert "<svg" in page.content.decode()

    wrong = client.post(f"{SET_UP}?next=/admin/", {"password": PASSWORD, "code": "000000"})
    assert (wrong.status_code, AuthenticatorApp.objects.count(), RecoveryCode.objects.count()) == (422, 0, 0)
    code = code_of(AuthenticatorApp(key=key))
    unproven = client.post(f"{SET_UP}?next=/admin/", {"password": "nope", "code": code})
    assert (unproven.status_code, AuthenticatorApp.objects.count()) == (422, 0)
    with sent():
        done = client.post(f"{SET_UP}?next=/admin/", {"password": PASSWORD, "code": code})

    codes = done.context["codes"]
    assert (done.status_code, len(set(codes)), done.context["go_on"]) == (200, 10, "/admin/")
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200
    stored = str(list(RecoveryCode.objects.values_list("digest", flat=True)))
    assert [one for one in codes if one in stored or one.replace("-", "") in stored] == []
    assert mail.outbox[-1].to == [user.email]
    # The code that set it up is used up: it does not sign in.
    assert log_in(user).post(ENTER, {"code": code}).status_code == 422


# --- codes ----------------------------------------------------------------------------------------------------------


def test_a_code_signs_in_under_a_new_session_and_only_once(clock: Any) -> None:
    user = shop.buyer()
    device, _ = equipped(user)
    first, second = log_in(user), log_in(user)
    before = first.session.session_key
    code = code_of(device)

    assert first.post(f"{ENTER}?next=//evil.example.com", {"code": f"{code[:3]} {code[3:]}"}).url == "/accounts/"
    assert first.session.session_key != before
    assert first.get("/accounts/").status_code == 200

    again = second.post(ENTER, {"code": code})
    assert again.status_code == 422
    assert second.get("/accounts/").url.startswith(ENTER)
    clock.shift(timedelta(seconds=30))
    assert second.post(ENTER, {"code": code_of(device)}).status_code == 302


def test_a_recovery_code_works_once(clock: Any) -> None:
    user = shop.buyer()
    _, codes = equipped(user)
    assert log_in(user).post(ENTER, {"code": codes[0].lower()}).status_code == 302
    assert log_in(user).post(ENTER, {"code": codes[0]}).status_code == 422
    assert selectors.codes_left(user) == 9


def test_the_sixth_code_is_not_looked_at(clock: Any) -> None:
    user = shop.buyer()
    device, codes = equipped(user)
    client = log_in(user)
    assert [client.post(ENTER, {"code": "123 456"}).status_code for _ in range(5)] == [422] * 5
    refused = client.post(ENTER, {"code": code_of(device)})
    assert refused.status_code == 429
    assert "Too many wrong codes" in refused.content.decode()
    assert client.post(ENTER, {"code": codes[0]}).status_code == 429
    assert selectors.codes_left(user) == 10
    clock.shift(timedelta(minutes=16))
    assert client.post(ENTER, {"code": code_of(device)}).status_code == 302


def test_anothers_code_is_wrong(clock: Any) -> None:
    mine, others = shop.buyer(), shop.buyer()
    equipped(mine)
    device, codes = equipped(others)
    client = log_in(mine)
    assert [client.post(ENTER, {"code": code}).status_code for code in (code_of(device), codes[0])] == [422, 422]


def test_new_recovery_codes_and_turning_it_off_need_the_password(clock: Any) -> None:
    user = shop.buyer()
    device, old = equipped(user)
    client = log_in(user)
    client.post(ENTER, {"code": code_of(device)})
    page = reverse("customer:second-factor")

    assert client.post(page, {"password": "nope", "do": "off"}).status_code == 422
    new = client.post(page, {"password": PASSWORD, "do": "codes"}).context["codes"]
    assert set(new).isdisjoint(old)
    assert second_factor.verify(user=user, code=old[0], at=NOW) is None
    assert selectors.device_of(user) == device
    client.post(page, {"password": PASSWORD, "do": "off"})

    assert (selectors.device_of(user), selectors.codes_left(user)) == (None, 0)
    assert client.get("/accounts/").status_code == 200


@pytest.mark.usefixtures("required")
def test_whose_role_needs_it_cannot_turn_it_off(clock: Any) -> None:
    user = staff()
    device, _ = equipped(user)
    client = log_in(user)
    client.post(ENTER, {"code": code_of(device)})
    client.post(reverse("customer:second-factor"), {"password": PASSWORD, "do": "off"})
    assert selectors.device_of(user) == device


# --- lost -----------------------------------------------------------------------------------------------------------


def reset(user: Any, by: Any, reason: str = "Called back on the number in the files") -> str:
    out = StringIO()
    call_command("reset_second_factor", user.email, "--by", by.email, "--reason", reason, stdout=out)
    return out.getvalue()


def test_a_lost_device_is_reset_by_a_second_person(clock: Any, sent: Any) -> None:
    user, chief = staff(), staff()
    device, _ = equipped(user)
    client = log_in(user)
    client.post(ENTER, {"code": code_of(device)})

    with sent():
        assert user.email in reset(user, chief)

    assert (selectors.device_of(user), selectors.codes_left(user)) == (None, 0)
    event = AuditEvent.objects.get(verb="second_factor.reset")
    assert (event.actor, event.subject_id, event.reason) == (
        chief, str(user.pk), "Called back on the number in the files",
    )  # fmt: skip
    assert client.get("/admin/").status_code == 302, "every session has ended"
    assert "_auth_user_id" not in log_in(user).session, "the old password is gone"
    assert mail.outbox[-1].to == [user.email]


@pytest.mark.parametrize("who", ["self", "marketer", "buyer"])
def test_nobody_else_resets_it(who: str, clock: Any) -> None:
    user = staff()
    by = {"self": lambda: user, "marketer": lambda: world.staff("marketer"), "buyer": shop.buyer}[who]()
    device, _ = equipped(user)
    with pytest.raises(CommandError):
        reset(user, by)
    assert selectors.device_of(user) == device
    assert not AuditEvent.objects.exists()
