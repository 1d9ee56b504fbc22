"""A new e-mail address: the password asks, the new address confirms, the old one takes back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import shop

pytestmark = pytest.mark.django_db(transaction=True)
User = get_user_model()

OLD, NEW, TAKEN = "siri@nordvik.example.com", "new@nordvik.example.com", "taken@nordvik.example.com"
PASSWORD = "fjord-and-fell-7"
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client() -> Client:
    shop.buyer(email=OLD)
    client = Client()
    sign_in(client, OLD, PASSWORD)
    return client


def sign_in(client: Client, email: str, password: str) -> bool:
    client.post(reverse("customer:login"), {"login-username": email, "login-password": password, "login_submit": "1"})
    return "_auth_user_id" in client.session


def ask(client: Client, email: str, password: str = PASSWORD) -> Any:
    fields = {"first_name": "Siri", "last_name": "Nordvik", "email": email, "current_password": password}
    return client.post(reverse("customer:profile-update"), fields)


def links() -> dict[str, str]:
    """The links that were mailed last, by addressee."""
    return {
        message.to[0]: re.findall(r"http\S+?(/accounts/profile/\S+)", message.body)[0]
        for message in mail.outbox
        if "/accounts/profile/" in message.body
    }


def test_the_new_address_confirms_and_the_old_one_is_told(client: Client) -> None:
    refused = [ask(client, NEW, password) for password in ("", "nope")]
    assert [page.context["form"].errors["current_password"] for page in refused] == [
        ["Enter your current password to change your e-mail address."]
    ] * 2
    assert mail.outbox == []
    ask(client, NEW)
    assert {message.to[0] for message in mail.outbox} == {OLD, NEW}
    link = links()[NEW]
    client.get(link)
    assert User.objects.get().email == OLD, "a look confirms nothing"
    assert Client().post(link).url.startswith("/accounts/login/")

    client.post(link)

    assert User.objects.get().email == NEW
    assert mail.outbox[-1].to == [OLD]
    assert client.post(link).status_code == 410, "a link works once"


def test_anothers_address_is_neither_taken_nor_told(client: Client) -> None:
    shop.user(TAKEN)
    page = ask(client, TAKEN)
    assert page.status_code == 302
    assert User.objects.filter(email=TAKEN).count() == 1
    assert {message.to[0]: "already has an account" in message.body for message in mail.outbox} == {
        OLD: False, TAKEN: True,
    }  # fmt: skip


def test_an_address_taken_meanwhile_is_not_taken_twice(client: Client) -> None:
    ask(client, NEW)
    shop.user(NEW)
    assert client.post(links()[NEW]).status_code == 410
    assert User.objects.filter(email=NEW).count() == 1


def test_links_expire_and_a_later_change_ends_the_earlier(client: Client, clock: Any) -> None:
    ask(client, NEW)
    first = links()[NEW]
    ask(client, "third@nordvik.example.com")
    assert client.post(first).status_code == 410
    confirm, back = links()["third@nordvik.example.com"], links()[OLD]
    clock.shift(timedelta(days=3, seconds=1))
    assert client.get(confirm).status_code == 410
    assert client.get(back).status_code == 200
    clock.shift(timedelta(days=11))
    assert client.post(back).status_code == 410
    assert User.objects.get().email == OLD


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_the_old_address_takes_the_account_back(client: Client, is_confirmed: bool) -> None:
    ask(client, NEW)
    confirm, back = links()[NEW], links()[OLD]
    if is_confirmed:
        client.post(confirm)
        ask(client, "third@nordvik.example.com")
    mailbox = Client()
    assert mailbox.get(back).status_code == 200
    assert User.objects.get().email == (NEW if is_confirmed else OLD), "a look takes nothing back"

    assert mailbox.post(back).status_code == 200

    assert User.objects.get().email == OLD
    assert client.get("/accounts/").url == "/accounts/login/?next=/accounts/", "whoever did it is out"
    assert not sign_in(Client(), OLD, PASSWORD)
    assert mailbox.post(back).status_code == 410
    assert not any(sign_in(Client(), email, PASSWORD) for email in (NEW, OLD))


def test_a_forged_link_is_dead(client: Client) -> None:
    ask(client, NEW)
    confirm, back = links()[NEW].rstrip("/").rpartition("/")[2], links()[OLD].rstrip("/").rpartition("/")[2]
    wrong = [
        reverse("customer:email-change-undo", args=[confirm]), reverse("customer:email-change-confirm", args=[back]),
        reverse("customer:email-change-undo", args=["x"]),
    ]  # fmt: skip
    assert {client.post(path).status_code for path in wrong} == {410}
    assert User.objects.get().email == OLD


def test_five_new_addresses_an_hour(client: Client) -> None:
    for number in range(6):
        page = ask(client, f"n{number}@nordvik.example.com")
    assert "You asked for several new addresses." in page.content.decode()
    assert len(mail.outbox) == 10
