"""Stacked bars drawn by the server, in whole units of an SVG's own coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LABEL, ROW, BAR = 720, 210, 30, 18


@dataclass(frozen=True, slots=True)
class Segment:
    x: int
    width: int
    tone: int  # the CSS class is chart-<tone>
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    text: str
    y: int
    segments: tuple[Segment, ...]

    @property
    def middle(self) -> int:
        return self.y + BAR // 2

    @property
    def end(self) -> int:
        return max((segment.x + segment.width for segment in self.segments), default=LABEL) + 8


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    legend: tuple[tuple[int, str], ...]
    width: int = WIDTH
    label: int = LABEL - 10
    bar: int = BAR

    @property
    def height(self) -> int:
        return max(len(self.bars) * ROW, ROW)


def stacked(rows: Sequence[tuple[str, str, Sequence[tuple[str, int]]]], *, legend: Sequence[str]) -> Chart:
    """Draw rows of (label, total as text, (title, value) per series); what is negative is not drawn."""
    longest = max((sum(max(value, 0) for _, value in parts) for _, _, parts in rows), default=0)
    room = WIDTH - LABEL - 130
    bars = []
    for place, (label, text, parts) in enumerate(rows):
        x, segments = LABEL, []
        for tone, (title, value) in enumerate(parts):
            width = max(value, 0) * room // longest if longest else 0
            if width:
                segments.append(Segment(x, width, tone, title))
            x += width
        bars.append(Bar(label, text, place * ROW + (ROW - BAR) // 2, tuple(segments)))
    return Chart(tuple(bars), tuple(enumerate(legend)))
