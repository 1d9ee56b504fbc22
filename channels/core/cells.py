"""Files that people open in a spreadsheet: their cells, and their lines."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import cast

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | Decimal | date | None


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: one that could start one gets an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def inert(cell: Cell) -> str:
    """Return a cell as text. A text that could start a formula is made harmless; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def csv_lines(head: Sequence[object], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the lines of a file one by one, so that it can be sent while it is read."""
    writer = csv.writer(_Echo())
    # Spreadsheets take a file without the mark for the system's own encoding, and names lose their letters.
    yield codecs.BOM_UTF8
    for row in chain([[str(title) for title in head]], rows):
        yield cast("str", writer.writerow([inert(cell) for cell in row])).encode()


def csv_headers(name: str) -> dict[str, str]:
    """Return the headers of an answer that is such a file."""
    return {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}.csv"'}


class _Echo:
    def write(self, text: str) -> str:
        return text
