"""Journeys as rows of text: which columns a file has, and what one row says or why it cannot be used.

Two layouts, told apart by the header: one row per path (path; total_conversions; total_conversion_value; total_null),
or one row per touch (journey_id, at, touch, converted, value; kind and role may be there too).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from channels.core import periods
from channels.journeys.engine.paths import Path

SEPARATORS = ",;\t|"
VALUE_DECIMALS = 30
PATHS, TOUCHES = "paths", "touches"
REQUIRED = {PATHS: ("path", "total_conversions"), TOUCHES: ("journey_id", "at", "touch", "converted")}
OPTIONAL = {PATHS: ("total_conversion_value", "total_null"), TOUCHES: ("value", "kind", "role")}
VALUE_COLUMN = {PATHS: "total_conversion_value", TOUCHES: "value"}

_LARGEST = 10**30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YES = frozenset({"1", "true", "yes", "y", "t"})
_NO = frozenset({"", "0", "false", "no", "n", "f"})


class Unreadable(ValueError):
    """The file as a whole is of no use; the text says what to change."""


class RowProblem(ValueError):
    """One row is of no use. `lost` is what it would have credited, as far as it says."""

    def __init__(self, column: str, text: str, *, row: int = 0, lost: int = 0) -> None:
        self.row, self.column, self.lost = row, column, lost
        super().__init__(text)

    def __str__(self) -> str:
        where = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{where}: {self.args[0]}"


class TouchRow(NamedTuple):
    """`value` is in units of 10^-VALUE_DECIMALS, None where nothing is written."""

    journey: str
    at: int
    touch: str
    kind: str
    role: str
    converted: bool
    value: int | None
    row: int


@dataclass(frozen=True, slots=True)
class Layout:
    kind: str
    separator: str
    columns: Mapping[str, int]
    width: int
    with_value: bool

    @classmethod
    def of(cls, header: str, *, with_value: bool) -> Layout:
        """Sniff the separator: the one that splits the header into columns we know."""
        found = [_columns(header, separator) for separator in SEPARATORS]
        best = max(range(len(SEPARATORS)), key=lambda number: len(_known(found[number])))
        columns = found[best]
        kind = TOUCHES if "journey_id" in columns or "touch" in columns else PATHS
        missing = [name for name in REQUIRED[kind] if name not in columns]
        if with_value and VALUE_COLUMN[kind] not in columns:
            missing.append(VALUE_COLUMN[kind])
        if missing:
            raise Unreadable(_missing(missing, columns))
        twice = {name for name in _known(columns) if columns.count(name) > 1}
        if twice:
            raise Unreadable(f"The header names {', '.join(sorted(twice))} twice; keep one of the columns.")
        places = {name: number for number, name in enumerate(columns)}
        return cls(kind, SEPARATORS[best], places, len(columns), with_value)

    def path(self, cells: Sequence[str]) -> Path:
        """Raises RowProblem."""
        self._check_width(cells)
        conversions = whole_number("total_conversions", cells[self.columns["total_conversions"]])
        nulls = whole_number("total_null", cells[self.columns["total_null"]]) if "total_null" in self.columns else 0
        column = self.columns.get("total_conversion_value", 0)
        weight = amount("total_conversion_value", cells[column]) if self.with_value else conversions
        text = cells[self.columns["path"]]
        touches = tuple([name.strip() for name in text.split(">")])
        if not all(touches):
            empty = "is empty" if touches == ("",) else "has an empty touch between two >"
            raise RowProblem("path", f"{empty}, so nobody can be credited; name every touch", lost=weight)
        return Path(touches, conversions, nulls, weight)

    def touch(self, cells: Sequence[str], row: int) -> TouchRow:
        """Raises RowProblem."""
        self._check_width(cells)
        columns = self.columns
        journey, touch = cells[columns["journey_id"]].strip(), cells[columns["touch"]].strip()
        for column, text in (("journey_id", journey), ("touch", touch)):
            if not text:
                raise RowProblem(column, "is empty; every row names its journey and its touch")
        converted = cells[columns["converted"]].strip().casefold()
        if converted not in _YES and converted not in _NO:
            raise RowProblem("converted", f"{shown(converted)} is neither 1 nor 0")
        value = cells[columns["value"]].strip() if self.with_value else ""
        return TouchRow(
            journey,
            moment(cells[columns["at"]].strip()),
            touch,
            word(cells[columns["kind"]]) if "kind" in columns else word(touch),
            word(cells[columns["role"]]) if "role" in columns else word(touch),
            converted in _YES,
            amount("value", value) if value else None,
            row,
        )

    def _check_width(self, cells: Sequence[str]) -> None:
        if len(cells) != self.width:
            advice = f"put a cell that contains {self.separator!r} in double quotes"
            raise RowProblem("", f"has {len(cells)} cells where the header has {self.width}; {advice}")


def whole_number(column: str, text: str) -> int:
    if text.isdecimal() and len(text) <= 30:
        return int(text)
    number = _decimal(column, text.strip() or "0")
    if number != number.to_integral_value():
        raise RowProblem(column, f"{shown(text)} is not a whole number; write digits such as 3, or 0")
    return int(number)


def amount(column: str, text: str) -> int:
    """In units of 10^-VALUE_DECIMALS."""
    number = _decimal(column, text.strip() or "0")
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or exponent < -VALUE_DECIMALS:
        raise RowProblem(column, f"{shown(text)} has more than {VALUE_DECIMALS} decimals")
    return int("".join(map(str, digits))) * 10 ** (exponent + VALUE_DECIMALS)


def moment(text: str) -> int:
    """Microseconds since 1970; a time without a zone is UTC."""
    try:
        found = periods.moment(text)
    except ValueError:
        advice = "write it as 2026-03-01 or 2026-03-01T12:30:00+00:00"
        raise RowProblem("at", f"{shown(text)} is not a time; {advice}") from None
    return (found - _EPOCH) // _MICROSECOND


def word(text: str) -> str:
    """`Lead created` is lead_created."""
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _decimal(column: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        advice = "write digits, with a point before decimals"
        raise RowProblem(column, f"{shown(text)} is not a number; {advice}")
    if number < 0 or number >= _LARGEST:
        raise RowProblem(column, f"{shown(text)} is {'negative' if number < 0 else 'too large'}")
    return number


def _columns(header: str, separator: str) -> list[str]:
    try:
        cells = next(csv.reader([header], delimiter=separator), [])
    except csv.Error:
        return []
    return [word(cell) for cell in cells]


def _known(columns: Sequence[str]) -> set[str]:
    known = {name for names in (*REQUIRED.values(), *OPTIONAL.values()) for name in names}
    return known.intersection(columns)


def _missing(missing: Sequence[str], columns: Sequence[str]) -> str:
    found = f"it begins with {shown(' '.join(columns))}"
    return (
        f"The first row must name the columns, and {', '.join(missing)} is not among them ({found}). One row per path: "
        "path, total_conversions, total_conversion_value, total_null. One row per touch: journey_id, at, touch, "
        "converted, value."
    )
