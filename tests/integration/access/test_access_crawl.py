"""Every address of the site as everybody: what each may open, and that nobody reads or changes what is another's."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import content
from tests.integration.access import world
from tests.integration.access.parameters import desk_parameters, path_of
from tests.integration.access.policies import BACK_OFFICE_DOORS, BACK_OFFICES, POLICIES, Desk, Portal, Who
from tests.integration.access.routes import Route, every_route

pytestmark = pytest.mark.django_db

METHODS = ("get", "post")
ROUTES = every_route()
PARTNER_ROLES = ("owner", "sales", "finance")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(world.LATER, tick=False):
        yield


def routes_of(*kinds: Any) -> list[Route]:
    return [route for route in ROUTES if isinstance(POLICIES.get(route.key), kinds)]


def routes_for(who: Who) -> list[Route]:
    return [route for route in ROUTES if POLICIES.get(route.key) is who]


def back_office_routes() -> list[Route]:
    return [route for route in ROUTES if route.pattern.startswith(BACK_OFFICES) and route.key not in POLICIES]


def answers(client: Client, path: str) -> dict[str, int]:
    return {method: getattr(client, method)(path).status_code for method in METHODS}


def sends_to_login(client: Client, path: str) -> bool:
    """Both methods lead to the login, or are not known at all."""
    responses = [getattr(client, method)(path) for method in METHODS]
    sent = [response for response in responses if response.status_code != 405]
    return bool(sent) and all("/login/" in response.headers.get("Location", "") for response in sent)


# --- the table ------------------------------------------------------------------------------------------------------


def test_every_address_says_for_whom_it_is() -> None:
    undeclared = {route.key for route in ROUTES} - set(POLICIES)
    assert {route.key for route in ROUTES if not route.pattern.startswith(BACK_OFFICES)} & undeclared == set()
    assert set(POLICIES) - {route.key for route in ROUTES} == set(), "addresses that are gone"
    ours = {
        route.key
        for route in ROUTES
        if route.pattern.startswith(
            (
                "admin/channels/",
                "admin/invoices/",
                "admin/companies/",
                "admin/credit/",
                "admin/prices/",
                "admin/payments/",
                "admin/returns/",
                "admin/treasury/",
            )
        )
    }
    assert ours & undeclared == set()


# --- nobody in particular -------------------------------------------------------------------------------------------


def test_whatever_is_not_public_sends_a_visitor_to_the_login() -> None:
    mine, _ = world.two_sides()
    parameters = {**mine.owned, **mine.of_partner, **desk_parameters(mine)}
    client = world.browser_of()
    [shared] = [route for route in ROUTES if route.key == "customer:wishlists-detail"]
    opened = [
        route.key
        for route in [*routes_for(Who.LOGIN), *routes_for(Who.COMPANY), *routes_for(Who.OWN), *routes_of(Portal, Desk)]
        if route.key != "basket:line" and not sends_to_login(client, path_of(route, parameters))
    ]
    # A list may be shared by its address, and a basket line belongs to whoever has the basket.
    assert opened == ["customer:wishlists-detail"]
    assert client.get(path_of(shared, parameters)).status_code == 404
    assert set(answers(client, reverse("basket:line", kwargs=mine.owned["basket:line"])).values()) <= {302, 404, 405}


def test_public_pages_open_without_a_login() -> None:
    content.home_page()
    client = world.browser_of()
    opened = {
        route.key: client.get(route.path).status_code for route in routes_for(Who.PUBLIC) if not route.has_parameters
    }
    assert {key: status for key, status in opened.items() if status not in (200, 302, 405)} == {}


# --- companies ------------------------------------------------------------------------------------------------------


def test_what_is_another_companys_is_not_found_and_stays_as_it_is() -> None:
    mine, others = world.two_sides()
    client = world.browser_of(mine.buyer)
    before = world.rows()

    found = {route.key: answers(client, path_of(route, others.owned)) for route in routes_for(Who.OWN)}

    assert {key: got for key, got in found.items() if not set(got.values()) <= {404, 405}} == WITHOUT_EFFECT
    assert world.changes(before, world.rows()) == []


# The basket tells anybody who changes a line of no basket of theirs that the line is gone, and shows them their own.
WITHOUT_EFFECT = {"basket:line": {"get": 405, "post": 302}}


def test_a_buyer_reads_the_own_things_and_no_canary() -> None:
    mine, others = world.two_sides()
    client = world.browser_of(mine.buyer)
    paths = [
        route.path
        for route in [*routes_for(Who.PUBLIC), *routes_for(Who.LOGIN), *routes_for(Who.COMPANY)]
        if not route.has_parameters
    ]
    paths += [path_of(route, mine.owned) for route in routes_for(Who.OWN)]

    pages = {path: client.get(path) for path in paths if "password-reset" not in path}  # for who cannot sign in

    read = {path: page for path, page in pages.items() if page.status_code == 200}
    assert len(read) > 30
    assert reverse("customer:order", kwargs=mine.owned["customer:order"]) in read
    assert {path: page.status_code for path, page in pages.items() if page.status_code not in (200, 302, 405)} == {}
    assert {path: word for path, page in read.items() for word in canaries_in(page, others)} == {}


def canaries_in(page: Any, others: world.Side) -> list[str]:
    """What is B's alone. A product is everybody's, and so are the pages of the shop."""
    text = page.content.decode(errors="replace").lower()  # some are files
    words = ("canary foods", "canary street", "canary-po", "canary wishes", "canary@", "canarysen", "canary subject")
    return [word for word in (*words, others.owned["customer:order"]["order_number"].lower()) if word in text]


def test_a_buyer_has_no_portal_no_desk_and_no_back_office() -> None:
    mine, _ = world.two_sides()
    client = world.browser_of(mine.buyer)
    parameters = {**mine.of_partner, **desk_parameters(mine)}

    for route in routes_of(Portal):
        assert set(answers(client, path_of(route, parameters)).values()) <= {404, 405}, route.key
    for route in routes_of(Desk):
        assert set(answers(client, path_of(route, parameters)).values()) <= {302, 403, 405}, route.key


# --- partners -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", PARTNER_ROLES)
def test_a_partners_people_open_what_their_role_may_and_nothing_of_another(role: str) -> None:
    mine, others = world.two_sides()
    client = world.member(mine, role)

    for route in routes_of(Portal):
        policy = POLICIES[route.key]
        assert isinstance(policy, Portal)
        may = role in policy.roles.split()
        own = client.get(path_of(route, mine.of_partner))
        assert own.status_code in ({200, 405} if may else {403}), (route.key, own.status_code)
        if may and own.status_code == 200:
            body = b"".join(own.streaming_content) if own.streaming else own.content
            assert world.CANARY not in body.decode(errors="replace").lower(), route.key
        if route.has_parameters:
            foreign = answers(client, path_of(route, others.of_partner))
            assert set(foreign.values()) <= ({404, 405} if may else {403}), (route.key, foreign)
    assert others.partner.codes.get().is_active
    for route in routes_of(Desk):
        refused = answers(client, path_of(route, desk_parameters(mine)))
        assert set(refused.values()) <= {302, 403, 405}, (route.key, refused)


# --- staff ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", world.STAFF_ROLES)
def test_staff_open_what_their_role_may(role: str) -> None:
    mine, _ = world.two_sides()
    user = world.staff(role)
    client = world.browser_of(user)
    parameters = desk_parameters(mine)

    for route in routes_of(Desk):
        policy = POLICIES[route.key]
        assert isinstance(policy, Desk)
        answer = client.get(path_of(route, parameters), HTTP_ACCEPT="text/html")
        refused = answer.status_code == 403 or answer.headers.get("Location") == reverse("wagtailadmin_home")
        # What is published already cannot be edited or published: 404, or back to where it is shown.
        assert refused != user.has_perm(policy.permission) or answer.status_code == 405, (route.key, policy.permission)
        assert answer.status_code < 500, route.key
    for route in routes_of(Portal):
        assert client.get(path_of(route, mine.of_partner)).status_code in {404, 405}, route.key


def test_nobody_but_staff_enters_the_back_offices() -> None:
    mine, _ = world.two_sides()
    clients = [world.browser_of(), world.browser_of(mine.buyer), world.member(mine, "owner")]
    routes = [
        route for route in back_office_routes() if not route.has_parameters and route.key not in BACK_OFFICE_DOORS
    ]
    assert len(routes) > 100
    before = world.rows()

    for client in clients:
        seen = Counter(
            (route.pattern, method, status)
            for route in routes
            for method, status in answers(client, route.path).items()
            if status not in (302, 403, 404, 405)
        )
        assert seen == Counter()
    assert world.changes(before, world.rows()) == []
