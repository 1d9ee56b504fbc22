"""Prices at the desk: lists, their prices, agreements, what changed, who sees what, and files through the pages."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shop.operations import roles
from shop.pricing.desk.models import PriceImport
from shop.pricing.models import ContractPrice, PriceEntry, PriceList, PriceRecord
from shop.pricing.services.lists import assign
from shop.pricing.services.prices import PriceRow, save_contract_prices, save_list_prices
from shop.segments.models import CustomerGroup
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.factories.shop import NOW

pytestmark = pytest.mark.django_db


def signed_in(client: Client, role: str) -> Client:
    user = shop.user(f"{role}@example.com", is_staff=True)
    user.groups.add(roles.sync()[role])
    client.force_login(user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


@pytest.fixture
def desk(client: Client) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield signed_in(client, "marketer")


def goods(sku: str, price: str = "100.00") -> Any:
    product = shop.product(f"Pump {sku}", price=price)
    product.stockrecords.update(partner_sku=sku)
    return product


def a_list(code: str = "nordic", *skus: str, **values: Any) -> PriceList:
    price_list = PriceList.objects.create(code=code, **{"name": code.title(), "currency": "EUR", **values})
    rows = [PriceRow(product_id=goods(sku).pk, price=Decimal(90)) for sku in skus]
    save_list_prices(price_list=price_list, rows=rows, at=NOW)
    return price_list


def text(page: Any) -> str:
    return str(page.content.decode())


# --- lists ----------------------------------------------------------------------------------------------------------


def test_a_list_is_made_changed_copied_and_archived(desk: Client) -> None:
    form = {"code": "nordic", "name": "Nordic", "currency": "eur", "priority": 5, "percent": "0"}
    assert desk.post(reverse("price_list_add"), form).status_code == 302
    nordic = PriceList.objects.get()
    assert (nordic.currency, nordic.priority, nordic.adjust_bp) == ("EUR", 5, 0)

    child = {**form, "code": "outlet", "name": "Outlet", "parent": nordic.pk, "percent": "-7.5"}
    desk.post(reverse("price_list_add"), child)
    outlet = PriceList.objects.get(code="outlet")
    assert (outlet.parent, outlet.adjust_bp) == (nordic, -750)

    own = desk.post(reverse("price_list_edit", args=[nordic.pk]), {**form, "parent": outlet.pk})
    assert "A list cannot derive from itself." in text(own)
    wrong = desk.post(
        reverse("price_list_edit", args=[nordic.pk]), {**form, "valid_from": "2026-02-01", "valid_to": "2026-01-01"}
    )
    assert list(wrong.context["form"].errors) == ["valid_to"]

    save_list_prices(price_list=nordic, rows=[PriceRow(product_id=goods("A-1").pk, price=Decimal(90))], at=NOW)
    desk.post(reverse("price_list_copy", args=[nordic.pk]), {"code": "south", "name": "South"})
    south = PriceList.objects.get(code="south")
    assert (south.priority, south.entries.get().price, south.assignments.count()) == (5, Decimal(90), 0)

    kept = desk.post(reverse("price_list_archive", args=[nordic.pk]), follow=True)
    assert "“Outlet” takes prices from this list. Give it another parent first." in text(kept)
    nordic.refresh_from_db()
    assert nordic.valid_to is None
    assert "Archived" in text(desk.post(reverse("price_list_archive", args=[south.pk]), follow=True))
    south.refresh_from_db()
    assert (south.valid_to, south.entries.count()) == (timezone.localdate(NOW), 1)
    assert [row.code for row in desk.get(reverse("price_lists"), {"state": "ended"}).context["object_list"]] == [
        "south"
    ]


def test_a_list_that_has_not_begun_is_archived_as_if_it_never_was(desk: Client) -> None:
    later = timezone.localdate(NOW) + timedelta(days=10)
    price_list = a_list("later", valid_from=later)
    assign(price_list=price_list, company=shop.company(), at=NOW)
    desk.post(reverse("price_list_archive", args=[price_list.pk]))
    price_list.refresh_from_db()
    assert (price_list.valid_from, price_list.valid_to) == (None, timezone.localdate(NOW))
    assert price_list.assignments.count() == 0


def test_a_list_is_given_to_a_company_a_group_or_a_channel_and_taken_back(desk: Client) -> None:
    price_list = a_list()
    shop.company(name="Havbris AS", vat_id="NO987654321")
    group = CustomerGroup.objects.create(code="gold", name="Gold")
    url = reverse("price_list_assign", args=[price_list.pk])
    for data in ({"company": "NO987654321"}, {"group": group.pk}, {"channel": "direct"}):
        assert desk.post(url, data).status_code == 302
    for data in ({}, {"company": "Havbris AS", "channel": "direct"}):
        assert "one of them." in text(desk.post(url, data))
    assert "Do you mean: Havbris AS?" in text(desk.post(url, {"company": "havbris"}))
    assert price_list.assignments.count() == 3

    gone = price_list.assignments.get(group=group)
    desk.post(reverse("price_list_withdraw", args=[price_list.pk, gone.pk]))
    other = a_list("other")
    mine = price_list.assignments.first()
    assert desk.post(reverse("price_list_withdraw", args=[other.pk, mine.pk])).status_code == 404
    assert price_list.assignments.count() == 2


# --- prices ---------------------------------------------------------------------------------------------------------


def test_prices_are_changed_in_the_table_and_found_by_sku_and_title(desk: Client) -> None:
    price_list = a_list("nordic", "A-1", "A-2", "B-1")
    url = reverse("price_list", args=[price_list.pk])
    one, two, _three = PriceEntry.objects.order_by("pk")
    found = desk.get(url, {"q": "a-"}).context["rows"]
    assert [entry.sku for entry, _form in found] == ["A-1", "A-2"]
    assert [entry.sku for entry, _form in desk.get(url, {"q": "pump b"}).context["rows"]] == ["B-1"]

    answer = desk.post(f"{url}?q=a-", {f"e{one.pk}-price": "85.5", f"e{two.pk}-price": ""}, follow=True)

    assert "2 prices saved." in text(answer)
    assert answer.redirect_chain[0][0] == f"{url}?q=a-"
    assert list(PriceEntry.objects.order_by("pk").values_list("price", flat=True)) == [Decimal("85.5"), Decimal(90)]
    assert "Enter a number." in text(desk.post(url, {f"e{one.pk}-price": "cheap"}))
    one.refresh_from_db()
    assert one.price == Decimal("85.50")


def test_a_price_that_undercuts_is_refused_and_what_was_typed_stays(desk: Client) -> None:
    price_list = a_list("nordic", "A-1")
    harmony.buys(make.partner("alfa", name="Alfa Networks"), sku="A-1")
    entry = PriceEntry.objects.get()
    page = text(desk.post(reverse("price_list", args=[price_list.pk]), {f"e{entry.pk}-price": "60"}))
    assert "undercuts Alfa Networks" in page
    assert 'value="60"' in page
    entry.refresh_from_db()
    assert entry.price == Decimal(90)


def test_tiers_of_a_product_are_edited_together(desk: Client) -> None:
    price_list = a_list("nordic", "A-1")
    entry = PriceEntry.objects.get()
    detail = reverse("price_list", args=[price_list.pk])
    url = reverse("price_list_product", args=[price_list.pk, entry.product_id])
    assert desk.post(detail, {"sku": "a-1"})["Location"] == url
    assert "No product has this SKU." in text(desk.post(detail, {"sku": "nope"}))

    tiers = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 1}
    tiers |= {"form-0-min_quantity": 2, "form-0-price": "88"}
    tiers |= {"form-1-min_quantity": 10, "form-1-price": "80", "form-1-valid_to": "2026-06-01"}
    tiers |= {"form-2-min_quantity": 10, "form-2-price": "79", "form-2-valid_from": "2026-05-01"}
    assert "there are two prices from" in text(desk.post(url, tiers))
    assert list(PriceEntry.objects.values_list("min_quantity", "price")) == [(1, Decimal(90))]

    desk.post(url, {**tiers, "form-2-valid_from": "2026-06-01"})
    assert list(PriceEntry.objects.order_by("min_quantity", "price").values_list("min_quantity", "price")) == [
        (2, Decimal(88)),
        (10, Decimal(79)),
        (10, Decimal(80)),
    ]


def test_what_was_agreed_with_a_company_is_kept_by_the_channel_manager_only(client: Client) -> None:
    company = shop.company(name="Havbris AS")
    goods("A-1")
    form = {"company": "Havbris AS", "sku": "A-1", "currency": "EUR", "min_quantity": 1, "price": "70"}
    with time_machine.travel(NOW, tick=False):
        marketer = signed_in(Client(), "marketer")
        manager = signed_in(client, "channel_manager")
        assert marketer.post(reverse("contract_price_add"), form).status_code == 302
        assert ContractPrice.objects.count() == 0
        assert reverse("contract_price_add") not in text(marketer.get(reverse("contract_prices")))

        manager.post(reverse("contract_price_add"), form)
        found = ContractPrice.objects.get()
        assert (found.company, found.price, found.expires) == (company, Decimal(70), None)
        changed = {"min_quantity": 5, "max_quantity": 50, "price": "65", "valid_to": "2027-01-01", "reference": "F-1"}
        manager.post(reverse("contract_price", args=[found.pk]), changed)
        found = ContractPrice.objects.get()
        assert (found.min_quantity, found.max_quantity, found.price, found.reference) == (5, 50, Decimal(65), "F-1")
        page = text(manager.get(reverse("contract_prices"), {"company": "Havbris AS", "q": "f-1"}))
        assert "65.00 EUR" in page
        manager.post(reverse("contract_price_remove", args=[found.pk]))
    assert ContractPrice.objects.count() == 0
    history = PriceRecord.objects.filter(company=company).order_by("pk")
    assert [(row.old, row.new) for row in history] == [
        (None, Decimal(70)), (Decimal(70), None), (None, Decimal(65)), (Decimal(65), None),
    ]  # fmt: skip
    assert {row.by.email for row in history} == {"channel_manager@example.com"}


def test_history_is_found_by_list_product_person_and_day(desk: Client) -> None:
    price_list = a_list("nordic", "A-1", "A-2")
    entry = PriceEntry.objects.first()
    desk.post(reverse("price_list", args=[price_list.pk]), {f"e{entry.pk}-price": "85"})
    url, today = reverse("price_history"), timezone.localdate(NOW)

    def found(**asked: Any) -> list[tuple[Any, Any]]:
        return [(row.old, row.new) for row in desk.get(url, asked).context["object_list"]]

    assert found(by="marketer@") == [(Decimal(90), Decimal(85))]
    assert found(q="a-2") == [(None, Decimal(90))]
    assert len(found(price_list=price_list.pk, since=today, until=today)) == 3
    assert found(since=today + timedelta(days=1)) == []
    assert "marketer@example.com" in text(desk.get(url))


# --- who sees what --------------------------------------------------------------------------------------------------


def seen(desk: Client, **asked: Any) -> Any:
    form = {"on": "2026-03-02", "quantity": 1, "channel": "direct", "currency": "EUR", "skus": "A-1", **asked}
    page = desk.get(reverse("price_preview"), form)
    assert page.context["form"].errors == {}, page.context["form"].errors
    return page.context["preview"]


def test_the_preview_tells_the_price_and_why_the_others_lost(desk: Client) -> None:
    company = shop.company(name="Havbris AS")
    nordic, gold, later = a_list("nordic", "A-1"), a_list("gold"), a_list("later", valid_from="2026-04-01")
    product = PriceEntry.objects.get().product
    save_list_prices(
        price_list=gold, rows=[PriceRow(product_id=product.pk, price=Decimal(85), min_quantity=10)], at=NOW
    )
    row = PriceRow(product_id=product.pk, price=Decimal(70), min_quantity=50, reference="F-1")
    save_contract_prices(company=company, currency="EUR", rows=[row], at=NOW)
    assign(price_list=nordic, channel="direct", at=NOW)
    for price_list in (gold, later):
        assign(price_list=price_list, company=company, at=NOW)

    [stranger] = seen(desk).rows
    assert (stranger.amount, stranger.label, stranger.name) == (Decimal(90), "List of the channel", "Nordic")
    assert [(lost.label, lost.amount, lost.why) for lost in stranger.lost] == [
        ("List price", Decimal(100), "Comes later in the order of sources.")
    ]
    found = seen(desk, company="Havbris AS")
    assert [(lost.name, lost.why) for lost in found.idle] == [("Later", "It begins on 1 April 2026.")]
    assert (found.rows[0].amount, [(lost.name, lost.amount, lost.why) for lost in found.rows[0].lost]) == (
        Decimal(90),
        [
            ("F-1", None, "Begins at 50 units."),
            ("Gold", None, "Begins at 10 units."),
            ("", Decimal(100), "Comes later in the order of sources."),
        ],
    )
    assert seen(desk, company="Havbris AS", quantity=10).rows[0].amount == Decimal(85)
    [bulk] = seen(desk, company="Havbris AS", quantity=50).rows
    assert (bulk.amount, bulk.label, bulk.name) == (Decimal(70), "Contract price", "F-1")
    assert seen(desk, currency="NOK").rows[0].amount is None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_preview_asks_as_often_for_many_products(desk: Client, rows: int, django_assert_num_queries: Any) -> None:
    price_list = a_list("nordic", *(f"A-{number}" for number in range(rows)))
    assign(price_list=price_list, channel="direct", at=NOW)
    skus = ", ".join(f"A-{number}" for number in range(rows))
    seen(desk, skus=skus)
    with django_assert_num_queries(LIST_QUERIES["preview"]):
        assert len(seen(desk, skus=skus).rows) == rows


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_file_is_checked_shown_and_taken_over_on_request(
    desk: Client, django_capture_on_commit_callbacks: Any
) -> None:
    price_list = a_list("nordic", "A-1")

    def upload(name: str, content: bytes, *, at_once: bool = True) -> str:
        with django_capture_on_commit_callbacks(execute=at_once):
            sent = desk.post(
                reverse("price_imports", args=[price_list.pk]), {"file": SimpleUploadedFile(name, content)}
            )
        assert sent.status_code == 302
        return reverse("price_import", args=[PriceImport.objects.latest("pk").pk])

    waiting = desk.get(upload("prices.csv", b"sku,price\nA-1,91\n", at_once=False))
    assert waiting["Refresh"] == "2"
    assert "brings itself up to date" in text(waiting)

    wrong = text(desk.get(upload("prices.csv", b"sku,price\n=A-1,91\n")))
    assert "No product has this SKU." in wrong
    assert "Take over these prices" not in wrong
    mistakes = reverse("price_import_mistakes", args=[PriceImport.objects.latest("pk").pk, "csv"])
    assert "'=A-1,91,No product" in b"".join(desk.get(mistakes).streaming_content).decode()

    url = upload("prices.csv", b"sku,price\nA-1,91\n")
    page = desk.get(url)
    assert "Refresh" not in page
    assert "Take over these prices" in text(page)
    assert (
        desk.get(reverse("price_import_mistakes", args=[PriceImport.objects.latest("pk").pk, "csv"])).status_code == 404
    )
    assert PriceEntry.objects.get().price == Decimal(90)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{url}accept/")
    assert PriceEntry.objects.get().price == Decimal(91)
    assert "This file is: Done." in text(desk.post(f"{url}accept/", follow=True))
    record = PriceRecord.objects.first()
    assert (record.old, record.new, record.by.email) == (Decimal(90), Decimal(91), "marketer@example.com")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_goes_out_and_comes_back_unchanged_and_no_cell_is_a_formula(desk: Client, kind: str) -> None:
    price_list = a_list("nordic", "A-1", "=1+1")
    answer = desk.get(reverse("price_export", args=[price_list.pk, kind]))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == f'attachment; filename="prices-nordic-20260302.{kind}"'
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    desk.post(reverse("price_imports", args=[price_list.pk]), {"file": SimpleUploadedFile("x", content)})
    from shop.pricing.desk.services import imports

    found = imports.work_on(import_id=PriceImport.objects.get().pk, clock=lambda: NOW)
    assert (found.state, found.rows_same, found.rows_total) == ("checked", 2, 2)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_read_but_for_its_invented_skus(desk: Client, kind: str) -> None:
    price_list = a_list("nordic")
    content = b"".join(desk.get(reverse("price_template", args=[price_list.pk, kind])).streaming_content)
    from shop.pricing.desk.selectors.price_files import examine

    found = examine(content, price_list=price_list, at=NOW, progress=lambda _rows: None)
    assert [problem.code for problem in found.problems] == ["unknown_sku", "unknown_sku"]


# --- lists stay cheap -----------------------------------------------------------------------------------------------

LIST_QUERIES = {"lists": 10, "entries": 12, "contracts": 10, "history": 12, "imports": 10, "preview": 13}


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_often_for_three_rows_as_for_one(desk: Client, rows: int, django_assert_num_queries: Any) -> None:
    parent = a_list("parent", *(f"A-{number}" for number in range(rows)))
    products = [entry.product_id for entry in PriceEntry.objects.all()]
    for number, product_id in enumerate(products):
        if number:
            PriceList.objects.create(code=f"n-{number}", name="N", currency="EUR", parent=parent)
        company = shop.company()
        row = PriceRow(product_id=product_id, price=Decimal(70))
        save_contract_prices(company=company, currency="EUR", rows=[row], at=NOW)
        PriceImport.objects.create(price_list=parent, name="f", content=b"", created_at=NOW, heartbeat_at=NOW)
    pages = {
        "lists": reverse("price_lists"),
        "entries": reverse("price_list", args=[parent.pk]),
        "contracts": reverse("contract_prices"),
        "history": f"{reverse('price_history')}?price_list={parent.pk}",
        "imports": reverse("price_imports", args=[parent.pk]),
    }
    for name, url in pages.items():
        desk.get(url)
        with django_assert_num_queries(LIST_QUERIES[name]):
            assert desk.get(url).status_code == 200
