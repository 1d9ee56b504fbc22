"""Working days: Monday to Friday. Holidays differ by region and carrier; a carrier that rests tells us."""

from datetime import date, timedelta

SATURDAY = 5


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY


def after(day: date, working_days: int) -> date:
    """Return the day so many working days after another."""
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= is_working_day(day)
    return day
