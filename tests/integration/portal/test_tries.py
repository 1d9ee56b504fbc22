"""A password that is asked for again cannot be guessed: not one after another, and not all at once."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from limits.strategies import MovingWindowRateLimiter

from channels import tries
from channels.commissions.models import PayoutDetails
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import payouts as pay
from tests.harness.redis_server import RedisServer

PAGE = "/portal/payout-settings/"
RIGHT = "correct-horse-9"
TRIES = 100


class Person:
    """Somebody whose password takes a moment to check; counts how often it was looked at."""

    pk = 7

    def __init__(self) -> None:
        self.looked_at = 0
        self.lock = threading.Lock()

    def check_password(self, password: str) -> bool:
        with self.lock:
            self.looked_at += 1
        time.sleep(0.02)
        return password == RIGHT


@pytest.fixture(params=["memory", "redis"])
def storage(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    server = RedisServer() if request.param == "redis" else None
    settings.LIMITS_STORAGE_URL = f"{server.url}/1" if server else "memory://"
    yield settings.LIMITS_STORAGE_URL
    if server:
        server.stop()


def guess_at_once(person: Person) -> list[object]:
    """Guess a hundred times at the same moment; what each guess came to."""
    barrier = threading.Barrier(TRIES)

    def guess(number: int) -> object:
        barrier.wait(30)
        try:
            return tries.is_password_of(person, f"guess {number}")
        except tries.TooManyTries:
            return "blocked"

    with ThreadPoolExecutor(TRIES) as pool:
        return list(pool.map(guess, range(TRIES)))


def test_of_a_hundred_guesses_at_once_five_are_looked_at(storage: str) -> None:
    person = Person()
    came_to = guess_at_once(person)
    assert (came_to.count(False), came_to.count("blocked"), person.looked_at) == (5, 95, 5)
    with pytest.raises(tries.TooManyTries):
        tries.is_password_of(person, RIGHT)
    assert person.looked_at == 5


def test_twin_counting_after_the_look_lets_more_through(storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: asked first, counted when the password turned out wrong."""
    count = MovingWindowRateLimiter.hit
    monkeypatch.setattr(MovingWindowRateLimiter, "hit", MovingWindowRateLimiter.test)

    class Counted(Person):
        def check_password(self, password: str) -> bool:
            is_right = super().check_password(password)
            count(limiter, limit, "password", "7")
            return is_right

    limit, limiter = tries.parse("5 per 15 minutes"), tries._limiter(storage)
    person = Counted()
    guess_at_once(person)
    assert person.looked_at > 5


def test_the_right_password_clears_the_count(storage: str) -> None:
    person = Person()
    for _round in range(3):
        assert [tries.is_password_of(person, "wrong") for _ in range(4)] == [False] * 4
        assert tries.is_password_of(person, RIGHT) is True


def test_nothing_is_let_through_while_nobody_counts(settings: Any) -> None:
    settings.LIMITS_STORAGE_URL = "redis://127.0.0.1:1/0"
    person = Person()
    with pytest.raises(tries.TooManyTries):
        tries.is_password_of(person, RIGHT)
    assert person.looked_at == 0


# --- the page -------------------------------------------------------------------------------------------------------


def signed_in(partner: ChannelPartner) -> Client:
    client = Client()
    client.force_login(make.member(partner, "finance").user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


def typed(password: str) -> dict[str, str]:
    return {"rail": "sepa", "iban": pay.IBAN, "holder": "Nord AS", "password": password}


@pytest.mark.django_db
def test_the_sixth_try_is_refused_though_it_is_right() -> None:
    nord = make.partner("nord")
    client, colleague = signed_in(nord), signed_in(nord)
    assert [client.post(PAGE, typed("wrong")).status_code for _ in range(5)] == [422] * 5
    answer = client.post(PAGE, typed(RIGHT))
    assert answer.status_code == 429
    assert "Too many wrong passwords. Nothing was changed." in answer.content.decode()
    assert PayoutDetails.objects.count() == 0
    assert colleague.post(PAGE, typed(RIGHT)).status_code == 302
    assert PayoutDetails.objects.count() == 1
