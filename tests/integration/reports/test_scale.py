"""Lists and files of ten thousand rows: a page stays a page, and takes as many queries as with ten."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.paginator import Page
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.commissions.models import Accrual, PayoutBatch, Statement
from channels.harmony.models import GuardCheck
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal.worlds import browser, level
from tests.integration.reports.many import partner_with

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 12, 9, tzinfo=UTC)
MOST_PER_PAGE = 100
# Queries on channel tables, by address.
PORTAL = {
    "orders": 8, "customers": 7, "links": 5, "guarantee": 5, "disputes": 3, "notices": 3, "statement": 8,
}  # fmt: skip
DESK = {
    "desk_orders": 4, "desk_disputes": 3, "desk_statements": 5, "desk_payouts": 5, "desk_ledger": 5, "desk_reviews": 2,
    "desk_touchpoints": 3, "desk_relationships": 3, "desk_undercuts": 4, "desk_statement": 6, "desk_payout_batch": 5,
    "desk_undercut": 4,
}  # fmt: skip
FILES = {"statement-csv": 4, "statement-pdf": 5, "statement-json": 11}


@pytest.fixture(params=[10, pytest.param(10_000, marks=pytest.mark.slow)])
def rows(request: pytest.FixtureRequest) -> Iterator[int]:
    with time_machine.travel(TODAY, tick=False):
        yield request.param


def shown(client: Client, address: str, at: str, number: int) -> tuple[Page[Any], int]:
    """A page of a list, and how many queries on channel tables it took."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address, {at: str(number)})
    assert answer.status_code == 200, (address, number)
    context = answer.context
    return context["page_obj" if at == "p" else "page"], sum('"channels_' in query["sql"] for query in captured)


def check(client: Client, address: str, at: str, rows: int, queries: int) -> None:
    """Look at the first page, one in the middle, and the last: each row is on one of them, and none costs more."""
    first, _ = shown(client, address, at, 1)
    last = first.paginator.num_pages
    sizes = set()
    for number in {1, (last + 1) // 2, last}:
        found, taken = shown(client, address, at, number)
        assert (found.number, taken) == (number, queries), address
        sizes.add(len(found.object_list))
    assert first.paginator.count >= rows, address
    assert max(sizes) <= min(first.paginator.per_page, MOST_PER_PAGE), address


def test_every_list_and_file(rows: int) -> None:
    anna = partner_with(rows)
    level(anna, 3)
    _portal(anna, rows)
    _files(anna, rows)
    _desk(anna, rows)


def _portal(anna: ChannelPartner, rows: int) -> None:
    client, statement = browser(anna), anna.statements.get()
    for name, queries in PORTAL.items():
        args = [statement.number] if name == "statement" else []
        check(client, reverse(f"portal:{name}", args=args), "page", rows, queries)


def _files(anna: ChannelPartner, rows: int) -> None:
    client, statement = browser(anna), anna.statements.get()
    sizes = {}
    for name in FILES:
        with CaptureQueriesContext(connection) as captured:
            answer: Any = client.get(reverse(f"portal:{name}", args=[statement.number]))
            sizes[name] = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert sum('"channels_' in query["sql"] for query in captured) == _queries(name, rows), name
    assert sizes["statement-csv"].count(b"\r\n") == rows + 4
    assert sizes["statement-json"].count(b'"kind": "release"') == 2 * rows
    assert len(sizes["statement-pdf"]) < 60_000


def _queries(name: str, rows: int) -> int:
    """On paper so many movements are summed by kind, which is one query more than to list a few."""
    return FILES[name] - (name == "statement-pdf" and rows <= 600)


def _desk(anna: ChannelPartner, rows: int) -> None:
    client = Client()
    client.force_login(make.user(is_staff=True, is_superuser=True))
    named: dict[str, object] = {
        "desk_statement": Statement.objects.get(partner=anna).number,
        "desk_payout_batch": PayoutBatch.objects.get().pk,
        "desk_undercut": GuardCheck.objects.order_by("pk")[0].pk,
    }
    Accrual.objects.update(state=Accrual.State.REVIEW)
    for name, queries in DESK.items():
        args = [named[name]] if name in named else []
        check(client, reverse(name, args=args), "p", rows, queries)
