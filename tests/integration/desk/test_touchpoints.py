"""Touchpoints on the desk: reported with their cost, brought in files, and what they usually cost."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.journeys.models import TouchCost, TouchImport, Touchpoint
from channels.journeys.selectors.costs import touch_costs
from channels.journeys.services import costs
from tests.factories import channels as make
from tests.factories.channels import NOON, days
from tests.integration.desk.people import channel_manager, staff

pytestmark = pytest.mark.django_db
FILE = "at,kind,company,note\n2026-02-01,call,fjord,First\n2026-02-02,visit,fjord,Second\n"


@pytest.fixture
def desk(client: Client) -> Any:
    with time_machine.travel(NOON, tick=False):
        client.force_login(channel_manager())
        make.company("fjord")
        yield client


def reported(**changed: Any) -> dict[str, Any]:
    company = make.company("fjord")
    form = {"kind": "visit", "company": company.pk, "at": "2026-03-01T10:00", "note": "On site", "token": "abc"}
    return {**form, **changed}


def test_a_visit_of_our_own_staff_is_direct_and_carries_its_cost(desk: Client) -> None:
    assert desk.post(reverse("desk_touchpoint_add"), reported(cost="250.5", currency="eur")).status_code == 302
    touch = Touchpoint.objects.get()
    assert (touch.partner, touch.medium, touch.cost_minor, touch.cost_currency) == (None, "field_sales", 25_050, "EUR")
    assert "250.50 EUR" in desk.get(reverse("desk_touchpoints")).content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cost": "5"}, "currency"),
        ({"cost": "5", "currency": "EURO"}, "currency"),
        ({"currency": "EUR"}, "cost"),
        ({"cost": "5.5", "currency": "JPY"}, "cost"),
        ({"cost": "-5", "currency": "EUR"}, "cost"),
        ({"medium": "pigeon"}, "medium"),
    ],
)
def test_a_wrong_cost_is_told_at_its_field(desk: Client, changed: dict[str, str], field: str) -> None:
    response = desk.post(reverse("desk_touchpoint_add"), reported(**changed))
    assert list(response.context["form"].errors) == [field]
    assert Touchpoint.objects.count() == 0


def upload(desk: Client, text: str) -> TouchImport:
    sent = SimpleUploadedFile("touches.csv", text.encode())
    assert desk.post(reverse("desk_touch_imports"), {"file": sent}).status_code == 302
    return TouchImport.objects.latest("pk")


def test_a_file_is_checked_shown_and_added_on_request(desk: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=False):
        found = upload(desk, FILE)
    url = reverse("desk_touch_import", args=[found.pk])
    waiting = desk.get(url)
    assert waiting["Refresh"] == "2"
    assert "brings itself up to date" in waiting.content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        found = upload(desk, FILE)
    url = reverse("desk_touch_import", args=[found.pk])
    page = desk.get(url)
    assert "Refresh" not in page
    assert "Add 2 touchpoints" in page.content.decode()
    assert Touchpoint.objects.count() == 0

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("desk_touch_import_accept", args=[found.pk]))
    assert list(Touchpoint.objects.values_list("note", flat=True)) == ["Second", "First"]
    again = desk.post(reverse("desk_touch_import_accept", args=[found.pk]), follow=True)
    assert "This file is: Done." in again.content.decode()
    assert Touchpoint.objects.count() == 2


def test_a_wrong_file_is_reported_on_the_page_and_as_a_file_no_spreadsheet_runs(
    desk: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        found = upload(desk, "at,kind,company\n2026-02-01,call,=HYPERLINK(1)\n")
    page = desk.get(reverse("desk_touch_import", args=[found.pk])).content.decode()
    assert "There is no such company." in page
    assert "Add 0" not in page
    report = b"".join(desk.get(reverse("desk_touch_import_problems", args=[found.pk]))).decode("utf-8-sig")
    assert report.splitlines()[1].startswith("2,company,'=HYPERLINK(1),There is no such company.,")
    assert Touchpoint.objects.count() == 0


def test_the_template_is_a_file_that_would_be_read(desk: Client) -> None:
    make.partner("fjordtek")
    make.company("one", vat_id="NO987654321")
    make.company("two", email_domain="havbris.example.com")
    text = b"".join(desk.get(reverse("desk_touch_template"))).decode("utf-8-sig")
    from channels.journeys.selectors.touch_files import examine

    found = examine(text.encode(), now=NOON + days(30), progress=lambda rows: rows)
    assert (len(found.new), found.problems) == (2, [])


def test_without_the_permission_there_is_neither_upload_nor_link(client: Client) -> None:
    client.force_login(staff("view_touchpoint"))
    page = client.get(reverse("desk_touchpoints")).content.decode()
    assert reverse("desk_touch_imports") not in page
    client.post(reverse("desk_touch_imports"), {"file": SimpleUploadedFile("x.csv", FILE.encode())})
    assert TouchImport.objects.count() == 0


def cost(kind: str, medium: str, minor: int, start: date, end: date | None = None) -> TouchCost:
    return costs.put(
        kind=kind, medium=medium, cost_minor=minor, currency="EUR", valid_from=start, valid_to=end, at=NOON
    )


def test_costs_are_added_and_corrected_with_a_trace(desk: Client) -> None:
    form = {
        "kind": "visit",
        "medium": "",
        "cost": "180",
        "currency": "EUR",
        "valid_from": "2026-01-01",
        "note": "Travel",
    }
    assert desk.post(reverse("desk_touch_cost_add"), form).status_code == 302
    row = TouchCost.objects.get()
    assert (row.cost_minor, row.currency, row.valid_from) == (18_000, "EUR", date(2026, 1, 1))
    twice = desk.post(reverse("desk_touch_cost_add"), form)
    assert "There is a cost for this from that day on already." in twice.content.decode()
    ends = desk.post(reverse("desk_touch_cost_edit", args=[row.pk]), {**form, "valid_to": "2025-01-01"})
    assert list(ends.context["form"].errors) == ["valid_to"]
    desk.post(reverse("desk_touch_cost_edit", args=[row.pk]), {**form, "cost": "190"})
    row.refresh_from_db()
    assert row.cost_minor == 19_000
    corrected = AuditEvent.objects.get(verb="touch_cost.corrected")
    assert (corrected.data["before"]["cost_minor"], corrected.data["cost_minor"]) == (18_000, 19_000)


def test_what_touches_cost_is_their_own_cost_or_the_usual_one_of_their_day() -> None:
    make.company("fjord")
    alfa = make.partner("alfa")
    cost("visit", "", 100_00, date(2026, 1, 1))
    cost("visit", "", 120_00, date(2026, 2, 1))
    cost("visit", "field_sales", 150_00, date(2026, 1, 1), date(2026, 1, 20))
    at = NOON.replace(month=1, day=10)
    make.touch(None, at, key="medium")
    make.touch(None, at.replace(day=20), key="every-medium")
    make.touch(None, at.replace(month=2, day=1), key="later")
    make.touch(None, at.replace(month=2), key="own", cost_minor=7_00, cost_currency="NOK")
    make.touch(None, at.replace(month=2), key="free", cost_minor=0, cost_currency="EUR")
    make.touch(alfa, at.replace(month=2), key="partner")
    make.touch(alfa, at.replace(month=2, day=11), key="joint", cost_minor=30_00, cost_currency="EUR")
    make.touch(None, at.replace(year=2025), key="before-any-price")

    found = list(touch_costs(since=at.replace(year=2024), until=NOON))
    keys = dict(Touchpoint.objects.values_list("pk", "key"))
    assert [(keys[one.touch_id], one.cost_minor, one.currency, one.is_estimate) for one in found] == [
        ("medium", 150_00, "EUR", True),
        ("every-medium", 100_00, "EUR", True),
        ("later", 120_00, "EUR", True),
        ("own", 7_00, "NOK", False),
        ("joint", 30_00, "EUR", False),
    ]
    assert {one.company_id for one in found} == {make.company("fjord").pk}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("desk_touch_costs", 9), ("desk_touch_imports", 8)])
def test_the_lists_cost_the_same_whatever_their_length(
    desk: Client, rows: int, name: str, queries: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        cost("visit", "", 100, date(2026, 1, 1 + number))
        TouchImport.objects.create(name="a.csv", content=b"", created_at=NOON)
    desk.get(reverse(name))
    with django_assert_num_queries(queries):
        desk.get(reverse(name))
