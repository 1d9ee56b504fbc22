"""Many journeys at once, by what the models need of them and nothing else.

Journeys come in batches and are forgotten: what stays are counts per channel and length, and per pair of channels,
so memory depends on the channels and never on the journeys. Within a batch, journeys of one length and one weight are
counted by column. tests/unit/journeys/test_paths.py holds every model against the plain one, journey by journey.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import chain, pairwise, repeat
from operator import add
from typing import NamedTuple, TypeVar

from channels.journeys.engine import markov, places
from channels.journeys.engine.model_settings import ModelSettings
from channels.journeys.engine.tally import Tally

PATH_MODELS = ("first", "last", "last-non-direct", "linear", "linear-distinct", "position", "markov", "shapley")
# More different weights than this in a batch, and grouping by weight costs more than it saves.
_MOST_WEIGHTS = 200

_Key = TypeVar("_Key")

Counts = defaultdict[str, int]
Names = Sequence[str]
Weights = int | Iterable[int]  # one for all, or one for each


class Path(NamedTuple):
    """Touches in order. `weight` is what is shared: the conversions, or their value in whole units."""

    touches: Names
    conversions: int
    nulls: int
    weight: int


class _Length:
    """What journeys of one length have first, last and anywhere."""

    __slots__ = ("anywhere", "first", "last")

    def __init__(self) -> None:
        self.first: Counts = defaultdict(int)
        self.last: Counts = defaultdict(int)
        self.anywhere: Counts = defaultdict(int)


class PathTally:
    """Credits of the models in `models` over all the journeys that were added."""

    def __init__(self, models: Collection[str], *, settings: ModelSettings, direct: Collection[str] = ()) -> None:
        self.settings = settings
        self.direct = frozenset(direct)
        self.models = [model for model in PATH_MODELS if model in models]
        self.channels: set[str] = set()
        self.conversions = self.nulls = self.weight = 0
        self._by_place = [model for model in self.models if model in places.PLACES]
        self._by_set = [model for model in self.models if model in ("linear-distinct", "shapley")]
        self._lengths: defaultdict[int, _Length] = defaultdict(_Length)
        self._sets: defaultdict[int, Counts] = defaultdict(lambda: defaultdict(int))
        self._last_non_direct: Counts = defaultdict(int)
        self._starts: Counts = defaultdict(int)
        self._steps: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._ends: tuple[Counts, Counts] = (defaultdict(int), defaultdict(int))

    def add(self, batch: Sequence[Path], *, in_order: bool = True) -> None:
        """Some ten thousand at a time are fast; a journey without touches does not belong here.

        `in_order` False leaves out the models of places, for journeys whose caller knows better.
        """
        kinds = {(path.conversions, path.nulls, path.weight) for path in batch[:5_000]}
        groups: defaultdict[tuple[int, ...], list[Path]] = defaultdict(list)
        if len(kinds) <= _MOST_WEIGHTS:
            for path in batch:
                groups[len(path[0]), path[1], path[2], path[3]].append(path)
        else:
            for path in batch:
                groups[(len(path[0]),)].append(path)
        for key, group in groups.items():
            touches, conversions, nulls, weights = zip(*group, strict=True)
            self.conversions += sum(conversions)
            self.nulls += sum(nulls)
            self.weight += sum(weights)
            if len(key) == 1:
                self._add(touches, conversions, nulls, weights, in_order)
            else:
                _, each_conversions, each_nulls, each_weight = key
                self._add(touches, each_conversions, each_nulls, each_weight, in_order)

    def _add(
        self, touches: Sequence[Names], conversions: Weights, nulls: Weights, weights: Weights, in_order: bool
    ) -> None:
        columns = list(zip(*touches, strict=True))
        self.channels.update(*columns)
        if "markov" in self.models:
            self._count_steps(columns, conversions, nulls)
        if not weights:
            return
        if in_order and self._by_place:
            self._count_places(columns, weights)
        if in_order and "last-non-direct" in self.models:
            self._count_last_non_direct(touches, columns[-1], weights)
        if self._by_set:
            self._count_sets(touches, weights)

    def _count_steps(self, columns: Sequence[Names], conversions: Weights, nulls: Weights) -> None:
        both: Weights
        if isinstance(conversions, int) and isinstance(nulls, int):
            both = conversions + nulls
        else:
            both = list(map(add, _each(conversions), _each(nulls)))
        _count(self._starts, columns[0], both)
        for one, other in pairwise(columns):
            _count(self._steps, zip(one, other, strict=True), both)
        _count(self._ends[0], columns[-1], conversions)
        _count(self._ends[1], columns[-1], nulls)

    def _count_places(self, columns: Sequence[Names], weights: Weights) -> None:
        length = self._lengths[len(columns)]
        _count(length.first, columns[0], weights)
        if len(columns) > 1:
            _count(length.last, columns[-1], weights)
        if len(columns) > 2:
            for column in columns:
                _count(length.anywhere, column, weights)

    def _count_last_non_direct(self, touches: Sequence[Names], last: Names, weights: Weights) -> None:
        if self.direct.isdisjoint(last):
            _count(self._last_non_direct, last, weights)
            return
        direct = self.direct
        found = [next((name for name in reversed(names) if name not in direct), names[-1]) for names in touches]
        _count(self._last_non_direct, found, weights)

    def _count_sets(self, touches: Sequence[Names], weights: Weights) -> None:
        sets = map(frozenset, touches)
        if isinstance(weights, int):
            by_size: defaultdict[int, list[frozenset[str]]] = defaultdict(list)
            for members in sets:
                by_size[len(members)].append(members)
            for size, found in by_size.items():
                _count(self._sets[size], chain.from_iterable(found), weights)
            return
        for members, weight in zip(sets, weights, strict=True):
            _count(self._sets[len(members)], members, repeat(weight, len(members)))

    # --- answers ---------------------------------------------------------------------------------

    def tally(self, model: str) -> Tally:
        """What a model that goes journey by journey has credited so far."""
        found = Tally()
        if model in places.PLACES:
            for n, length in self._lengths.items():
                self._by_length(found, places.PLACES[model](n, self.settings), length)
        elif model == "last-non-direct":
            found.add(self._last_non_direct, Fraction(1))
        else:
            for size, counts in self._sets.items():
                found.add(counts, Fraction(1, size))
        return found

    @staticmethod
    def _by_length(found: Tally, weights: Sequence[Fraction], length: _Length) -> None:
        """All the middle places of a journey weigh the same in every model of places."""
        if len(weights) == 1:
            found.add(length.first, weights[0])
            return
        middle = weights[1] if len(weights) > 2 else Fraction(0)
        found.add(length.first, weights[0] - middle)
        found.add(length.last, weights[-1] - middle)
        found.add(length.anywhere, middle)

    def chain(self) -> markov.Chain:
        return markov.Chain.counted(self._starts, self._steps, *self._ends)

    def credits(self, model: str) -> dict[str, Fraction]:
        if model == "markov":
            return markov.removal(self.chain()).credits(self.weight)
        return self.tally(model).credits()


def _count(into: dict[_Key, int], keys: Iterable[_Key], weights: Weights) -> None:
    """Add each key's weight."""
    if isinstance(weights, int):
        if weights:
            for key, count in Counter(keys).items():
                into[key] += count * weights
        return
    for key, weight in zip(keys, weights, strict=True):
        into[key] += weight


def _each(weights: Weights) -> Iterable[int]:
    return repeat(weights) if isinstance(weights, int) else weights
