"""Pages of returns: the buyers', the staff's and finance's; who may what, and what a list costs."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import translation
from fpdf import FPDF
from PIL import Image

from shop.returns import selectors, slip
from shop.returns.models import Repayment, ReturnPolicy, ReturnRequest
from shop.returns.services import requests
from tests.factories import returns
from tests.factories import shop as make

pytestmark = pytest.mark.django_db
BACKEND = "shop.forks.customer.auth_backends.EmailBackend"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(returns.later(5), tick=False):
        yield


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, BACKEND)
    return client


def staff(*codenames: str) -> Any:
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return signed_in(user)


def ask_url(order: Any) -> str:
    return f"/accounts/orders/{order.purchase.public_ref}/return/"


def fields(order: Any, units: int = 1, **more: Any) -> dict[str, Any]:
    prefix = f"line-{order.lines.first().pk}"
    values = {"quantity": units, "reason": "defective", "wish": "refund", "text": "It blinks", **more}
    return {"key": str(uuid4()), **{f"{prefix}-{name}": value for name, value in values.items()}}


def photo() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (3, 3)).save(file, "PNG")
    file.seek(0)
    file.name = "photo.png"
    return file


# --- buyers -----------------------------------------------------------------------------------------------------------


def test_a_buyer_asks_follows_and_cancels() -> None:
    order = returns.delivered()
    client = signed_in(order.user)
    assert ask_url(order) in client.get(f"/accounts/orders/{order.purchase.public_ref}/").content.decode()
    assert "3 units may come back until 4 Apr 2026" in client.get(ask_url(order)).content.decode()
    sent = client.post(ask_url(order), fields(order, 2, document=photo()))
    [made] = ReturnRequest.objects.all()
    assert sent.headers["Location"] == f"/accounts/returns/{made.reference}/"
    assert (made.state, made.requested_by, made.lines.get().documents.get().media_type) == (
        "requested", order.user, "image/png",
    )  # fmt: skip
    page = client.get(sent.headers["Location"]).content.decode()
    assert "We look at it within two working days" in page
    assert client.get(f"/accounts/returns/{made.reference}/slip/").status_code == 404
    file = client.get(f"/accounts/returns/{made.reference}/documents/{made.lines.get().documents.get().pk}/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    client.post(f"/accounts/returns/{made.reference}/cancel/")
    made.refresh_from_db()
    assert made.state == "cancelled"


@pytest.mark.parametrize(
    ("units", "more", "says"),
    [
        (0, {}, "Choose at least one unit"),
        (4, {}, "less than or equal to 3"),
        (1, {"reason": "boredom"}, "not one of the available choices"),
        (1, {"document": BytesIO(b"#!/bin/sh")}, "not a PDF, PNG or JPEG"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_asked(units: int, more: dict[str, Any], says: str) -> None:
    order = returns.delivered()
    page = signed_in(order.user).post(ask_url(order), fields(order, units, **more))
    assert (page.status_code, ReturnRequest.objects.count()) == (422, 0)
    assert says in page.content.decode()


def test_only_who_could_have_ordered_it_sends_it_back() -> None:
    company = make.company()
    order = returns.delivered(make.buyer(company))
    viewer = signed_in(make.buyer(company, role="viewer"))
    found = returns.asked(order)
    assert viewer.get(ask_url(order)).status_code == 403
    assert viewer.post(ask_url(order), fields(order)).status_code == 403
    assert viewer.get(f"/accounts/returns/{found.reference}/").status_code == 200
    assert viewer.post(f"/accounts/returns/{found.reference}/cancel/").status_code == 403
    stranger = signed_in(make.buyer())
    assert stranger.get(ask_url(order)).status_code == 404
    assert stranger.get(f"/accounts/returns/{found.reference}/").status_code == 404
    assert ReturnRequest.objects.get().state == "requested"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows: int, django_assert_num_queries: Any) -> None:
    person = make.buyer()
    for _number in range(rows):
        returns.asked(returns.delivered(person))
    client = signed_in(person)
    client.get("/accounts/returns/")
    with django_assert_num_queries(4):
        page = client.get("/accounts/returns/")
    assert len(page.context["page_obj"]) == rows
    assert len(client.get("/accounts/returns/?state=refunded").context["page_obj"]) == 0


@pytest.mark.parametrize(("language", "title"), [("en", "Return slip"), ("nb", "")])
def test_the_slip_names_the_return_and_its_goods(language: str, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    order = returns.delivered()
    found = returns.asked(order, returns.wanted(order, 2))
    requests.approve(request_id=found.pk, at=returns.later(1), by=None)
    printed: list[str] = []
    normalize = FPDF.normalize_text
    monkeypatch.setattr(FPDF, "normalize_text", lambda self, text: printed.append(text) or normalize(self, text))
    client = signed_in(order.user)
    response = client.get(f"/accounts/returns/{found.reference}/slip/")
    assert response.content.startswith(b"%PDF-")
    printed.clear()
    with translation.override(language):
        first, second = slip.build(found), slip.build(found)
    assert first == second
    assert {found.reference, order.number, order.lines.get().title, "2"} <= set(printed)
    assert not title or title in printed


# --- staff ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_costs_the_same_however_long(rows: int, django_assert_num_queries: Any) -> None:
    for _number in range(rows):
        returns.asked(returns.delivered())
    client = staff("view_returnrequest")
    client.get("/admin/returns/")
    with django_assert_num_queries(11):
        page = client.get("/admin/returns/")
    assert [days for _row, days in page.context["rows"]] == [0] * rows


def test_staff_take_a_return_from_the_wish_to_the_grant_and_finance_pays() -> None:
    order = returns.delivered(paid=True)
    found = returns.asked(order, returns.wanted(order, 2))
    here, line = f"/admin/returns/{found.reference}/", found.lines.get().pk
    handler = staff("view_returnrequest", "handle_returnrequest")
    granter = staff("view_returnrequest", "grant_returnrequest")
    finance = staff("view_repayment", "release_repayment")
    assert handler.post(f"{here}grant/").status_code in (302, 403)
    handler.post(f"{here}approve/", {"text": "Use the old box"})
    handler.post(f"{here}receive/", {f"line_{line}": 2})
    judged = {"outcome": "refund", "condition": "as_new", "accepted": 1, "restock": 1}
    wrong = handler.post(
        f"{here}inspect/", {f"line-{line}-{name}": value for name, value in {**judged, "accepted": 3}.items()}
    )
    assert b"less than or equal to 2" in wrong.content
    handler.post(f"{here}inspect/", {f"line-{line}-{name}": value for name, value in judged.items()})
    found.refresh_from_db()
    assert (found.state, found.take_back) == ("inspected", None)
    granter.post(f"{here}grant/")
    [row] = Repayment.objects.all()
    assert granter.get("/admin/returns/money/").status_code in (302, 403)
    assert row.state == "waiting"
    refused = finance.post(f"/admin/returns/money/{row.pk}/", {"way": "transfer"})
    assert b"Make the transfer first" in refused.content
    finance.post(f"/admin/returns/money/{row.pk}/", {"way": "transfer", "reference": "B-5"})
    row.refresh_from_db()
    found.refresh_from_db()
    assert (row.state, found.state) == ("done", "refunded")
    assert [
        (taken.quantity, found.order.lines.get().stockrecord.num_in_stock) for taken in found.take_back.lines.all()
    ] == [(1, 8)]


@pytest.mark.parametrize("rows", [1, 3])
def test_finance_reads_what_waits_at_the_same_cost(rows: int, django_assert_num_queries: Any) -> None:
    for _number in range(rows):
        returns.granted(returns.delivered(paid=True))
    client = staff("view_repayment", "release_repayment")
    client.get("/admin/returns/money/")
    with django_assert_num_queries(9):
        page = client.get("/admin/returns/money/")
    assert len(page.context["object_list"]) == rows


def test_windows_are_kept_by_who_may() -> None:
    ReturnPolicy.objects.all().delete()  # the one that a store starts with
    keeper = staff("view_returnpolicy", "change_returnpolicy")
    keeper.post("/admin/returns/windows/new/", {"days": 14})
    again = keeper.post("/admin/returns/windows/new/", {"days": 20})
    assert b"There is a return window for these already" in again.content
    assert staff("view_returnpolicy").post("/admin/returns/windows/new/", {"days": 9}).status_code in (302, 403)
    assert [policy.days for policy in ReturnPolicy.objects.all()] == [14]
    page = staff("view_returnpolicy").get("/admin/returns/windows/").content.decode()
    assert "everybody" in page
    assert "Add a return window" not in page


def test_counts_tell_the_desk_what_waits() -> None:
    order = returns.delivered(paid=True)
    returns.asked(order)
    returns.granted(returns.delivered(paid=True))
    assert selectors.counts(now=returns.ASKED + timedelta(days=1)) == {
        "requested": 1, "received": 0, "inspected": 0, "to_release": 1, "failed": 0,
    }  # fmt: skip
