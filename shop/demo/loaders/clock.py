"""Moments of the demo's history, counted back from the moment of seeding."""

from dataclasses import dataclass
from datetime import datetime, timedelta

HISTORY_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is the end of the history; `months` is how far back it reaches."""

    now: datetime
    months: int = HISTORY_MONTHS

    @property
    def days(self) -> int:
        return round(self.months * 30.44)

    @property
    def opening(self) -> datetime:
        """A little before the first fact: terms and partners are in force by then."""
        return self.ago(self.days + 14)

    def ago(self, days: float, hour: int = 10, minute: int = 0) -> datetime:
        """A moment that many days back, in working hours; never later than now."""
        day = (self.now - timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return min(day, self.now)
