"""Shopping lists that colleagues share: on their page, to read, and nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oscar.apps.wishlists.models import WishList

from shop.companies.models import Membership
from tests.factories import shop

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_list(owner: Any, name: str = "Spares", visibility: str = "Shared") -> WishList:
    made = WishList.objects.create(owner=owner, name=name, visibility=visibility)
    made.add(shop.product("Pressure sensor"))
    return made


def test_a_colleague_reads_a_shared_list_and_its_owner_alone_changes_it() -> None:
    owner = shop.buyer(first_name="Kari", last_name="Berg")
    shared, mine = a_list(owner), a_list(owner, "Mine", "Private")
    client = signed_in(shop.buyer(owner.company))

    lists = client.get(reverse("customer:wishlists-list")).content.decode()
    page = client.get(reverse("customer:wishlists-detail", args=[shared.key]))

    assert ("Spares" in lists, "Kari Berg" in lists, "Mine" in lists) == (True, True, False)
    assert (page.status_code, [line.get_title() for line in page.context["page_obj"]]) == (200, ["Pressure sensor"])
    assert client.get(reverse("customer:wishlists-detail", args=[mine.key])).status_code == 404
    changed = client.post(reverse("customer:wishlists-detail", args=[shared.key]), {"lines-0-quantity": 9})
    assert (changed.status_code, shared.lines.get().quantity) == (403, 1)
    assert client.get(reverse("customer:wishlists-update", args=[shared.key])).status_code in {403, 404}
    assert signed_in(owner).get(reverse("customer:wishlists-detail", args=[shared.key])).status_code == 200


def test_lists_without_a_company_and_of_another_one_stay_personal() -> None:
    alone, stranger = shop.user(), shop.buyer()
    shared = a_list(alone)

    assert signed_in(alone).get(reverse("customer:wishlists-detail", args=[shared.key])).status_code == 200
    assert signed_in(stranger).get(reverse("customer:wishlists-detail", args=[shared.key])).status_code == 404
    assert "Spares" not in signed_in(stranger).get(reverse("customer:wishlists-list")).content.decode()


def test_the_lists_of_who_acts_for_another_company_too_are_not_shared() -> None:
    owner = shop.buyer()
    shared = a_list(owner)
    Membership.objects.create(user=owner, company=shop.company(), role_id="buyer", is_default=False)

    client = signed_in(shop.buyer(owner.company))

    assert client.get(reverse("customer:wishlists-detail", args=[shared.key])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_lists_takes_as_many_queries_for_three_as_for_one(rows: int) -> None:
    owner = shop.buyer()
    person = shop.buyer(owner.company)
    for number in range(rows):
        a_list(owner, f"Shared {number}")
        a_list(person, f"Own {number}")
    client, path = signed_in(person), reverse("customer:wishlists-list")
    client.get(path)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)

    assert [row.line_count for row in page.context["shared_lists"]] == [1] * rows
    assert len(queries) == 4
