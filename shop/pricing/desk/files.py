"""Prices as files: a list's entries, an empty template, and a file's mistakes. Each is what an import reads."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

import openpyxl
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from shop.operations.csv_cells import inert
from shop.pricing.desk.engine.price_file import COLUMNS, REMARKS
from shop.pricing.desk.engine.tables import open_table
from shop.pricing.desk.models import PriceImport
from shop.pricing.desk.selectors.tables import with_names
from shop.pricing.desk.wording import Told, told
from shop.pricing.models import PriceEntry, PriceList

CSV, XLSX = "csv", "xlsx"
FORMATS = (CSV, XLSX)
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 2_000
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take a file for the system's own encoding

Row = Sequence[Any]


def response(name: str, kind: str, rows: Iterable[Row]) -> HttpResponseBase:
    """Answer with rows as a file: text while it is written, a workbook once it is whole."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    if kind == CSV:
        return StreamingHttpResponse(csv_lines(rows), content_type=TYPES[CSV], headers=disposition)
    file = TemporaryFile()  # noqa: SIM115  the response closes it
    write_workbook(rows, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.{kind}", content_type=TYPES[XLSX])


def csv_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    for row in rows:
        writer.writerow([inert(cell) for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def write_workbook(rows: Iterable[Row], file: IO[bytes]) -> None:
    """Write one sheet row by row; memory does not grow with it."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("prices")
    for row in rows:
        sheet.append([inert(cell) for cell in row])
    book.save(file)


def list_rows(price_list: PriceList) -> Iterator[Row]:
    """Yield the head and every price of a list."""
    entries = with_names(PriceEntry.objects.filter(price_list=price_list)).order_by(
        "product_id", "min_quantity", "valid_from"
    )
    columns = ("sku", "title", "min_quantity", "price", "valid_from", "valid_to")
    yield COLUMNS
    for *goods, begins, ends in entries.values_list(*columns).iterator(chunk_size=CHUNK):
        yield [*goods, price_list.currency, begins, ends]


def template_rows(price_list: PriceList) -> Iterator[Row]:
    """Yield the head and two rows that show how it is filled in; their SKUs are nobody's."""
    yield COLUMNS
    yield ["EXAMPLE-1", "", 1, "12.50", price_list.currency, "", ""]
    yield ["EXAMPLE-1", "", 10, "11.90", price_list.currency, "2026-01-01", "2027-01-01"]


def mistake_rows(found: PriceImport) -> Iterator[Row]:
    """Yield the whole file again with what is wrong and how to mend it, the wrong rows first: correct and upload it."""
    problems: dict[int, list[Told]] = {}
    for one in found.problems:
        problems.setdefault(one["row"], []).append(told(**one))
    content = bytes(found.content)
    rows = open_table(content).rows
    _number, head = next(rows)
    named = [cell.strip().lower() for cell in head]
    kept = [place for place, name in enumerate(named) if name and name not in REMARKS]
    yield [*(head[place] for place in kept), *REMARKS]
    wrong = ((number, cells) for number, cells in rows if number in problems)
    right = ((number, cells) for number, cells in _after_head(content) if number not in problems)
    for number, cells in chain(wrong, right):
        about = problems.get(number, [])
        remarks = (" ".join(one.problem for one in about), " ".join(one.fix for one in about))
        yield [*(cells[place] if place < len(cells) else "" for place in kept), *remarks]


def _after_head(content: bytes) -> Iterator[tuple[int, list[str]]]:
    rows = open_table(content).rows
    next(rows)
    yield from rows
