"""Tables of the desk as files for spreadsheets; no cell is run as a formula."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpResponse

from channels.core.cells import harmless
from channels.core.money import from_minor

Cell = str | int | Decimal | date | None


def response(name: str, head: Sequence[object], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.write("\ufeff")  # without it, spreadsheets take the file for the system's own encoding
    writer = csv.writer(answer)
    writer.writerow([str(title) for title in head])
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return answer


def major(minor: int, currency: str) -> Decimal:
    """Return the amount with its decimals, as a number."""
    return from_minor(minor, currency)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
