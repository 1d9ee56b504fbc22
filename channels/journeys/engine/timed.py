"""Many journeys at once whose touches have a time, and perhaps a kind and a role: every model.

Journeys without two touches at one instant go the fast way of `paths`; the others share places as the plain models
do. Time decay is irrational: each journey is split in units of 10^-24 of a conversion, so the credits still sum exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from channels.core.allocation import allocate
from channels.journeys.engine import decay, places
from channels.journeys.engine.model_settings import DEAL_CREATED, LEAD_CREATED, ModelSettings
from channels.journeys.engine.models import role_order
from channels.journeys.engine.paths import PATH_MODELS, Path, PathTally
from channels.journeys.engine.tally import Tally

ALL_MODELS = (
    "first",
    "last",
    "last-non-direct",
    "linear",
    "linear-distinct",
    "position",
    "time-decay",
    "w-shape",
    "role",
    "markov",
    "shapley",
)
UNIT = 10**24

Sizes = tuple[int, ...]
TouchRow = tuple[int, str, str, str]  # at, touch, kind, role


class TimedPath(NamedTuple):
    """Touches in the order of time, equal times by name. `ats` are microseconds from any moment."""

    touches: tuple[str, ...]
    ats: tuple[int, ...]
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    conversions: int
    nulls: int
    weight: int

    @classmethod
    def of(cls, rows: Iterable[TouchRow], *, conversions: int, nulls: int, weight: int) -> TimedPath:
        ats, touches, kinds, roles = zip(*sorted(rows), strict=True)
        return cls(touches, ats, kinds, roles, conversions, nulls, weight)


class TimedTally:
    """As PathTally, for every model. `unattributed` is what no touch of a journey could be credited with.

    `has_milestones` says whether w-shape found a journey of its shape; the others are shared as by position.
    """

    def __init__(self, models: Collection[str], *, settings: ModelSettings, direct: Collection[str] = ()) -> None:
        self.settings = settings
        self.models = [model for model in ALL_MODELS if model in models]
        self.unattributed: defaultdict[str, int] = defaultdict(int)
        self.has_milestones = False
        self._paths = PathTally(self.models, settings=settings, direct=direct)
        self._unshaped = PathTally(["position"], settings=settings)
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._half_life = decay.half_life(Fraction(settings.half_life_days))
        self._shared = lru_cache(maxsize=50_000)(lambda model, sizes: places.shared(model, sizes, settings))
        self._w_shape = lru_cache(maxsize=50_000)(places.w_shape)
        self._role_parts = lru_cache(maxsize=50_000)(self._parts_of_roles)

    @property
    def channels(self) -> set[str]:
        return self._paths.channels

    @property
    def conversions(self) -> int:
        return self._paths.conversions

    @property
    def weight(self) -> int:
        return self._paths.weight

    def add(self, batch: Sequence[TimedPath]) -> None:
        ordered: list[TimedPath] = []
        tied: list[TimedPath] = []
        for journey in batch:
            ats = journey[1]
            (ordered if len(set(ats)) == len(ats) else tied).append(journey)
        self._paths.add([_path(journey) for journey in ordered])
        self._paths.add([_path(journey) for journey in tied], in_order=False)
        for journey in tied:
            if journey.weight:
                self._add_tied(journey)
        for model, add in (("time-decay", self._add_decay), ("w-shape", self._add_shape), ("role", self._add_roles)):
            if model in self.models:
                add([journey for journey in batch if journey[6]])

    def credits(self, model: str) -> dict[str, Fraction]:
        if model == "markov":
            return self._paths.credits(model)
        whole = Tally()
        whole.extend(self._tallies[model])
        if model == "w-shape":
            whole.extend(self._unshaped.tally("position"))
        elif model in PATH_MODELS:
            whole.extend(self._paths.tally(model))
        return whole.credits()

    # --- journeys with touches at one instant ----------------------------------------------------

    def _add_tied(self, journey: TimedPath) -> None:
        sizes = _sizes(journey.ats)
        for model in self.models:
            if model in places.PLACES:
                self._share(model, journey.touches, self._shared(model, sizes), journey.weight)
        if "last-non-direct" in self.models:
            direct = self._paths.direct
            kept = [pair for pair in zip(journey.ats, journey.touches, strict=True) if pair[1] not in direct]
            ats, touches = zip(*kept, strict=True) if kept else (journey.ats, journey.touches)
            self._share("last-non-direct", touches, self._shared("last", _sizes(ats)), journey.weight)

    def _share(self, model: str, touches: Sequence[str], weights: Sequence[Fraction], weight: int) -> None:
        tally = self._tallies[model]
        for name, share in zip(touches, weights, strict=True):
            if share:
                tally.part(share.denominator)[name] += share.numerator * weight

    # --- the three that look at more than places -------------------------------------------------

    def _add_decay(self, batch: Sequence[TimedPath]) -> None:
        part, scaled = self._tallies["time-decay"].part(UNIT), self._half_life.scaled
        for journey in batch:
            touches, ats = journey[0], journey[1]
            if len(touches) == 1:
                part[touches[0]] += journey[6] * UNIT
                continue
            newest = ats[-1]
            weights = [scaled(newest - at) for at in ats]
            for name, units in zip(touches, allocate(journey[6] * UNIT, weights), strict=True):
                part[name] += units

    def _add_shape(self, batch: Sequence[TimedPath]) -> None:
        unshaped = []
        for journey in batch:
            leads, deals = _earliest(journey, LEAD_CREATED), _earliest(journey, DEAL_CREATED)
            sizes = _sizes(journey.ats)
            if leads and deals:
                self.has_milestones = True
                self._share("w-shape", journey.touches, self._w_shape(sizes, leads, deals), journey.weight)
            elif len(sizes) == len(journey.ats):
                unshaped.append(_path(journey))
            else:
                self._share("w-shape", journey.touches, self._shared("position", sizes), journey.weight)
        self._unshaped.add(unshaped)

    def _add_roles(self, batch: Sequence[TimedPath]) -> None:
        tally = self._tallies["role"]
        order: dict[str, tuple[int, int, str]] = {}
        for journey in batch:
            for name in set(journey.roles).difference(order):
                order[name] = role_order(name, self.settings)
            best: dict[str, str] = {}
            for touch, name in zip(journey.touches, journey.roles, strict=True):
                known = best.get(touch)
                if known is None or order[name] < order[known]:
                    best[touch] = name
            parts = self._role_parts(tuple(sorted(best.values())))
            if not parts:
                self.unattributed["role"] += journey.weight
            for touch, name in best.items():
                if name in parts:
                    share = parts[name]
                    tally.part(share.denominator)[touch] += share.numerator * journey.weight

    def _parts_of_roles(self, roles: tuple[str, ...]) -> dict[str, Fraction]:
        """What each holder of a role gets where these are the roles of all."""
        paid = {name: self.settings.role_weights.get(name, 0) for name in set(roles)}
        whole = sum(paid.values())
        return {name: Fraction(weight, whole * roles.count(name)) for name, weight in paid.items() if weight}


def _path(journey: TimedPath) -> Path:
    return Path(journey[0], journey[4], journey[5], journey[6])


def _sizes(ats: Sequence[int]) -> Sizes:
    if len(set(ats)) == len(ats):
        return (1,) * len(ats)
    return tuple(len(list(group)) for _, group in groupby(ats))


def _earliest(journey: TimedPath, kind: str) -> tuple[int, ...]:
    if kind not in journey.kinds:
        return ()
    at = journey.ats[journey.kinds.index(kind)]
    return tuple(place for place, found in enumerate(journey.kinds) if found == kind and journey.ats[place] == at)
