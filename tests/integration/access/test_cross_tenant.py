"""Two companies and two partners: whatever the people of one ask for, by any method and key, is theirs or is not found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from fpdf import FPDF
from oscar.apps.order.models import Order

from channels.portal.access import Seat
from shop.buying import selectors
from shop.companies.capabilities import StandardRole
from tests.factories import content, shop
from tests.integration.access import canaries, world
from tests.integration.access.policies import POLICIES, Portal, Who
from tests.integration.access.routes import Route, every_route
from tests.integration.portal import worlds

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
LOOK = ("get",)
PEOPLE = ("visitor", "buyer", "viewer", "owner", "sales", "finance", "support")
# Of each kind of people one tries every method; the others look and post.
THOROUGH = {"visitor", "buyer", "owner"}
ROUTES = [route for route in every_route() if isinstance(POLICIES.get(route.key), Who | Portal)]
# Signs out, which would end the crawl.
ENDS = "customer:logout"
# In a pair of keys these are nobody's: a product, a word.
COMMON_KEYS = {"product_pk", "kind", "action", "step"}
# The basket tells whoever changes a line of no basket of theirs that it is gone, and shows them their own; a shared
# list can be put in the basket of whoever has its address; an alert can be asked for any product.
NOT_ONES_OWN = {"basket:line", "customer:alert-create", "customer:wishlists-create-with-product"}


@dataclass(frozen=True)
class Answer:
    """What came of asking for an address; `whose` is own, another's, mixed keys or a guessed key."""

    key: str
    method: str
    whose: str
    status: int
    text: str

    @property
    def name(self) -> tuple[str, str, str, int]:
        return self.key, self.method, self.whose, self.status


@dataclass(frozen=True)
class World:
    mine: world.Side
    others: world.Side
    others_rows: canaries.Rows
    printed: list[str]

    def browser(self, person: str) -> Client:
        if person == "visitor":
            return world.browser_of()
        if person == "viewer":
            return world.browser_of(shop.buyer(self.mine.buyer.company, role=StandardRole.VIEWER))
        if person == "support":
            return world.browser_of(world.staff("support"))
        return world.browser_of(self.mine.buyer) if person == "buyer" else world.member(self.mine, person)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(world.LATER, tick=False):
        yield


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is set in PDF files, which their bytes no longer show."""
    texts: list[str] = []
    normalize = FPDF.normalize_text
    monkeypatch.setattr(FPDF, "normalize_text", lambda self, text: texts.append(text) or normalize(self, text))
    return texts


@pytest.fixture
def two(printed: list[str], django_capture_on_commit_callbacks: Any) -> World:
    """Both sides, with every mail sent that came of making them."""
    with django_capture_on_commit_callbacks(execute=True):
        content.home_page()
        worlds.rules_of_play()
        mine = world.side("anna")
    before = canaries.all_rows()
    with django_capture_on_commit_callbacks(execute=True):
        others = world.side(world.CANARY)
    rows = canaries.added_since(before)
    canaries.plant(rows)
    return World(mine, others, rows, printed)


# --- the crawl ------------------------------------------------------------------------------------------------------


def parameters_of(side: world.Side) -> dict[str, dict[str, Any]]:
    return {**side.owned, **side.of_partner}


def addresses(two: World) -> Iterator[tuple[Route, str, str]]:
    """Return each route with whose keys fill it: (route, whose, path)."""
    mine, others = parameters_of(two.mine), parameters_of(two.others)
    for route in ROUTES:
        if not route.has_parameters:
            yield route, "own", route.path
        elif route.key in mine:
            yield route, "own", route.path_for(mine[route.key])
            yield route, "another's", route.path_for(others[route.key])
            yield from ((route, "mixed", path) for path in mixed(route, mine[route.key], others[route.key]))
            yield from ((route, "guessed", path) for path in guessed(route, mine[route.key]))


def mixed(route: Route, mine: dict[str, Any], others: dict[str, Any]) -> Iterator[str]:
    """Replace one key of several by another's."""
    for name in mine if len(mine) > 1 else ():
        if name not in COMMON_KEYS and mine[name] != others[name]:
            yield route.path_for({**mine, name: others[name]})


def guessed(route: Route, mine: dict[str, Any]) -> Iterator[str]:
    """Count keys up from 1: other tables' keys, and other tenants' that nobody thought of."""
    [name, *more] = mine
    if not more and isinstance(mine[name], int):
        yield from (route.path_for({name: pk}) for pk in range(1, 6) if pk != mine[name])


def crawl(client: Client, two: World, methods: Sequence[str] = METHODS) -> list[Answer]:
    """Ask for everything: look first, then try to change what is another's, last what is one's own."""
    every = list(addresses(two))
    looks = [(route, whose, path, "get") for route, whose, path in every]
    changes = [
        (route, whose, path, method)
        for is_own in (False, True)
        for route, whose, path in every
        for method in methods
        if (whose == "own") is is_own and method != "get" and whose != "guessed" and route.key != ENDS
    ]
    return [ask(client, two, *each) for each in looks + changes]


def ask(client: Client, two: World, route: Route, whose: str, path: str, method: str) -> Answer:
    two.printed.clear()
    response: Any = getattr(client, method)(path, HTTP_ACCEPT="*/*")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    text = " ".join([body.decode(errors="replace"), headers, *two.printed]).lower()
    return Answer(route.key, method, whose, response.status_code, text.replace(path.lower(), ""))


def leaks(answers: list[Answer]) -> list[tuple[str, str, str, int]]:
    return [answer.name for answer in answers if canaries.WORD in answer.text]


def found(answers: list[Answer]) -> list[tuple[str, str, str, int]]:
    """Return what should not have been found: another's thing that answered otherwise than that there is none."""
    return [
        answer.name
        for answer in answers
        if answer.whose in {"another's", "mixed"}
        and answer.key not in NOT_ONES_OWN
        and answer.status not in {403, 404, 405}
    ]


def opens(person: str, key: str) -> bool:
    """Tell whether the policy opens an address with the person's own keys to them."""
    policy = POLICIES[key]
    if isinstance(policy, Portal):
        return person in policy.roles.split()
    own = {Who.COMPANY, Who.OWN}
    return person == "buyer" if policy in own else policy is not Who.LOGIN or person != "visitor"


def misjudged(person: str, answers: list[Answer]) -> list[tuple[str, str, str, int]]:
    """Return the looks at own things that were refused though they are open, or the other way round."""
    refusals = {302, 403, 404, 405} if person == "visitor" else {403, 404, 405}
    return [
        answer.name
        for answer in answers
        if (answer.method, answer.whose) == ("get", "own")
        and answer.status not in ({200, 302, 405} if opens(person, answer.key) else refusals)
        and not (person != "visitor" and answer.key.startswith("password-reset"))  # for who cannot sign in
        and not (person == "viewer" and POLICIES[answer.key] in {Who.COMPANY, Who.OWN})  # by the role's capabilities
    ]


# --- what it must come to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_opens_their_own_and_nobody_reads_or_changes_anothers(person: str, two: World) -> None:
    before = canaries.snapshot(two.others_rows)
    mail.outbox.clear()

    answers = crawl(two.browser(person), two, METHODS if person in THOROUGH else METHODS[:2])

    assert leaks(answers) == []
    assert misjudged(person, answers) == []
    if person == "visitor":  # the login answers for everything that is somebody's
        assert [name for name in found(answers) if name[3] != 302] == []
    else:
        assert found(answers) == []
    assert [answer.name for answer in answers if answer.status >= 500] == []
    assert world.changes(before, canaries.snapshot(two.others_rows)) == []
    assert mail_that_leaks() == []


def test_every_address_with_a_key_is_tried_with_anothers(two: World) -> None:
    owned = {route.key for route in ROUTES if route.has_parameters and POLICIES[route.key] is not Who.PUBLIC}
    secret = {key for key in owned if POLICIES[key] is Who.SECRET}
    tried = {route.key for route, whose, _ in addresses(two) if whose == "another's"}
    assert owned - secret - tried == set()


# --- that it would notice -------------------------------------------------------------------------------------------


def test_the_word_stands_in_every_text_field_of_the_others(two: World) -> None:
    assert canaries.unplanted(two.others_rows) == {*APPEND_ONLY, *TOO_SHORT}
    fresh = canaries.all_rows()
    company = shop.company(name="bella foods")
    world.own_shop(world.Side(shop.buyer(company, role="admin"), two.mine.partner), "bella")
    assert len(canaries.unplanted(canaries.added_since(fresh))) > 15


# Rows that are never edited, and say what a rule, a product or the factory says.
APPEND_ONLY = {
    "channels_commissions.DisputeEntry.text",
    "channels_commissions.StatementApproval.reason",
    "channels_commissions.Accrual.rule_label",
    "channels_harmony.BuyTerm.reason",
    "channels_journeys.OrderEvent.reason",
    "channels_journeys.OrderLine.title",
    "shop_billing.Invoice.cost_centre",
    "shop_billing.Invoice.seller",
    "shop_billing.InvoiceLine.title",
    "shop_billing.InvoiceLine.unit",
    "shop_buying.AttemptEvent.reason",
    "shop_credit.CreditEntry.note",
    "shop_payments.PaymentEvent.what",
    "shop_registration.ApplicationEvent.text",
    "shop_tax.OrderTax.provider",
    "shop_tax.OrderTax.seller",
}
TOO_SHORT = {"shop_payments.SavedMethod.last4"}  # for the word


def mail_that_leaks() -> list[tuple[list[str], str]]:
    theirs = set(get_user_model().objects.filter(first_name=world.CANARY).values_list("email", flat=True))
    return [
        (message.to, message.subject)
        for message in mail.outbox
        if not theirs & set(message.to) and canaries.WORD in f"{message.subject} {message.body}".lower()
    ]


def test_mail_about_one_goes_to_nobody_of_the_other(two: World) -> None:
    assert len(mail.outbox) > 0
    assert mail_that_leaks() == []
    EmailMessage("Look", f"about {world.CANARY}", to=[two.mine.buyer.email]).send()
    assert mail_that_leaks() == [([two.mine.buyer.email], "Look")]


def test_twin_orders_shown_to_everybody_are_noticed(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "orders_visible_to", lambda *args, **kwargs: Order.objects.all())
    answers = crawl(two.browser("buyer"), two, LOOK)
    assert ("customer:order-list", "get", "own", 200) in leaks(answers)
    assert ("customer:order", "get", "another's", 200) in leaks(answers)
    assert ("customer:order", "get", "another's", 200) in found(answers)


def test_twin_a_seat_at_the_wrong_partner_is_noticed_also_in_files(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Seat, "partner", property(lambda seat: two.others.partner))
    leaking = {key for key, method, _, _ in leaks(crawl(two.browser("owner"), two, LOOK)) if method == "get"}
    assert {"portal:orders", "portal:orders-csv", "portal:statement-pdf", "portal:statement-json"} <= leaking


def test_twin_a_change_by_another_is_noticed(two: World) -> None:
    before = canaries.snapshot(two.others_rows)
    link = reverse("customer:wishlists-delete", kwargs=two.others.owned["customer:wishlists-delete"])
    world.browser_of(two.others.buyer).post(link)
    assert "wishlists.WishList" in world.changes(before, canaries.snapshot(two.others_rows))
