"""Files of prices: told row by row what they would do, then taken over whole or not at all."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from oscar.apps.catalogue.models import Product

from channels.harmony.models import GuardCheck
from shop.operations import schedule
from shop.pricing.desk.engine.tables import MOST_BYTES, UnreadableFile
from shop.pricing.desk.files import list_rows, mistake_rows
from shop.pricing.desk.models import PriceImport
from shop.pricing.desk.selectors import price_files
from shop.pricing.desk.services import imports
from shop.pricing.models import PriceEntry, PriceList, PriceRecord
from shop.pricing.services.prices import PriceRow, save_list_prices
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.factories.shop import NOW

pytestmark = pytest.mark.django_db
State = PriceImport.State
HEAD = "sku,min_quantity,price,valid_from,valid_to"


def clock() -> Any:
    return NOW


def goods(sku: str) -> Product:
    product = shop.product(f"Pump {sku}")
    product.stockrecords.update(partner_sku=sku)
    return product


@pytest.fixture
def nordic() -> PriceList:
    """EUR 90 for A-1, EUR 80 from ten on."""
    price_list = PriceList.objects.create(code="nordic", name="Nordic", currency="EUR")
    one = goods("A-1")
    goods("A-2")
    rows = [
        PriceRow(product_id=one.pk, price=Decimal(90)),
        PriceRow(product_id=one.pk, price=Decimal(80), min_quantity=10),
    ]
    save_list_prices(price_list=price_list, rows=rows, at=NOW)
    return price_list


def uploaded(price_list: PriceList, *rows: str, content: bytes = b"") -> PriceImport:
    found = imports.upload(
        price_list=price_list, name="prices.csv", content=content or "\n".join([HEAD, *rows]).encode(), at=NOW
    )
    return imports.work_on(import_id=found.pk, clock=clock)


def taken_over(found: PriceImport) -> PriceImport:
    imports.accept(import_id=found.pk, at=NOW)
    return imports.work_on(import_id=found.pk, clock=clock)


def told(found: PriceImport) -> list[tuple[int, str, str, str]]:
    return [(one["row"], one["column"], one["code"], one["more"]) for one in found.problems]


def prices(price_list: PriceList) -> list[tuple[str, int, Decimal]]:
    rows = PriceEntry.objects.filter(price_list=price_list).order_by(
        "product__title", "min_quantity", F("valid_from").asc(nulls_first=True)
    )
    return [(row.product.title[-3:], row.min_quantity, row.price) for row in rows.select_related("product")]


WAS = [("A-1", 1, Decimal("90.00")), ("A-1", 10, Decimal("80.00"))]


def test_a_file_says_what_it_would_do_and_does_it_when_told(nordic: PriceList) -> None:
    found = uploaded(nordic, "A-1,,90,,", "A-1,10,79.50,,", 'A-2,5,"12,5",2026-04-01,2027-01-01')

    assert (found.state, found.encoding, found.separator) == ("checked", "utf-8", ",")
    counts = (found.rows_total, found.rows_added, found.rows_changed, found.rows_same, found.rows_wrong)
    assert counts == (3, 1, 1, 1, 0)
    assert [(one["row"], one["sku"], one["old"], one["new"]) for one in found.changes] == [
        (3, "A-1", "80.00", "79.50"),
        (4, "A-2", None, "12.5"),
    ]
    assert prices(nordic) == WAS
    records = PriceRecord.objects.count()

    done = taken_over(found)

    assert (done.state, bytes(done.content), done.finished_at) == ("done", b"", NOW)
    assert (done.rows_added, done.rows_changed, done.rows_same) == (1, 1, 1)
    assert prices(nordic) == [("A-1", 1, Decimal(90)), ("A-1", 10, Decimal("79.50")), ("A-2", 5, Decimal("12.50"))]
    assert PriceEntry.objects.get(min_quantity=5).valid_to == date(2027, 1, 1)
    new = PriceRecord.objects.order_by("pk")[records:]
    assert [(row.min_quantity, row.old, row.new, row.note) for row in new] == [
        (10, Decimal(80), Decimal("79.50"), f"File prices.csv ({found.pk})"),
        (5, None, Decimal("12.50"), f"File prices.csv ({found.pk})"),
    ]


def test_a_list_exported_and_read_again_changes_nothing(nordic: PriceList) -> None:
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in list_rows(nordic)]
    found = uploaded(nordic, content="\n".join(lines).encode())
    assert (found.state, found.rows_same, found.rows_added, found.rows_changed) == ("checked", 2, 0, 0)
    records = PriceRecord.objects.count()
    assert taken_over(found).state == "done"
    assert PriceRecord.objects.count() == records


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        (["nope,,5,,"], [(2, "sku", "unknown_sku", "")]),
        (["a-1,,5,,"], [(2, "sku", "unknown_sku_like", "A-1")]),
        (["A-2,,5,,", "A-2,1,6,,"], [(3, "", "twice", "2")]),
        (["A-1,,5,2026-05-01,"], [(2, "valid_from", "overlaps", "2026-05-01")]),
        (
            ["A-2,,5,,2026-05-02", "A-2,,6,2026-05-01,"],
            [(3, "valid_from", "overlaps", "2026-05-01")],
        ),
        (["A-1,,oops,,", "nope,,5,,"], [(2, "price", "not_a_price", "12.50"), (3, "sku", "unknown_sku", "")]),
    ],
)
def test_one_wrong_row_and_nothing_is_taken_over(nordic: PriceList, rows: list[str], problems: list[Any]) -> None:
    found = uploaded(nordic, *rows, "A-1,10,1,,")
    assert told(found) == problems
    assert found.state == "refused"
    with pytest.raises(imports.ImportNotAllowed, match="This file is: Refused"):
        imports.accept(import_id=found.pk, at=NOW)
    assert prices(nordic) == WAS


def test_ending_a_price_makes_room_for_its_successor(nordic: PriceList) -> None:
    assert taken_over(uploaded(nordic, "A-1,,90,,2026-05-01", "A-1,,95,2026-05-01,")).state == "done"
    assert [row[2] for row in prices(nordic)] == [Decimal(90), Decimal(95), Decimal(80)]


def test_a_sku_of_two_products_is_not_guessed(nordic: PriceList) -> None:
    other = goods("A-3")
    other.stockrecords.update(partner_sku="A-2", partner=make_supplier())
    assert told(uploaded(nordic, "A-2,,5,,")) == [(2, "sku", "ambiguous_sku", "")]


def make_supplier() -> Any:
    from oscar.apps.partner.models import Partner

    return Partner.objects.create(code="other", name="Other warehouse")


def test_the_file_of_mistakes_comes_back_corrected(nordic: PriceList) -> None:
    goods("=SUM(1)")
    found = uploaded(nordic, "A-2,1,5,,", "a-1,1,91,,", "'=SUM(1),1,7,,")
    head, wrong, *right = mistake_rows(found)
    assert list(head) == ["sku", "min_quantity", "price", "valid_from", "valid_to", "problem", "fix"]
    assert wrong == ["a-1", "1", "91", "", "", "No product has this SKU.", "Write A-1."]
    assert [row[0] for row in right] == ["A-2", "'=SUM(1)"]

    corrected = [",".join(head), ",".join(["A-1", *wrong[1:]]), *(",".join(row) for row in right)]
    again = uploaded(nordic, content="\n".join(corrected).encode())
    assert (again.state, again.rows_added, again.rows_changed) == ("checked", 2, 1)


def test_a_file_that_is_none_is_refused_with_the_reason(nordic: PriceList) -> None:
    found = uploaded(nordic, content=b"colour\nred\n")
    assert (found.state, told(found)) == ("refused", [(1, "", "columns_missing", "sku, price")])
    with pytest.raises(UnreadableFile, match="too_large"):
        imports.upload(price_list=nordic, name="x.csv", content=b"x" * (MOST_BYTES + 1), at=NOW)


def undercut() -> None:
    """A partner buys A-2 for EUR 70 and is promised its margin."""
    harmony.buys(make.partner("alfa", name="Alfa Networks"), sku="A-2")


def test_every_undercut_of_the_whole_file_is_told_and_may_be_overridden(
    nordic: PriceList, monkeypatch: pytest.MonkeyPatch
) -> None:
    undercut()
    monkeypatch.setattr(price_files, "CHUNK", 1)
    found = uploaded(nordic, "A-2,1,69,,", "A-1,10,1,,", "A-2,100,60,,")

    codes = [(row, code) for row, _column, code, _more in told(found)]
    assert (found.state, codes) == ("refused", [(2, "undercuts"), (4, "undercuts")])
    assert "(Alfa Networks)" in told(found)[0][3]
    assert prices(nordic) == WAS
    check = GuardCheck.objects.get(outcome="blocked")
    assert sorted(check.findings.values_list("quantity", flat=True)) == [1, 100]


def test_what_the_guard_lets_pass_is_taken_over(nordic: PriceList) -> None:
    undercut()
    harmony.mode(prices="top_up")
    found = uploaded(nordic, "A-2,1,69,,")
    assert (found.state, told(found)) == ("checked", [])
    assert taken_over(found).state == "done"
    assert GuardCheck.objects.get().outcome == "topped_up"


def test_what_changed_since_the_check_is_checked_again(nordic: PriceList, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's price with the same days came between the last look and the lock."""
    found = uploaded(nordic, "A-2,1,5,,")
    imports.accept(import_id=found.pk, at=NOW)
    look = price_files.examine

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        seen = look(*args, **kwargs)
        product = Product.objects.get(stockrecords__partner_sku="A-2")
        PriceEntry.objects.create(price_list=nordic, product=product, price=6, valid_from=date(2026, 5, 1))
        return seen

    monkeypatch.setattr(imports, "examine", overtaken)
    assert imports.work_on(import_id=found.pk, clock=clock).state == "waiting"
    monkeypatch.undo()
    assert told(imports.work_on(import_id=found.pk, clock=clock)) == [(2, "valid_from", "overlaps", "2026-05-01")]
    assert PriceEntry.objects.filter(price=5).count() == 0


def test_working_twice_takes_over_once(nordic: PriceList) -> None:
    found = taken_over(uploaded(nordic, "A-2,1,5,,"))
    records = PriceRecord.objects.count()
    imports.work_on(import_id=found.pk, clock=clock)
    with pytest.raises(imports.ImportNotAllowed):
        imports.accept(import_id=found.pk, at=NOW)
    with pytest.raises(imports.ImportNotAllowed):
        imports.again(import_id=found.pk, at=NOW)
    assert PriceRecord.objects.count() == records


def test_a_check_that_comes_late_does_not_undo_the_order_to_take_over(
    nordic: PriceList, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = imports.upload(price_list=nordic, name="p.csv", content=f"{HEAD}\nA-2,1,5,,".encode(), at=NOW)
    look = price_files.examine

    def slow(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.undo()
        imports.work_on(import_id=found.pk, clock=clock)
        imports.accept(import_id=found.pk, at=NOW)
        return look(*args, **kwargs)

    monkeypatch.setattr(imports, "examine", slow)
    assert imports.work_on(import_id=found.pk, clock=clock).state == "writing"


def test_a_failure_stays_on_the_file_and_can_be_tried_again(nordic: PriceList, monkeypatch: Any) -> None:
    found = uploaded(nordic, "A-2,1,5,,")
    imports.accept(import_id=found.pk, at=NOW)
    monkeypatch.setattr(imports, "save_list_prices", broken)
    failed = imports.work_on(import_id=found.pk, clock=clock)
    assert (failed.state, failed.last_error) == ("failed", "RuntimeError: disk")
    monkeypatch.undo()

    imports.again(import_id=found.pk, at=NOW)
    again = imports.work_on(import_id=found.pk, clock=clock)
    assert (again.state, again.last_error, prices(nordic)) == ("checked", "", WAS)
    assert taken_over(again).state == "done"


def broken(**_values: Any) -> None:
    raise RuntimeError("disk")


def test_lost_work_is_sent_again_three_times_and_old_files_are_dropped(
    nordic: PriceList, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    found = uploaded(nordic, "A-2,1,5,,")
    imports.accept(import_id=found.pk, at=NOW)
    now = NOW
    assert schedule.heal(now=now)["price_files"] == 0
    for attempt in (1, 2, 3):
        now += imports.PATIENCE
        with django_capture_on_commit_callbacks(execute=False) as sent:
            assert schedule.heal(now=now)["price_files"] == 1
        found.refresh_from_db()
        assert (found.state, found.attempts, len(sent)) == ("writing", attempt, 1)
    assert schedule.heal(now=now + imports.PATIENCE)["price_files"] == 1
    found.refresh_from_db()
    assert (found.state, found.last_error, bytes(found.content) != b"") == ("failed", imports.LOST, True)

    schedule.heal(now=NOW + imports.KEPT_FOR + timedelta(days=1))
    found.refresh_from_db()
    assert bytes(found.content) == b""


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_rows(nordic: PriceList, rows: int, django_assert_num_queries: Any) -> None:
    skus = [goods(f"Q-{number}").stockrecords.get().partner_sku for number in range(rows)]
    content = "\n".join(["sku,price", *(f"{sku},5" for sku in skus)]).encode()
    with django_assert_num_queries(7):
        found = price_files.examine(content, price_list=nordic, at=NOW, progress=lambda _rows: None)
    assert found.rows_added == rows
