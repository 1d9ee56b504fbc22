"""A GET changes nothing: links are followed by mail scanners, prefetching browsers and crawlers."""

from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from tests.integration.access import world
from tests.integration.access.policies import POLICIES, Portal, Who
from tests.integration.access.routes import Route, every_route

pytestmark = [
    pytest.mark.django_db,
    # Oscar pages through offers that its count has put out of order.
    pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning"),
]

# What looking at a page is meant to leave behind.
KEPT_BY_LOOKING = (
    "analytics.ProductRecord", "analytics.UserRecord", "analytics.UserProductView", "analytics.UserSearch",  # counts
    "wagtailusers.UserProfile",  # Wagtail's preferences of whoever enters its admin
    "wagtailimages.Rendition", "thumbnail.KVStore",  # a picture in the size that the page asks for
    "communication.Notification",  # opened is read
)  # fmt: skip
# Fails on purpose, for trying out the error page.
ERROR_PAGE = "wagtailadmin_error_test"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(world.LATER, tick=False):
        yield


def parameterless() -> list[Route]:
    return [route for route in every_route() if not route.has_parameters and route.key != ERROR_PAGE]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_every_page_as_superuser_changes_no_row(method: str) -> None:
    world.two_sides()
    client = world.browser_of(world.superuser())
    before = world.rows(*KEPT_BY_LOOKING)

    answers = {route.path: getattr(client, method)(route.path).status_code for route in parameterless()}

    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert list(answers.values()).count(200) > 120
    assert world.changes(before, world.rows(*KEPT_BY_LOOKING)) == []


def test_looking_at_ones_own_things_changes_no_row() -> None:
    mine, _ = world.two_sides()
    buyer, owner = world.browser_of(mine.buyer), world.member(mine, "owner")
    before = world.rows(*KEPT_BY_LOOKING)

    for route in every_route():
        if POLICIES.get(route.key) is Who.OWN:
            buyer.get(reverse(route.name, kwargs=mine.owned[route.key]))
        elif isinstance(POLICIES.get(route.key), Portal) and route.has_parameters:
            owner.get(reverse(route.name, kwargs=mine.of_partner[route.key]))

    assert world.changes(before, world.rows(*KEPT_BY_LOOKING)) == []


def test_lists_and_alerts_are_changed_by_post_alone() -> None:
    mine, _ = world.two_sides()
    client = world.browser_of(mine.buyer)
    move = reverse(
        "customer:wishlists-move-product-to-another", kwargs=mine.owned["customer:wishlists-move-product-to-another"]
    )
    cancel = reverse("customer:alerts-cancel-by-pk", kwargs=mine.owned["customer:alerts-cancel-by-pk"])
    add = reverse("customer:wishlists-add-product", kwargs=mine.owned["customer:wishlists-add-product"])

    assert {client.get(path).status_code for path in (move, cancel, add)} == {405}
    assert {client.post(path).status_code for path in (add, move)} == {302}
    assert client.post(f"{cancel}?next=https://elsewhere.example.com/").url.startswith("/catalogue/")

    wishes = mine.buyer.wishlists.get(key=mine.owned["customer:wishlists-detail"]["key"])
    assert not wishes.lines.exists()
    assert mine.buyer.wishlists.exclude(pk=wishes.pk).get().lines.get().quantity == 2
    assert mine.buyer.alerts.get().status == "Cancelled"
