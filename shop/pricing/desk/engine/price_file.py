"""The rows of a price list's file: each a price that can be understood by itself, or what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from channels.contracts import from_minor, to_minor
from shop.pricing.desk.engine.tables import Table, UnreadableFile

COLUMNS = ("sku", "title", "min_quantity", "price", "currency", "valid_from", "valid_to")
REQUIRED = ("sku", "price")
# What a file of mistakes has besides: read over, so that it may be corrected and come back.
REMARKS = ("problem", "fix")
KNOWN = (*COLUMNS, *REMARKS)
LARGEST_QUANTITY = 1_000_000
LARGEST_PRICE = Decimal("9999999999.99")
LONGEST_SKU = 128
PRICE = re.compile(r"-?\d{1,40}([.,]\d{1,40})?", re.ASCII)
DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
FORMULA_STARTS = ("=", "+", "-", "@")

Wrong = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row; `code` names what it is, and `more` is what its advice is about."""

    row: int
    column: str
    value: str
    code: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A net price of one unit from `min_quantity` units on, for the half-open days; the product is still to be looked up."""

    row: int
    sku: str
    min_quantity: int
    price: Decimal
    valid_from: date | None
    valid_to: date | None


def price_rows(table: Table, *, currency: str) -> Iterator[PriceRow | list[Problem]]:
    """Yield each row as a price or as its problems. Raises UnreadableFile when the file has the wrong columns."""
    columns: list[str] = []
    for number, cells in table.rows:
        if not columns:
            columns = named_columns(cells)
        else:
            yield _row(number, columns, cells, currency)
    if not columns:
        raise UnreadableFile("empty")


def named_columns(head: list[str]) -> list[str]:
    """Return what each column is called here. Raises UnreadableFile."""
    names = [cell.strip().lower().replace(" ", "_") for cell in head]
    while names and not names[-1]:
        names.pop()
    if missing := [name for name in REQUIRED if name not in names]:
        raise UnreadableFile("columns_missing", ", ".join(missing))
    if unknown := [name or "–" for name in names if name not in KNOWN]:
        raise UnreadableFile("columns_unknown", ", ".join(unknown)[:200])
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableFile("columns_twice", ", ".join(twice))
    return names


def plain(cell: str) -> str:
    """Return a cell without the apostrophe that an export puts before what could start a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def _row(number: int, columns: list[str], cells: list[str], currency: str) -> PriceRow | list[Problem]:
    problems: list[Problem] = []
    found = dict.fromkeys(KNOWN, "") | dict(zip(columns, map(plain, cells), strict=False))

    def wrong(column: str, code: str, more: str = "") -> None:
        problems.append(Problem(number, column, found[column][:80] if column else "", code, more))

    if any(cells[len(columns) :]):
        wrong("", "too_many_cells")
    if not found["sku"]:
        wrong("sku", "missing")
    elif len(found["sku"]) > LONGEST_SKU:
        wrong("sku", "too_long", str(LONGEST_SKU))
    if found["currency"] and found["currency"].upper() != currency:
        wrong("currency", "other_currency", currency)
    price = _price(found["price"], currency, wrong)
    quantity = _quantity(found["min_quantity"], wrong)
    begins, ends = _period(found, wrong)
    if problems or price is None:
        return problems
    return PriceRow(number, found["sku"], quantity, price, begins, ends)


def _price(text: str, currency: str, wrong: Wrong) -> Decimal | None:
    """A comma may stand for the decimal point; a thousands separator could be either, and is refused with the fix."""
    if not text:
        wrong("price", "missing")
        return None
    if not PRICE.fullmatch(text):
        wrong("price", "not_a_price", _likely_price(text))
        return None
    price = Decimal(text.replace(",", "."))
    if price < 0 or price > LARGEST_PRICE:
        wrong("price", "unusual_price", str(LARGEST_PRICE))
    elif price != (exact := from_minor(to_minor(price, currency), currency)):
        wrong("price", "too_many_decimals", str(exact))
    return price


def _likely_price(text: str) -> str:
    """Guess what was meant by "1.234,50 €": the last separator is the decimal point, the others part thousands."""
    digits = re.sub(r"[^\d.,]", "", text)
    whole, _sign, part = re.sub(r"[.,](?=.*[.,])", "", digits).replace(",", ".").partition(".")
    if not whole.isdecimal():
        return "12.50"
    return f"{int(whole)}.{part}" if part and len(part) < 3 else f"{int(whole + part)}"


def _quantity(text: str, wrong: Wrong) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:10]) <= LARGEST_QUANTITY:
        wrong("min_quantity", "not_a_quantity", f"{LARGEST_QUANTITY}")
        return 1
    return int(text[:10])


def _period(found: Mapping[str, str], wrong: Wrong) -> tuple[date | None, date | None]:
    begins, ends = (_day(column, found[column], wrong) for column in ("valid_from", "valid_to"))
    if begins and ends and begins >= ends:
        wrong("valid_to", "ends_before", begins.isoformat())
    return begins, ends


def _day(column: str, text: str, wrong: Wrong) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong(column, "not_a_day", _likely_day(text))
        return None


def _likely_day(text: str) -> str:
    """Guess what was meant by 31.12.2026; of 12/31/2026 too, since there is no month 31."""
    match = DAY_FIRST.fullmatch(text)
    if match:
        one, other, year = map(int, match.groups())
        for day, month in ((one, other), (other, one)):
            try:
                return date(year, month, day).isoformat()
            except ValueError:
                continue
    return "2026-12-31"
