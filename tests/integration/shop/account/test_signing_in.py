"""Signing in, asking for a new password, registering: bounded, and nothing tells who has an account."""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from limits.strategies import MovingWindowRateLimiter

from shop.accounts import throttling
from shop.accounts.forms import LoginForm
from tests.factories import shop
from tests.harness.redis_server import RedisServer

PASSWORD = "fjord-and-fell-7"
TRIES = 100
KNOWN, UNKNOWN, CLOSED = "siri@nordvik.example.com", "else@nordvik.example.com", "gone@nordvik.example.com"


def sign_in(email: str, password: str, client: Client | None = None, **headers: Any) -> Any:
    data = {"login-username": email, "login-password": password, "login_submit": "1"}
    return (client or Client()).post(reverse("customer:login"), data, headers=headers)


def seen(response: Any) -> tuple[int, str]:
    """What a stranger sees: the status, and the page without what is new each time."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|nonce=|"X-CSRFToken": )"[^"]*"', "", response.content.decode())
    return response.status_code, re.sub(r"\w+@nordvik", "x@nordvik", text, flags=re.IGNORECASE)


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each hashing of a password: what takes the time."""
    done: list[str] = []
    hash_password = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode",
        lambda self, password, salt: done.append(password) or hash_password(self, password, salt),
    )  # fmt: skip
    return done


# --- one after another ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_wrong_unknown_and_closed_look_alike_and_take_as_long(hashings: list[str]) -> None:
    shop.buyer(email=KNOWN)
    shop.buyer(email=CLOSED, is_active=False)
    pages, work = [], []
    for email, password in ((KNOWN, "nope"), (UNKNOWN, "nope"), (CLOSED, "nope"), (CLOSED, PASSWORD)):
        hashings.clear()
        pages.append(seen(sign_in(email, password)))
        work.append(len(hashings))
    assert pages[0][0] == 200
    assert pages[1:] == pages[:1] * 3
    assert work == [2, 2, 2, 2]


@pytest.mark.django_db
def test_after_five_wrong_passwords_the_right_one_waits_too_known_or_not(hashings: list[str]) -> None:
    shop.buyer(email=KNOWN)
    for _ in range(5):
        assert {sign_in(email, "nope").status_code for email in (KNOWN, UNKNOWN)} == {200}
    hashings.clear()
    client = Client()

    blocked = [sign_in("SIRI@nordvik.example.com", PASSWORD, client), sign_in(UNKNOWN, PASSWORD)]

    assert [page.status_code for page in blocked] == [429, 429]
    assert "Too many tries. Wait a quarter of an hour" in blocked[0].content.decode()
    assert seen(blocked[0]) == seen(blocked[1])
    assert hashings == []
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_the_right_password_begins_anew() -> None:
    shop.buyer(email=KNOWN)
    for _ in range(3):
        assert [sign_in(KNOWN, "nope").status_code for _ in range(4)] == [200] * 4
        assert sign_in(KNOWN, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_one_client_cannot_try_many_accounts(settings: Any) -> None:
    settings.CLIENT_LIMIT = "3 per 15 minutes"
    shop.buyer(email=KNOWN)
    assert [sign_in(f"p{number}@example.com", "nope").status_code for number in range(3)] == [200] * 3
    assert sign_in(KNOWN, PASSWORD).status_code == 429
    settings.TRUST_PROXY_HEADERS = True
    assert sign_in(KNOWN, PASSWORD, x_forwarded_for="203.0.113.9").status_code == 302


@pytest.mark.parametrize(
    ("trusts", "forwarded", "remote", "client"),
    [
        (False, "198.51.100.7", "203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.7, 192.0.2.4", "10.0.0.1", "192.0.2.4"),
        (True, "", "10.0.0.1", "unknown"),
        (False, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (False, "", "", "unknown"),
    ],
)
def test_the_client_is_who_the_proxy_saw(settings: Any, trusts: bool, forwarded: str, remote: str, client: str) -> None:
    settings.TRUST_PROXY_HEADERS = trusts
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers={"x-forwarded-for": forwarded})
    assert throttling.client_of(request) == client


@pytest.mark.django_db
def test_signing_in_and_a_new_password_change_the_session() -> None:
    shop.buyer(email=KNOWN)
    client, elsewhere = Client(), Client()
    client.session.save()
    client.cookies["sessionid"] = planted = client.session.session_key
    sign_in(KNOWN, PASSWORD, client)
    sign_in(KNOWN, PASSWORD, elsewhere)
    signed_in = client.session.session_key

    client.post(
        reverse("customer:change-password"),
        {"old_password": PASSWORD, "new_password1": "hill-and-dale-8", "new_password2": "hill-and-dale-8"},
    )

    assert len({planted, signed_in, client.session.session_key}) == 3
    assert client.get("/accounts/").status_code == 200
    assert elsewhere.get("/accounts/").url == "/accounts/login/?next=/accounts/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "field", "more"),
    [
        ("change-password", "old_password", {"new_password1": "hill-and-dale-8", "new_password2": "hill-and-dale-8"}),
        ("profile-delete", "password", {}),
        ("profile-update", "current_password", {"first_name": "S", "last_name": "N", "email": "n@nordvik.example.com"}),
    ],
)
def test_whoever_took_a_session_cannot_guess_the_password(action: str, field: str, more: dict[str, str]) -> None:
    buyer = shop.buyer(email=KNOWN)
    client = Client()
    sign_in(KNOWN, PASSWORD, client)
    for _ in range(5):
        client.post(reverse(f"customer:{action}"), {field: "nope", **more})
    answer = client.post(reverse(f"customer:{action}"), {field: PASSWORD, **more})
    assert "Too many wrong passwords. Nothing was changed." in answer.content.decode()
    buyer.refresh_from_db()
    assert buyer.check_password(PASSWORD)
    assert not buyer.email_changes.exists()


# --- all at once ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "redis"])
def storage(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    server = RedisServer() if request.param == "redis" else None
    settings.LIMITS_STORAGE_URL = f"{server.url}/1" if server else "memory://"
    settings.CLIENT_LIMIT = "1000 per 15 minutes"
    yield settings.LIMITS_STORAGE_URL
    if server:
        server.stop()


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password that was compared, which takes a moment."""
    compared: list[str] = []

    def authenticate(request: HttpRequest, username: str, password: str) -> None:
        compared.append(password)
        time.sleep(0.02)

    monkeypatch.setattr(auth_forms, "authenticate", authenticate)
    return compared


def guess_at_once() -> list[bool]:
    """Try a hundred passwords at the same moment; whether each try was blocked."""
    barrier = threading.Barrier(TRIES)

    def guess(number: int) -> bool:
        form = LoginForm("testserver", RequestFactory().post("/"), {"username": KNOWN, "password": f"guess {number}"})
        barrier.wait(30)
        assert not form.is_valid()
        return form.is_blocked

    with ThreadPoolExecutor(TRIES) as pool:
        return list(pool.map(guess, range(TRIES)))


def test_of_a_hundred_wrong_passwords_at_once_five_are_looked_at(storage: str, looked_at: list[str]) -> None:
    blocked = guess_at_once()
    assert (blocked.count(False), blocked.count(True), len(looked_at)) == (5, 95, 5)


def test_twin_counting_after_the_look_lets_more_through(
    storage: str, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: asked first, counted once the password turned out wrong."""
    from channels import tries

    count, slow = MovingWindowRateLimiter.hit, auth_forms.authenticate
    monkeypatch.setattr(MovingWindowRateLimiter, "hit", MovingWindowRateLimiter.test)

    def counted(request: HttpRequest, username: str, password: str) -> None:
        slow(request, username=username, password=password)
        count(tries._limiter(storage), tries.parse("5 per 15 minutes"), "login", throttling._name(KNOWN))

    monkeypatch.setattr(auth_forms, "authenticate", counted)
    guess_at_once()
    assert len(looked_at) > 5


@pytest.mark.django_db
def test_while_the_count_is_away_this_process_counts_alone(settings: Any) -> None:
    settings.LIMITS_STORAGE_URL = "redis://127.0.0.1:1/0"
    shop.buyer(email=KNOWN)
    assert sign_in(KNOWN, PASSWORD).status_code == 302
    assert [sign_in(KNOWN, "nope").status_code for _ in range(5)] == [200] * 5
    assert sign_in(KNOWN, PASSWORD).status_code == 429


# --- mail to strangers ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_forgotten_password_answers_alike_and_mails_five_times_an_hour() -> None:
    shop.buyer(email=KNOWN)
    for _ in range(7):
        answers = {
            (answer.status_code, answer.url)
            for answer in (Client().post(reverse("password-reset"), {"email": email}) for email in (KNOWN, UNKNOWN))
        }
        assert answers == {(302, "/password-reset/done/")}
    assert [message.to for message in mail.outbox] == [[KNOWN]] * 5


@pytest.mark.django_db
def test_a_new_password_ends_the_wait() -> None:
    shop.buyer(email=KNOWN)
    for _ in range(6):
        sign_in(KNOWN, "nope")
    client = Client()
    client.post(reverse("password-reset"), {"email": KNOWN})
    [link] = re.findall(r"/password-reset/confirm/\S+?/\S+/", mail.outbox[0].body)
    form = client.get(link).url
    client.post(form, {"new_password1": "hill-and-dale-8", "new_password2": "hill-and-dale-8"})
    assert sign_in(KNOWN, "hill-and-dale-8").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["password-reset", "customer:register"])
def test_one_client_cannot_ask_without_end(settings: Any, action: str) -> None:
    settings.CLIENT_LIMIT = "2 per 15 minutes"
    shop.country("NO", "Norway")
    data = {
        "company_name": "Nordvik Bakeri AS", "country": "NO", "first_name": "Siri", "last_name": "Nordvik",
        "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    answers = [Client().post(reverse(action), {**data, "email": f"p{number}@example.com"}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [{"password-reset": 302}.get(action, 200)] * 2 + [429]
    assert "Too many requests from your network" in answers[-1].content.decode()
