"""Files of prices: told apart by content, bounded, and every mistake with what to write instead."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from shop.pricing.desk.engine import tables
from shop.pricing.desk.engine.price_file import PriceRow, Problem, price_rows
from shop.pricing.desk.engine.tables import UnreadableFile, open_table

HEAD = "sku,title,min_quantity,price,currency,valid_from,valid_to"
WISE = [PriceRow(2, "A-1", 1, Decimal("12.50"), None, None), PriceRow(4, "Å-2", 10, Decimal(9), date(2026, 1, 1), None)]
TEXT = "sku;title;min_quantity;price;currency;valid_from\nA-1;Pump;;12,50;eur;\n;;;;;\nÅ-2;Ventil;10;9;;2026-01-01\n"


def read(content: bytes, currency: str = "EUR") -> list[Any]:
    return list(price_rows(open_table(content), currency=currency))


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_encoding_and_separator_are_recognised(encoding: str, separator: str) -> None:
    content = TEXT.replace(";", separator).encode(encoding)
    assert read(content) == WISE
    assert open_table(content).separator == separator


def test_a_workbook_is_read_like_the_text_whatever_its_cells_hold() -> None:
    head = ["SKU", "Title", "min quantity", "price", "currency", "valid_from", None]
    day = datetime(2026, 1, 1)
    content = workbook(head, ["A-1", "Pump", None, 12.5, "EUR", None], [], ["Å-2", None, 10, "9", None, day])
    assert open_table(content).encoding == "xlsx"
    assert read(content) == WISE
    numbers = workbook(["sku", "price"], [4711, 0.1 + 0.2], [4712.0, 1_234_567_890.12])
    assert [(row.sku, row.price) for row in read(numbers)] == [
        ("4711", Decimal("0.3")),
        ("4712", Decimal("1234567890.12")),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",,,5,,,", Problem(2, "sku", "", "missing")),
        ("A,,,,,,", Problem(2, "price", "", "missing")),
        ("A,,,free,,,", Problem(2, "price", "free", "not_a_price", "12.50")),
        ('A,,,"1.234,5",,,', Problem(2, "price", "1.234,5", "not_a_price", "1234.5")),
        ("A,,,€ 12,,,", Problem(2, "price", "€ 12", "not_a_price", "12")),
        ("A,,,1.234.567,,,", Problem(2, "price", "1.234.567", "not_a_price", "1234567")),
        ("A,,,NaN,,,", Problem(2, "price", "NaN", "not_a_price", "12.50")),
        ("A,,,1.234,,,", Problem(2, "price", "1.234", "too_many_decimals", "1.23")),
        ("A,,,-5,,,", Problem(2, "price", "-5", "unusual_price", "9999999999.99")),
        ("A,,,'-5,,,", Problem(2, "price", "-5", "unusual_price", "9999999999.99")),
        ("A,,,10000000000,,,", Problem(2, "price", "10000000000", "unusual_price", "9999999999.99")),
        ("A,,0,5,,,", Problem(2, "min_quantity", "0", "not_a_quantity", "1000000")),
        ("A,,1.5,5,,,", Problem(2, "min_quantity", "1.5", "not_a_quantity", "1000000")),
        (f"A,,{'9' * 5000},5,,,", Problem(2, "min_quantity", "9" * 80, "not_a_quantity", "1000000")),
        ("A,,,5,NOK,,", Problem(2, "currency", "NOK", "other_currency", "EUR")),
        ("A,,,5,,31.12.2026,", Problem(2, "valid_from", "31.12.2026", "not_a_day", "2026-12-31")),
        ("A,,,5,,,12/31/2026", Problem(2, "valid_to", "12/31/2026", "not_a_day", "2026-12-31")),
        ("A,,,5,,2026-02-01,2026-02-01", Problem(2, "valid_to", "2026-02-01", "ends_before", "2026-02-01")),
        (f"{'A' * 129},,,5,,,", Problem(2, "sku", "A" * 80, "too_long", "128")),
        ("A,,,5,,,,more", Problem(2, "", "", "too_many_cells")),
    ],
)
def test_each_mistake_is_told_with_the_likely_fix(row: str, problem: Problem) -> None:
    assert read(f"{HEAD}\n{row}\n".encode()) == [[problem]]


def test_a_currency_without_decimals_takes_none() -> None:
    assert read(b"sku,price\nA,5.5\n", "JPY") == [[Problem(2, "price", "5.5", "too_many_decimals", "6")]]
    assert read(b"sku,price\nA,1200\n", "JPY") == [PriceRow(2, "A", 1, Decimal(1200), None, None)]


def test_what_an_export_made_harmless_is_read_as_it_was() -> None:
    assert read(b"sku,price,problem,fix\n'=A,5,old,news\n")[0].sku == "=A"
    assert read(b"sku,price\n'A,5\n")[0].sku == "'A"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"sku,price\n", None),
        (b"sku\nA\n", "columns_missing"),
        (b"sku,price,colour\nA,5,red\n", "columns_unknown"),
        (b"sku,price,price\nA,5,6\n", "columns_twice"),
        (b"sku,price\n\xff\x00\x01\n", "not_text"),
        (b"\xd0\xcf\x11\xe0old", "old_workbook"),
        (b"PK\x03\x04 not really", "broken_workbook"),
        (workbook([], ["only", "cells"]), "columns_missing"),
        (workbook(["sku", "price"], ["A", 5])[:-60], "broken_workbook"),
        (b'sku,price\n"' + b"x" * 140_000, "broken_quotes"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, code: str | None) -> None:
    if code is None:
        assert read(content) == []
        return
    with pytest.raises(UnreadableFile) as refusal:
        read(content)
    assert refusal.value.code == code


def test_sizes_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert len(read(b"sku,price\nA,1\nB,2\n")) == 2
    with pytest.raises(UnreadableFile, match="too_many_rows"):
        read(b"sku,price\nA,1\nB,2\nC,3\n")
    with pytest.raises(UnreadableFile, match="too_many_rows"):
        read(workbook(["sku", "price"], ["A", 1], ["B", 1], ["C", 1]))
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    with pytest.raises(UnreadableFile, match="too_large"):
        read(b"sku,price\nA,1\n")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.MOST_UNPACKED_PART + 1))
    assert len(packed.getvalue()) < 100_000
    with pytest.raises(UnreadableFile, match="unpacks_too_large"):
        read(packed.getvalue())


@pytest.mark.slow
def test_a_sheet_that_lies_about_its_size_costs_nothing() -> None:
    """A row number beyond any sheet, and a width of 16,384 columns in the head."""
    original = workbook(["sku", "price"], ["A", 5])
    lying = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as parts, zipfile.ZipFile(lying, "w") as copy:
        for name in parts.namelist():
            text = parts.read(name)
            if name.endswith("sheet1.xml"):
                text = text.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"').replace(
                    b'<row r="2"', b'<row r="999999999"'
                )
            copy.writestr(name, text)
    with pytest.raises(UnreadableFile, match="too_many_rows"):
        read(lying.getvalue())
