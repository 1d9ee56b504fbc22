"""A journey as a drawing: a lane for each party, a mark for each thing that happened, placed by its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH = 760
LABELS = 170
MARGIN = 14
LANE = 34
TOP = 10
FOOT = 26
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. `tone` is partner, other, own, order or money; a faint one did not count."""

    at: datetime
    lane: str
    label: str
    tone: str = "own"
    is_faint: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    x: int
    y: int
    event: Event

    @property
    def diamond(self) -> str:
        """The outline of a mark that is no touch."""
        return f"{self.x},{self.y - 8} {self.x + 8},{self.y} {self.x},{self.y + 8} {self.x - 8},{self.y}"


@dataclass(frozen=True, slots=True)
class Tick:
    x: int
    at: datetime
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Ready for an SVG: every number is in units of its view box."""

    width: int
    height: int
    left: int
    right: int
    foot: int
    lanes: tuple[tuple[str, int], ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def drawing(events: Sequence[Event]) -> Drawing | None:
    """Place the events; lanes come in the order in which they first appear. None when there is nothing to place."""
    if not events:
        return None
    ordered = sorted(events, key=lambda event: event.at)
    lanes = {name: TOP + LANE * place + LANE // 2 for place, name in enumerate(dict.fromkeys(e.lane for e in events))}
    first, last = ordered[0].at, ordered[-1].at
    left, right = LABELS, WIDTH - MARGIN
    foot = TOP + LANE * len(lanes)
    return Drawing(
        width=WIDTH,
        height=foot + FOOT,
        left=left,
        right=right,
        foot=foot,
        lanes=tuple(lanes.items()),
        marks=tuple(Mark(_x(event.at, first, last), lanes[event.lane], event) for event in ordered),
        ticks=_ticks(first, last),
    )


def _x(at: datetime, first: datetime, last: datetime) -> int:
    left, right = LABELS + MARGIN, WIDTH - 2 * MARGIN
    span = last - first
    return left + (right - left) // 2 if not span else left + int((right - left) * ((at - first) / span))


def _ticks(first: datetime, last: datetime) -> tuple[Tick, ...]:
    """Days at equal distances, the ends among them; fewer when the journey was short."""
    days = (last - first) // timedelta(days=1)
    if days == 0:
        return (Tick(_x(first, first, first), first, "middle"),)
    count = min(MOST_TICKS, days + 1)
    moments = [first + (last - first) * place / (count - 1) for place in range(count)]
    anchors = ["start", *["middle"] * (count - 2), "end"]
    return tuple(Tick(_x(at, first, last), at, anchor) for at, anchor in zip(moments, anchors, strict=True))
