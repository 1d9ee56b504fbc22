"""Recording exchange rates: append-only, each with its source; a correction is a new revision."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.commissions.models import ExchangeRate
from channels.core.money import currency_exponent

LARGEST = 2**62


class RatesRefused(ValueError):
    """Nothing was recorded. `problems` holds one sentence per row that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """One `base` is worth `rate` of `quote` on the day. The decimal is kept exactly as it was written."""

    on: date
    base: str
    quote: str
    rate: Decimal

    def __post_init__(self) -> None:
        for code in (self.base, self.quote):
            currency_exponent(code)  # raises ValueError for what is no currency code
        if self.base == self.quote or not self.rate.is_finite() or self.rate <= 0:
            raise ValueError(f"{self.base}/{self.quote} {self.rate} is not an exchange rate")
        if max(self.ratio) > LARGEST:
            raise ValueError(f"{self.rate} has more digits than a rate needs")

    @property
    def ratio(self) -> tuple[int, int]:
        return self.rate.as_integer_ratio()


def read_csv(text: str, *, base: str = "EUR") -> list[RateRow]:
    """Read rows of `date,base,quote,rate`, or a central bank's table: `Date,USD,JPY,...` with one row a day.

    Empty cells and N/A are left out. Raises RatesRefused with every row that is wrong.
    """
    table = [[cell.strip() for cell in row] for row in csv.reader(StringIO(text)) if any(row)]
    if len(table) < 2:
        raise RatesRefused(["The file has no rows."])
    head = [cell.lower() for cell in table[0]]
    problems: list[str] = []
    rows: list[RateRow] = []
    for number, cells in enumerate(table[1:], start=2):
        for on, one, other, rate in _cells(head, table[0], cells, base):
            try:
                rows.append(RateRow(on=date.fromisoformat(on), base=one, quote=other, rate=Decimal(rate)))
            except (ValueError, InvalidOperation):
                problems.append(f"Line {number}: {on} {one} {other} {rate} is not a rate.")
    if problems or not rows:
        raise RatesRefused(problems or ["The file has no rates."])
    return rows


def _cells(head: list[str], names: list[str], cells: list[str], base: str) -> Iterator[tuple[str, str, str, str]]:
    if set(head) >= {"date", "base", "quote", "rate"}:
        row = dict(zip(head, cells, strict=False))
        yield row.get("date", ""), row.get("base", "").upper(), row.get("quote", "").upper(), row.get("rate", "")
        return
    for name, cell in zip(names[1:], cells[1:], strict=False):
        if name and cell and cell.upper() != "N/A":
            yield cells[0], base, name.upper(), cell


@transaction.atomic
def record_rates(
    *, rows: Sequence[RateRow], source: str, at: datetime, by: AbstractBaseUser | None = None, correct: bool = False
) -> int:
    """Record rates and return how many are new; the same rate again changes nothing.

    A day and pair that has another rate is refused, unless `correct`: then the new one is the next revision.
    """
    known = _known(rows)
    fresh: dict[tuple[date, str, str], ExchangeRate] = {}
    problems = []
    for row in rows:
        key = (row.on, row.base, row.quote)
        earlier = fresh.get(key) or known.get(key)
        numerator, denominator = row.ratio
        if earlier and (earlier.numerator, earlier.denominator) == (numerator, denominator):
            continue
        if earlier and not correct:
            problems.append(f"{row.on} {row.base}/{row.quote} is recorded already with another rate.")
            continue
        fresh[key] = ExchangeRate(
            on=row.on, base=row.base, quote=row.quote, numerator=numerator, denominator=denominator,
            revision=known[key].revision + 1 if key in known else 1, source=source, recorded_at=at,
            recorded_by_id=by.pk if by else None,
        )  # fmt: skip
    if problems:
        raise RatesRefused(problems)
    made = ExchangeRate.objects.bulk_create(fresh.values())
    if made:
        record(verb="rates.recorded", subject=made[0], at=at, actor=by, data={"rates": len(made), "source": source})
    return len(made)


def _known(rows: Sequence[RateRow]) -> dict[tuple[date, str, str], ExchangeRate]:
    days = {row.on for row in rows}
    if not days:
        return {}
    found = ExchangeRate.objects.filter(on__gte=min(days), on__lte=max(days)).order_by("revision")
    return {(row.on, row.base, row.quote): row for row in found}
