"""Reading a file of touchpoints: encoding and separator sniffed, every row a fact or a list of what is wrong with it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import TypeVar

from channels.contracts import Medium, TouchKind
from channels.core.money import to_minor
from channels.core.periods import moment

E = TypeVar("E", TouchKind, Medium)
MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
COLUMNS = ("key", "at", "kind", "medium", "partner", "company", "campaign", "cost", "currency", "note")
REQUIRED = ("at", "kind", "company")
SEPARATORS = ",;\t|"
LONGEST = {"key": 100, "partner": 64, "company": 120, "campaign": 60, "note": 500}
MEDIUM_OF_KIND: Mapping[TouchKind, Medium] = {
    TouchKind.LINK: Medium.PARTNER_LINK,
    TouchKind.REFERRAL_CODE: Medium.PARTNER_LINK,
    TouchKind.CAMPAIGN: Medium.CAMPAIGN,
    TouchKind.FORM: Medium.WEB,
    TouchKind.QUOTE: Medium.FIELD_SALES,
    TouchKind.CALL: Medium.CALL_CENTRE,
    TouchKind.VISIT: Medium.FIELD_SALES,
    TouchKind.DEMO: Medium.FIELD_SALES,
    TouchKind.EVENT: Medium.EVENT,
    TouchKind.TRAINING: Medium.FIELD_SALES,
    TouchKind.INTRODUCTION: Medium.FIELD_SALES,
    TouchKind.LEAD: Medium.PARTNER_PORTAL,
    TouchKind.DEAL_REGISTRATION: Medium.PARTNER_PORTAL,
}
# What a person is likely to write -> what it is called here
KIND_WORDS = {"lead": TouchKind.LEAD, "deal": TouchKind.DEAL_REGISTRATION, "demonstration": TouchKind.DEMO}


class UnreadableFile(Exception):
    """The file as a whole cannot be read; `code` and `params` say why."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row; `code` names what, and what to do about it."""

    row: int
    column: str
    value: str
    code: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class TouchRow:
    """A row that can be understood by itself; partner and company are names still to be looked up."""

    row: int
    key: str
    at: datetime
    kind: TouchKind
    medium: Medium
    partner: str
    company: str
    campaign: str
    cost_minor: int | None
    currency: str
    note: str


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, and how it was understood."""

    text: str
    encoding: str
    separator: str


def open_text(content: bytes) -> Text:
    """Decode, and find the separator in the first line. Raises UnreadableFile."""
    if not content.strip():
        raise UnreadableFile("empty")
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", most=str(MOST_BYTES // 1_000_000))
    text, encoding = _decoded(content)
    if "\0" in text:
        raise UnreadableFile("not_text")
    first = text.lstrip("\r\n").partition("\n")[0]
    return Text(text, encoding, max(SEPARATORS, key=lambda sign: (first.count(sign), -SEPARATORS.index(sign))))


def _decoded(content: bytes) -> tuple[str, str]:
    """UTF-8 and UTF-16 say so by their mark or by being valid; what is neither is Western European Windows."""
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    named = next((name for mark, name in marks if content.startswith(mark)), "utf-8")
    for encoding in dict.fromkeys((named, "utf-8", "cp1252")):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("not_text")


def rows(opened: Text, *, now: datetime) -> Iterator[TouchRow | list[Problem]]:
    """Return each row as a fact, or as its problems. Rows are counted as a spreadsheet does: the head is row 1."""
    reader = csv.reader(io.StringIO(opened.text, newline=""), delimiter=opened.separator)
    try:
        columns = _columns(next(reader, []))
        for number, cells in enumerate(reader, start=2):
            if any(cell.strip() for cell in cells):
                if number > MOST_ROWS + 1:
                    raise UnreadableFile("too_many_rows", most=f"{MOST_ROWS:,}")
                yield _row(number, columns, cells, now)
    except csv.Error as error:
        raise UnreadableFile("broken_quotes", line=str(reader.line_num)) from error


def _columns(head: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in head]
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableFile("columns_missing", columns=", ".join(missing))
    if unknown:
        raise UnreadableFile("columns_unknown", columns=", ".join(unknown)[:200], known=", ".join(COLUMNS))
    if len(set(names)) != len(names):
        raise UnreadableFile("columns_twice", columns=", ".join(sorted({n for n in names if names.count(n) > 1})))
    return names


def _row(number: int, columns: list[str], cells: list[str], now: datetime) -> TouchRow | list[Problem]:
    problems: list[Problem] = []
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        problems.append(Problem(number, "", " ".join(cells[len(columns) :])[:80], "too_many_cells"))
    found = dict.fromkeys(COLUMNS, "") | dict(zip(columns, (cell.strip() for cell in cells), strict=False))

    def wrong(column: str, code: str, more: str = "") -> None:
        problems.append(Problem(number, column, found[column][:80], code, more))

    for column in REQUIRED:
        if not found[column]:
            wrong(column, "missing")
    for column, most in LONGEST.items():
        if len(found[column]) > most:
            wrong(column, "too_long", str(most))
    at = _moment(found["at"])
    if found["at"] and (at is None or at > now):
        wrong("at", "not_a_moment" if at is None else "in_the_future")
    kind, medium = _kind_and_medium(found, wrong)
    cost, code = _cost(found["cost"], found["currency"])
    if code:
        wrong("currency" if code.startswith("currency") else "cost", code)
    if problems or at is None or kind is None or medium is None:
        return problems
    return TouchRow(
        number, found["key"], at, kind, medium, found["partner"].lower(), found["company"],
        found["campaign"], cost, found["currency"].upper() if cost is not None else "", found["note"],
    )  # fmt: skip


def _kind_and_medium(found: Mapping[str, str], wrong: Callable[..., None]) -> tuple[TouchKind | None, Medium | None]:
    """A row without a medium gets the usual one of its kind."""
    kind = KIND_WORDS.get(found["kind"].lower()) or _member(TouchKind, found["kind"])
    if found["kind"] and kind is None:
        wrong("kind", "unknown_kind", ", ".join(TouchKind))
    if not found["medium"]:
        return kind, MEDIUM_OF_KIND[kind] if kind else None
    medium = _member(Medium, found["medium"])
    if medium is None:
        wrong("medium", "unknown_medium", ", ".join(Medium))
    return kind, medium


def stored_key(row: TouchRow) -> str:
    """The row's own key, else one from what it says: the same file twice adds nothing the second time."""
    if row.key:
        return f"import:{row.key}"
    said = (row.at.isoformat(), row.kind, row.medium, row.partner, row.company, row.campaign, row.cost_minor, row.note)
    return f"import:auto:{sha256(repr(said).encode()).hexdigest()[:40]}"


def _moment(text: str) -> datetime | None:
    try:
        return moment(text)
    except ValueError:
        return None


def _member(enum: type[E], text: str) -> E | None:
    try:
        return enum(text.lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        return None


def _cost(text: str, currency: str) -> tuple[int | None, str]:
    """The cost in minor units, or the code of what is wrong with it. A comma may stand for the decimal point."""
    if not text:
        return None, "currency_alone" if currency else ""
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        return None, "currency_missing" if not currency else "currency_unknown"
    try:
        amount = Decimal(text.replace(" ", "").replace("\u00a0", "").replace(",", "."))
        if not amount.is_finite() or amount < 0 or amount >= 10**12:
            return None, "cost_unusual"
        return to_minor(amount, currency.upper()), ""
    except (InvalidOperation, ValueError):
        return None, "cost_not_a_number"
