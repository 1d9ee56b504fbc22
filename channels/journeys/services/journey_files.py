"""Crediting the journeys of a file: read once from beginning to end, whatever its length, in bounded memory."""

import csv
import io
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import IO, Any
from zlib import crc32

from channels.journeys.engine.journey_rows import (
    PATHS,
    VALUE_DECIMALS,
    Layout,
    RowProblem,
    TouchRow,
    Unreadable,
    word,
)
from channels.journeys.engine.model_settings import ModelSettings
from channels.journeys.engine.paths import PATH_MODELS, Path, PathTally
from channels.journeys.engine.timed import ALL_MODELS, TimedPath, TimedTally

BATCH = 20_000
SHELVES = 128
ROWS_IN_HAND = 400  # per shelf, before they go to disk

Tell = Callable[[RowProblem], None]


@dataclass(kw_only=True)
class Outcome:
    """What a file's journeys come to. `lost` is what unusable rows would have credited, as far as they say."""

    layout: Layout
    tally: PathTally | TimedTally
    rows: int = 0
    problems: int = 0
    lost: int = 0

    @property
    def unit(self) -> int:
        return 10**VALUE_DECIMALS if self.layout.with_value else 1

    @property
    def total(self) -> Fraction:
        return Fraction(self.tally.weight, self.unit)

    def credits(self, model: str) -> dict[str, Fraction]:
        return {name: credit / self.unit for name, credit in self.tally.credits(model).items()}

    def unattributed(self, model: str) -> Fraction:
        """Conversions in whose journeys the model finds nobody to credit, and those of unusable rows."""
        nobody = self.tally.unattributed[model] if isinstance(self.tally, TimedTally) else 0
        return Fraction(self.lost + nobody, self.unit)


def credit_file(
    source: IO[bytes],
    models: Collection[str] | None,
    *,
    settings: ModelSettings,
    direct: Collection[str] = (),
    with_value: bool = False,
    tell: Tell,
) -> Outcome:
    """Raises Unreadable when the file as a whole is of no use; `tell` hears of each row that is not.

    `models` None stands for all that its layout allows.
    """
    text = io.TextIOWrapper(source, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        return _credit(text, models, settings, direct, with_value, tell)
    finally:
        text.detach()


def _credit(
    text: io.TextIOWrapper,
    models: Collection[str] | None,
    settings: ModelSettings,
    direct: Collection[str],
    with_value: bool,
    tell: Tell,
) -> Outcome:
    layout = Layout.of(_header(text), with_value=with_value)
    if models is None:
        models = [model for model in ALL_MODELS if layout.kind != PATHS or model != "time-decay"]
    if layout.kind == PATHS and "time-decay" in models:
        raise Unreadable(
            "Time decay needs the time of each touch, which a file of paths does not hold. Give one row per touch: "
            "journey_id, at, touch, converted, value."
        )
    only_paths = layout.kind == PATHS and set(models) <= set(PATH_MODELS)
    tally = (PathTally if only_paths else TimedTally)(models, settings=settings, direct=direct)
    outcome = Outcome(layout=layout, tally=tally)

    def problem(found: RowProblem) -> None:
        outcome.problems += 1
        outcome.lost += found.lost
        tell(found)

    rows = _rows(text, layout, outcome, problem)
    if isinstance(tally, PathTally):
        for batch in _batches(_paths(rows, layout, problem)):
            tally.add(batch)
    else:
        timed = map(_hourly, _paths(rows, layout, problem)) if layout.kind == PATHS else _timed(rows, layout, problem)
        for journeys in _batches(timed):
            tally.add(journeys)
    return outcome


def _header(text: io.TextIOWrapper) -> str:
    line = text.readline(100_000)
    while line and not line.strip():
        line = text.readline(100_000)
    if not line:
        raise Unreadable("The file is empty. Its first row names the columns.")
    if "\0" in line or any("\udc80" <= letter <= "\udcff" for letter in line):
        raise Unreadable("The file is not text in UTF-8. Save it as CSV in UTF-8 and try again.")
    return line.strip("\r\n")


def _rows(text: io.TextIOWrapper, layout: Layout, outcome: Outcome, problem: Tell) -> Iterator[tuple[int, list[str]]]:
    """Rows with their number as an editor counts lines, the header being the first."""
    reader = csv.reader(text, delimiter=layout.separator)
    while True:
        number = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            outcome.rows += 1
            problem(RowProblem("", f"{error}; look for a double quote that is not closed", row=number))
            continue
        if not cells:
            continue
        outcome.rows += 1
        if any(not cell.isascii() and any("\udc80" <= letter <= "\udcff" for letter in cell) for cell in cells):
            problem(RowProblem("", "is not text in UTF-8; save the file as CSV in UTF-8", row=number))
            continue
        yield number, cells


def _paths(rows: Iterable[tuple[int, list[str]]], layout: Layout, problem: Tell) -> Iterator[Path]:
    for number, cells in rows:
        try:
            yield layout.path(cells)
        except RowProblem as found:
            found.row = number
            problem(found)


def _hourly(path: Path) -> TimedPath:
    """A path for the models that look at more than places: a touch's own name is its kind and its role."""
    words = tuple(map(word, path.touches))
    return TimedPath(tuple(path.touches), tuple(range(len(words))), words, words, *path[1:])


def _timed(rows: Iterable[tuple[int, list[str]]], layout: Layout, problem: Tell) -> Iterator[TimedPath]:
    """Touches may come in any order: they are laid on shelves by journey, and taken up shelf by shelf."""
    shelves = _Shelves()
    try:
        for number, cells in rows:
            try:
                shelves.lay(layout.touch(cells, number))
            except RowProblem as found:
                found.row = number
                problem(found)
        for shelf in shelves.take():
            journeys: defaultdict[str, list[TouchRow]] = defaultdict(list)
            for touch in shelf:
                journeys[touch.journey].append(touch)
            for touches in journeys.values():
                try:
                    yield _journey(touches, with_value=layout.with_value)
                except RowProblem as found:
                    problem(found)
    finally:
        shelves.close()


def _journey(touches: list[TouchRow], *, with_value: bool) -> TimedPath:
    """One conversion however many rows say so; what came after the last of them did not lead to it."""
    converted = [touch for touch in touches if touch.converted]
    weight = 1 if converted else 0
    if converted:
        end = max(touch.at for touch in converted)
        touches = [touch for touch in touches if touch.at <= end]
        if with_value:
            weight = _value(converted)
    return TimedPath.of(
        ((touch.at, touch.touch, touch.kind, touch.role) for touch in touches),
        conversions=len(converted[:1]),
        nulls=0 if converted else 1,
        weight=weight,
    )


def _value(converted: list[TouchRow]) -> int:
    named = {touch.value: touch.row for touch in converted if touch.value is not None}
    journey = converted[0].journey
    if not named:
        text = f"journey {journey!r} converted without a value; write 0 when it brought nothing"
        raise RowProblem("value", text, row=converted[0].row)
    if len(named) > 1:
        text = f"journey {journey!r} has two values; write one, or the same on each of its rows"
        raise RowProblem("value", text, row=max(named.values()))
    return next(iter(named))


class _Shelves:
    """Touches by journey, on disk where they do not fit in the hand."""

    def __init__(self) -> None:
        self._hands: list[list[TouchRow]] = [[] for _ in range(SHELVES)]
        self._files: dict[int, IO[str]] = {}

    def lay(self, touch: TouchRow) -> None:
        number = crc32(touch.journey.encode()) % SHELVES
        hand = self._hands[number]
        hand.append(touch)
        if len(hand) >= ROWS_IN_HAND:
            if number not in self._files:
                self._files[number] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
            self._files[number].write(json.dumps(hand, ensure_ascii=False) + "\n")
            hand.clear()

    def take(self) -> Iterator[list[TouchRow]]:
        for number, hand in enumerate(self._hands):
            file = self._files.pop(number, None)
            shelf: list[TouchRow] = []
            if file is not None:
                with file:
                    file.seek(0)
                    shelf = [TouchRow(*row) for line in file for row in json.loads(line)]
            yield shelf + hand
            hand.clear()

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _batches(journeys: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(journeys)
    while batch := list(islice(iterator, BATCH)):
        yield batch
