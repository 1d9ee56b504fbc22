from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.core.periods import Month, add_months, full_months, moment, months_between

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def test_month_is_half_open_in_utc() -> None:
    march = Month(2026, 3)
    assert march.start == datetime(2026, 3, 1, tzinfo=UTC)
    assert march.end == datetime(2026, 4, 1, tzinfo=UTC)
    assert march.contains(march.start)
    assert march.contains(march.end - timedelta(microseconds=1))
    assert not march.contains(march.end)
    assert not march.contains(march.start - timedelta(microseconds=1))


def test_month_of_a_local_time_is_the_month_in_utc() -> None:
    oslo = timezone(timedelta(hours=2))
    assert Month.of(datetime(2026, 4, 1, 1, tzinfo=oslo)) == Month(2026, 3)


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        Month.of(datetime(2026, 3, 1))


def test_months_between_leaves_the_last_one_out() -> None:
    assert [str(month) for month in months_between(Month(2025, 11), Month(2026, 2))] == [
        "2025-11",
        "2025-12",
        "2026-01",
    ]
    assert list(months_between(Month(2026, 2), Month(2026, 2))) == []
    assert list(months_between(Month(2026, 3), Month(2026, 2))) == []


@given(st.integers(1990, 2090), st.integers(1, 12), st.integers(-500, 500))
def test_shifting_back_returns(year: int, month: int, months: int) -> None:
    there = Month(year, month).shift(months)
    assert there.shift(-months) == Month(year, month)
    assert Month.parse(str(there)) == there


@pytest.mark.parametrize("text", ["2026", "2026-3", "2026-13", "26-03", "2026/03", "2026-03-01", "abcd-ef"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        Month.parse(text)


def test_stepping_from_the_31st_does_not_drift() -> None:
    day = date(2025, 1, 31)
    found = []
    for _ in range(4):
        day = add_months(day, 1, anchor_day=31)
        found.append(day)
    assert found == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31)]


@given(days, st.integers(0, 200))
def test_full_months_counts_what_was_added(start: date, months: int) -> None:
    assert full_months(start, add_months(start, months)) == months


@given(days, days)
def test_full_months_are_the_most_that_fit(start: date, on: date) -> None:
    months = full_months(start, on)
    assert add_months(start, months) <= on < add_months(start, months + 1)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T14:30", datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
        ("2026-03-01T14:30+01:00", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_utc(text: str, read: datetime) -> None:
    assert moment(text) == read
    assert moment(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "soon", "2026-02-29"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat|day is out of range"):
        moment(text)
