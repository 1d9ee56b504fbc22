"""Due dates that meet on one day."""

from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta


def meeting(due: date, on: date, interval_months: int) -> tuple[date, int]:
    """Return where the period from `due` ends so that a due date falls on `on`, and the intervals from there to it.

    The first one after `due` that lies whole intervals before `on`; `due` itself when nothing has to move.
    """
    if on < due:
        raise ValueError(f"{on} is before the renewal on {due}")
    intervals = 0
    while on - relativedelta(months=(intervals + 1) * interval_months) >= due:
        intervals += 1
    return on - relativedelta(months=intervals * interval_months), intervals
