"""A CSV or XLSX file as rows of text: which of them it is, and how it is written, is told by its content, never its name.

A file is hostile until it is read: its size, what it unpacks to, its rows and its columns all have an end.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl

MOST_BYTES = 20_000_000
MOST_UNPACKED = 100_000_000
MOST_UNPACKED_PART = 50_000_000  # any part may turn out to be the shared texts, which are held in memory as a whole
MOST_PARTS = 1_000
MOST_ROWS = 100_000
MOST_COLUMNS = 50
LAST_ROW_OF_A_SHEET = 1_048_576
SEPARATORS = ",;\t|"
ZIP, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class UnreadableFile(Exception):
    """The file as a whole cannot be read; `code` and `more` say why."""

    def __init__(self, code: str, more: str = "") -> None:
        super().__init__(code)
        self.code, self.more = code, more


@dataclass(frozen=True, slots=True)
class Table:
    """How a file was understood, and its rows with their numbers as a spreadsheet counts them. Empty rows are left out."""

    encoding: str  # "xlsx" for a workbook
    separator: str
    rows: Iterator[tuple[int, list[str]]]


def open_table(content: bytes) -> Table:
    """Return the rows of a file, read while they are asked for. Raises UnreadableFile, here or on the way."""
    if not content.strip():
        raise UnreadableFile("empty")
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", str(MOST_BYTES // 1_000_000))
    if content.startswith(OLD_WORKBOOK):
        raise UnreadableFile("old_workbook")
    if content.startswith(ZIP):
        return Table("xlsx", "", _filled(_workbook_rows(content)))
    encoding = _encoding(content)
    separator = _separator(content, encoding)
    return Table(encoding, separator, _filled(_text_rows(content, encoding, separator)))


def _filled(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(rows, start=1):
        if any(cells):
            if number > MOST_ROWS + 1:
                raise UnreadableFile("too_many_rows", f"{MOST_ROWS:,}")
            yield number, cells


# --- text -----------------------------------------------------------------------------------------------------------


def _encoding(content: bytes) -> str:
    """UTF-8 and UTF-16 say so by their mark, by their zeros or by being valid; what is neither is Western European."""
    named = next((name for mark, name in MARKS if content.startswith(mark)), "") or _unmarked_utf16(content)
    for encoding in filter(None, (named, "utf-8", "cp1252", "latin-1")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return encoding
    raise UnreadableFile("not_text")


def _unmarked_utf16(content: bytes) -> str:
    start = content[:200]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > len(start) // 4 else ""


def _separator(content: bytes, encoding: str) -> str:
    with _opened(content, encoding) as text:
        first = next((line for line in text if line.strip()), "")
    return max(SEPARATORS, key=lambda sign: (first.count(sign), -SEPARATORS.index(sign)))


def _opened(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _text_rows(content: bytes, encoding: str, separator: str) -> Iterator[list[str]]:
    with _opened(content, encoding) as text:
        reader = csv.reader(text, delimiter=separator)
        try:
            for cells in reader:
                yield [cell.strip() for cell in cells]
        except csv.Error as error:
            raise UnreadableFile("broken_quotes", str(reader.line_num)) from error


# --- workbooks ------------------------------------------------------------------------------------------------------


def _workbook_rows(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of the first sheet; what formulas came to when it was saved, never the formulas."""
    _check_size(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet: Any = book.worksheets[0]
            sheet.reset_dimensions()  # what a sheet says of its size is not to be believed
            for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
                if number > LAST_ROW_OF_A_SHEET:
                    raise UnreadableFile("too_many_rows", f"{MOST_ROWS:,}")
                yield [_cell_text(value) for value in values]
        finally:
            book.close()
    except UnreadableFile:
        raise
    except Exception as error:  # the library trips over a broken part wherever it meets it
        raise UnreadableFile("broken_workbook") from error


def _check_size(content: bytes) -> None:
    """Raise for a file that unpacks to too much. Its own word is enough: no more than that is ever unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except zipfile.BadZipFile as error:
        raise UnreadableFile("broken_workbook") from error
    if len(sizes) > MOST_PARTS or sum(sizes) > MOST_UNPACKED or max(sizes) > MOST_UNPACKED_PART:
        raise UnreadableFile("unpacks_too_large", str(MOST_UNPACKED // 1_000_000))


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):  # 12.5 and 100.0 as a person reads them, without binary dust
        return f"{Decimal(repr(round(value, 9))).normalize():f}"
    return str(value).strip()
