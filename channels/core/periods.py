"""Half-open months in UTC, and calendar months which do not drift from the 31st."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """[start, end): the end is the first instant of the next month."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"{self.month} is not a month")

    @classmethod
    def of(cls, at: datetime) -> Month:
        if at.tzinfo is None:
            raise ValueError("a time without a zone belongs to no month")
        in_utc = at.astimezone(UTC)
        return cls(in_utc.year, in_utc.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Reads "2026-03"."""
        year, dash, month = text.partition("-")
        if not (dash and year.isdecimal() and month.isdecimal() and len(text) == 7):
            raise ValueError(f"{text!r} is not a month such as 2026-03")
        return cls(int(year), int(month))

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        return self.shift(1).start

    def shift(self, months: int) -> Month:
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def contains(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """Every month of [first, last): `last` itself is left out."""
    while first < last:
        yield first
        first = first.shift(1)


def add_months(day: date, months: int, *, anchor_day: int | None = None) -> date:
    """The same day of a later month, or that month's last day when it is shorter.

    Pass the first date's day as `anchor_day` when stepping again and again: 31 January,
    28 February, 31 March. Without it the shorter month's day would stay for ever.
    """
    month = Month(day.year, day.month).shift(months)
    wanted = anchor_day or day.day
    return date(month.year, month.month, min(wanted, monthrange(month.year, month.month)[1]))


def full_months(start: date, on: date) -> int:
    """Full calendar months from `start` to `on`; negative when `on` is earlier."""
    months = (on.year - start.year) * 12 + on.month - start.month
    return months if add_months(start, months) <= on else months - 1


def moment(text: str) -> datetime:
    """Read a day, as its first instant, or a moment in ISO 8601; without a zone it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
