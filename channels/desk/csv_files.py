"""Tables of the desk as files for spreadsheets."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse, StreamingHttpResponse

from channels.core.cells import Cell, csv_headers, csv_lines


def response(name: str, head: Sequence[object], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Answer with a file that is written first, so that a failure on the way is an error page."""
    return HttpResponse(csv_lines(head, rows), headers=csv_headers(name))


def streamed(name: str, head: Sequence[object], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Answer with a file that is written while it is read: for those that grow with the orders."""
    return StreamingHttpResponse(csv_lines(head, rows), headers=csv_headers(name))
