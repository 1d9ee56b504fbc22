"""No address leads away from the shop, whatever `next`, `ref` or the referrer say."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from shop.forks.customer import redirects
from tests.factories import shop
from tests.integration.access import world
from tests.integration.access.policies import BACK_OFFICES, POLICIES, Portal, Who
from tests.integration.access.routes import every_route

pytestmark = [
    pytest.mark.django_db,
    # Oscar pages through offers that its count has put out of order.
    pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning"),
]

HOST = "testserver"
OURS = "/catalogue/?on=1"
ELSEWHERE = (
    "//evil.example.com/", "\\\\evil.example.com/", "/\\evil.example.com/", "/\t/evil.example.com/",
    "https://evil.example.com/", "https:evil.example.com/", "http:///evil.example.com/",
    "https://testserver@evil.example.com/", "https://testserver.evil.example.com/", "javascript:alert(1)",
    "java\tscript:alert(1)", "data:text/html,evil", " //evil.example.com/",
)  # fmt: skip
NAMES = (
    "next", "ref", "return_url", "return_to", "redirect_url", "login-redirect_url", "success_url", "cancel_url", "url",
    "back", "next_page",
)  # fmt: skip
# Signs out, which would end the crawl; fails on purpose; the fake of Stripe, in the place of the network.
LEFT_OUT = {
    "customer:logout",
    "wagtailadmin_logout",
    "dashboard:logout",
    "wagtailadmin_error_test",
    "fake_stripe_onboarding",
}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(world.LATER, tick=False):
        yield


def leads_away(response: HttpResponse) -> str:
    """Return where the answer sends a browser, when that is another host or runs a script; else nothing.

    Browsers drop tabs and line ends from addresses, and read a backslash as a slash.
    """
    for header in ("Location", "HX-Redirect", "HX-Location", "Refresh"):
        wanted = response.headers.get(header, "")
        written = wanted.translate({ord(sign): None for sign in "\t\r\n"}).strip().replace("\\", "/")
        target = urlsplit(urljoin(f"http://{HOST}/", written))
        if target.hostname != HOST or target.scheme not in {"http", "https"}:
            return wanted
    if not response.streaming and b'href="javascript:' in response.content.lower().replace(b"\t", b""):
        return "a link that runs a script"
    return ""


def ask(client: Client, path: str, method: str, value: str) -> HttpResponse:
    values = dict.fromkeys(NAMES, value)
    headers = {"referer": value.strip()}
    if method == "get":
        return client.get(path, values, headers=headers)
    return client.post(path, values, query_params=values, headers=headers)


def astray(client: Client, paths: list[str], methods: tuple[str, ...] = ("get", "post")) -> list[tuple[str, str, str]]:
    """Return what leads away: (method, path, value). All values are tried where a page of ours is gone to when asked."""
    found = []
    for path in paths:
        for method in methods:
            follows = ask(client, path, method, OURS).headers.get("Location", "").endswith(OURS)
            values = ELSEWHERE if follows else ELSEWHERE[:1]
            found += [(method, path, value) for value in values if leads_away(ask(client, path, method, value))]
    return found


def paths_of(mine: world.Side, *, back_office: bool) -> list[str]:
    parameters: dict[str, Any] = {**mine.owned, **mine.of_partner}
    routes = [
        route
        for route in every_route()
        if route.pattern.startswith(BACK_OFFICES) is back_office and route.key not in LEFT_OUT
    ]
    plain = [route.path for route in routes if not route.has_parameters]
    filled = [
        reverse(route.name, kwargs=parameters[route.key])
        for route in routes
        if route.key in parameters and isinstance(POLICIES.get(route.key), Who | Portal)
    ]
    return plain + filled


@pytest.mark.parametrize("person", ["visitor", "buyer", "owner"])
def test_no_page_of_the_shop_leads_away(person: str) -> None:
    mine, _ = world.two_sides()
    client = {
        "visitor": world.browser_of, "buyer": lambda: world.browser_of(mine.buyer), "owner": lambda: world.member(mine, "owner"),
    }[person]()  # fmt: skip
    paths = paths_of(mine, back_office=False)
    assert len(paths) > 80
    assert astray(client, paths) == []


def test_no_page_of_the_back_offices_leads_away() -> None:
    mine, _ = world.two_sides()
    assert astray(world.browser_of(world.superuser()), paths_of(mine, back_office=True), ("get",)) == []


@pytest.mark.parametrize("value", ELSEWHERE)
def test_signing_in_stays_home(value: str) -> None:
    buyer = shop.buyer()
    data = {"login-username": buyer.email, "login-password": "fjord-and-fell-7", "login_submit": "1"}
    answers = [
        Client().post(reverse("customer:login"), {**data, "login-redirect_url": value}),
        Client().post(reverse("customer:login"), {**data, "next": value}, query_params={"next": value}),
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert [leads_away(answer) for answer in answers] == ["", ""]


def test_twin_a_view_that_follows_anything_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: any address counts as one of ours."""
    monkeypatch.setattr(redirects, "url_has_allowed_host_and_scheme", lambda *args, **kwargs: True)
    mine, _ = world.two_sides()
    found = astray(world.browser_of(mine.buyer), [reverse("customer:login")])
    assert {"//evil.example.com/", "https://evil.example.com/", "https://testserver@evil.example.com/"} <= {
        value for method, _, value in found if method == "get"
    }
