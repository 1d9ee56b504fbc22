"""Files for spreadsheets, streamed: written while they are read."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.http import StreamingHttpResponse

from channels.core.cells import Cell, csv_headers, csv_lines
from channels.core.money import from_minor


def response(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(csv_lines(head, rows), headers=csv_headers(name))


def major(minor: int | None, currency: str) -> Decimal | None:
    """Return the amount with its decimals, for a cell of numbers."""
    return None if minor is None else from_minor(minor, currency)


def percent_number(basis_points: int | None) -> Decimal | None:
    return None if basis_points is None else Decimal(basis_points) / 100
