"""Many journeys at once, by what the models need of them and nothing else.

Journeys come in batches and are forgotten: what stays are counts per channel and length, and per pair of channels,
so memory depends on the channels and never on the journeys. Within a batch, journeys of one length and one weight are
counted by column, channels as numbers. tests/unit/journeys/test_paths.py holds every model against the plain one, journey by journey.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import chain, pairwise, repeat
from operator import add
from typing import NamedTuple

from channels.journeys.engine import markov, places
from channels.journeys.engine.model_settings import ModelSettings
from channels.journeys.engine.tally import Tally

PATH_MODELS = ("first", "last", "last-non-direct", "linear", "linear-distinct", "position", "markov", "shapley")
# More different weights than this in a batch, and grouping by weight costs more than it saves.
_MOST_WEIGHTS = 200

# A pair of channels as one number; there are fewer channels than this.
_PAIR = 1 << 32

Counts = Counter[int]  # by the number of a channel
Names = Sequence[str]
Column = Sequence[int]
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
        self.first: Counts = Counter()
        self.last: Counts = Counter()
        self.anywhere: Counts = Counter()


class PathTally:
    """Credits of the models in `models` over all the journeys that were added."""

    def __init__(self, models: Collection[str], *, settings: ModelSettings, direct: Collection[str] = ()) -> None:
        self.settings = settings
        self.direct = frozenset(direct)
        self.models = [model for model in PATH_MODELS if model in models]
        self.conversions = self.nulls = self.weight = 0
        self._by_place = [model for model in self.models if model in places.PLACES]
        self._by_set = [model for model in self.models if model in ("linear-distinct", "shapley")]
        self._numbers: dict[str, int] = {}
        self._lengths: defaultdict[int, _Length] = defaultdict(_Length)
        self._sets: defaultdict[int, Counts] = defaultdict(Counter)
        self._last_non_direct: Counts = Counter()
        self._starts: Counts = Counter()
        self._steps: Counter[int] = Counter()
        self._ends: tuple[Counts, Counts] = (Counter(), Counter())

    @property
    def channels(self) -> set[str]:
        return set(self._numbers)

    def add(self, batch: Sequence[Path], *, in_order: bool = True) -> None:
        """Some ten thousand at a time are fast; a journey without touches does not belong here.

        `in_order` False leaves out the models of places, for journeys whose caller knows better.
        """
        if batch:
            self.add_columns(*zip(*batch, strict=True), in_order=in_order)

    def add_columns(
        self,
        touches: Sequence[Names],
        conversions: Sequence[int],
        nulls: Sequence[int],
        weights: Sequence[int],
        *,
        in_order: bool = True,
    ) -> None:
        """The same batch, field by field."""
        self.conversions += sum(conversions)
        self.nulls += sum(nulls)
        self.weight += sum(weights)
        rows = zip(touches, conversions, nulls, weights, strict=True)
        if len(set(zip(conversions, nulls, weights, strict=True))) <= _MOST_WEIGHTS:
            alike: defaultdict[tuple[int, int, int, int], list[Names]] = defaultdict(list)
            for names, conversion, null, weight in rows:
                alike[len(names), conversion, null, weight].append(names)
            for (_, conversion, null, weight), found in alike.items():
                self._add(found, conversion, null, weight, in_order)
            return
        by_length: defaultdict[int, list[tuple[Names, int, int, int]]] = defaultdict(list)
        for row in rows:
            by_length[len(row[0])].append(row)
        for same_length in by_length.values():
            group, each, each_null, each_weight = zip(*same_length, strict=True)
            self._add(group, each, each_null, each_weight, in_order)

    def _add(
        self, touches: Sequence[Names], conversions: Weights, nulls: Weights, weights: Weights, in_order: bool
    ) -> None:
        columns = [self._numbered(column) for column in zip(*touches, strict=True)]
        if "markov" in self.models:
            self._count_steps(columns, conversions, nulls)
        if not weights:
            return
        if in_order and self._by_place:
            self._count_places(columns, weights)
        if in_order and "last-non-direct" in self.models:
            self._count_last_non_direct(columns, weights)
        if self._by_set:
            self._count_sets(columns, weights)

    def _numbered(self, names: Names) -> Column:
        numbers = self._numbers
        for name in set(names).difference(numbers):
            numbers[name] = len(numbers)
        return list(map(numbers.__getitem__, names))

    def _count_steps(self, columns: Sequence[Column], conversions: Weights, nulls: Weights) -> None:
        both: Weights
        if isinstance(conversions, int) and isinstance(nulls, int):
            both = conversions + nulls
        else:
            both = list(map(add, _each(conversions), _each(nulls)))
        _count(self._starts, columns[0], both)
        for one, other in pairwise(columns):
            _count(self._steps, map(add, map(_PAIR.__mul__, one), other), both)
        _count(self._ends[0], columns[-1], conversions)
        _count(self._ends[1], columns[-1], nulls)

    def _count_places(self, columns: Sequence[Column], weights: Weights) -> None:
        length = self._lengths[len(columns)]
        _count(length.first, columns[0], weights)
        if len(columns) > 1:
            _count(length.last, columns[-1], weights)
        if len(columns) > 2:
            for column in columns:
                _count(length.anywhere, column, weights)

    def _count_last_non_direct(self, columns: Sequence[Column], weights: Weights) -> None:
        direct = {self._numbers[name] for name in self.direct if name in self._numbers}
        last = columns[-1]
        if not direct.isdisjoint(last):
            rows = zip(*reversed(columns), strict=True)
            last = [next((number for number in row if number not in direct), row[0]) for row in rows]
        _count(self._last_non_direct, last, weights)

    def _count_sets(self, columns: Sequence[Column], weights: Weights) -> None:
        sets = map(frozenset, zip(*columns, strict=True))
        if isinstance(weights, int):
            by_size: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
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
            found.add(self._named(self._last_non_direct), Fraction(1))
        else:
            for size, counts in self._sets.items():
                found.add(self._named(counts), Fraction(1, size))
        return found

    def _by_length(self, found: Tally, weights: Sequence[Fraction], length: _Length) -> None:
        """All the middle places of a journey weigh the same in every model of places."""
        if len(weights) == 1:
            found.add(self._named(length.first), weights[0])
            return
        middle = weights[1] if len(weights) > 2 else Fraction(0)
        found.add(self._named(length.first), weights[0] - middle)
        found.add(self._named(length.last), weights[-1] - middle)
        found.add(self._named(length.anywhere), middle)

    def chain(self) -> markov.Chain:
        names = list(self._numbers)
        steps = {(names[pair // _PAIR], names[pair % _PAIR]): count for pair, count in self._steps.items()}
        starts, conversions, nulls = (self._named(counts) for counts in (self._starts, *self._ends))
        return markov.Chain.counted(starts, steps, conversions, nulls)

    def credits(self, model: str) -> dict[str, Fraction]:
        if model == "markov":
            return markov.removal(self.chain()).credits(self.weight)
        return self.tally(model).credits()

    def _named(self, counts: Counts) -> dict[str, int]:
        names = list(self._numbers)
        return {names[number]: count for number, count in counts.items()}


def _count(into: Counts, keys: Iterable[int], weights: Weights) -> None:
    """Add each key's weight."""
    if weights == 1:
        into.update(keys)
    elif isinstance(weights, int):
        if weights:
            for key, count in Counter(keys).items():
                into[key] += count * weights
    else:
        for key, weight in zip(keys, weights, strict=True):
            into[key] += weight


def _each(weights: Weights) -> Iterable[int]:
    return repeat(weights) if isinstance(weights, int) else weights
