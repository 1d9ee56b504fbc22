"""A small discrete-event simulation: acts in the order of their moments, some of which plan further acts."""

import heapq
from collections.abc import Callable
from datetime import datetime

Act = Callable[[datetime], None]


class Timeline:
    def __init__(self, *, end: datetime) -> None:
        self.end = end
        self._acts: list[tuple[datetime, int, Act]] = []
        self._count = 0

    def plan(self, at: datetime, act: Act) -> None:
        """Plan an act; one after the end never happens."""
        if at <= self.end:
            heapq.heappush(self._acts, (at, self._count, act))
            self._count += 1

    def run(self, *, progress: Act | None = None) -> int:
        """Perform all acts, earliest first, equal moments in the order of planning. Answers how many."""
        done = 0
        while self._acts:
            at, _, act = heapq.heappop(self._acts)
            act(at)
            done += 1
            if progress:
                progress(at)
        return done
