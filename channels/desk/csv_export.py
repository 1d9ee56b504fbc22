"""Files for spreadsheets, streamed: written while they are read."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import cast

from django.http import StreamingHttpResponse

from channels.core.cells import harmless

Cell = str | int | Decimal | date | None


def response(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    # Spreadsheets take a file without the mark for the system's own encoding, and names lose their letters.
    yield codecs.BOM_UTF8
    for row in chain([head], rows):
        cells = ["" if cell is None else harmless(cell) if isinstance(cell, str) else str(cell) for cell in row]
        yield cast("str", writer.writerow(cells)).encode()
