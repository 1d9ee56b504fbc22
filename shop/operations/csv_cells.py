"""Cells that a spreadsheet will not run as a formula."""

from decimal import Decimal
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def inert(value: Any) -> Any:
    """Return `value` as a cell that stays text: a text that could start a formula gets an apostrophe in front.

    Numbers pass as they are, so that negative amounts stay numbers.
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class InertRows:
    """A CSV writer wrapped so that every cell it writes is inert."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def writerow(self, row: Any) -> None:
        self.writer.writerow([inert(cell if isinstance(cell, (int, float, Decimal)) else str(cell)) for cell in row])

    def writerows(self, rows: Any) -> None:
        for row in rows:
            self.writerow(row)
