"""Files for spreadsheets: streamed, and with no cell that a spreadsheet would run as a formula."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import cast

from django.http import StreamingHttpResponse

from channels.core.cells import harmless
from channels.core.money import from_minor

Cell = str | int | Decimal | date | None


def response(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Answer with a file that is written while it is read."""
    answer = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def inert(cell: Cell) -> str:
    """Return a cell as text. A text that could start a formula gets an apostrophe; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def major(minor: int | None, currency: str) -> Decimal | None:
    """Return the amount with its decimals, for a cell of numbers."""
    return None if minor is None else from_minor(minor, currency)


def percent_number(basis_points: int | None) -> Decimal | None:
    return None if basis_points is None else Decimal(basis_points) / 100


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    # Spreadsheets take a file without the mark for the system's own encoding, and names lose their letters.
    yield codecs.BOM_UTF8
    for row in chain([head], rows):
        yield cast("str", writer.writerow([inert(cell) for cell in row])).encode()
