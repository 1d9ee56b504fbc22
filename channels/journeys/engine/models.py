"""The models that may pay: from the touches of one journey to exact shares.

Touches at the same instant share the weight of their positions equally, so the order in
which they were stored never moves money. An empty journey is credited to nobody: {}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from channels.core.roles import role_rank
from channels.journeys.engine import decay, places
from channels.journeys.engine.facts import Touch
from channels.journeys.engine.model_settings import (
    ADVISORY,
    DEAL_CREATED,
    DEFAULT_ROLE_WEIGHTS,
    LEAD_CREATED,
    ModelSettings,
)

__all__ = ["ADVISORY", "DEAL_CREATED", "DEFAULT_ROLE_WEIGHTS", "LEAD_CREATED", "MODELS", "ModelSettings", "shares"]

# The key None stands for the direct channel and own staff.
Shares = dict[str | None, Fraction]
Model = Callable[[Sequence[Touch], datetime, ModelSettings], Shares]

_MICROSECOND = timedelta(microseconds=1)


def first(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_place("first", touches, settings)


def last(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_place("last", touches, settings)


def last_non_direct(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """When every touch is direct, the last one keeps the credit."""
    indirect = [touch for touch in touches if touch.partner is not None]
    return _by_place("last", indirect or touches, settings)


def linear(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_place("linear", touches, settings)


def linear_distinct(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    partners = list(dict.fromkeys(touch.partner for touch in touches))
    return _normalised((partner, Fraction(1)) for partner in partners)


def position(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_place("position", touches, settings)


def time_decay(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """2^(-days before the order / half-life), days with their fraction."""
    half_life = decay.half_life(Fraction(settings.half_life_days))
    return _normalised((touch.partner, half_life.exact((at - touch.at) // _MICROSECOND)) for touch in touches)


def w_shape(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """30 each to first touch, lead creation and deal creation, 10 shared by the rest.

    Without both milestones it is the position model; with no other touch the three are
    scaled up to the whole.
    """
    ordered, sizes = _instants(touches)
    leads, deals = _earliest(ordered, LEAD_CREATED), _earliest(ordered, DEAL_CREATED)
    if not leads or not deals:
        return position(touches, at, settings)
    weights = places.w_shape(sizes, leads, deals)
    return _normalised((touch.partner, weight) for touch, weight in zip(ordered, weights, strict=True))


def role(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """Each partner counts once, in its best-paid role; a role's pool is shared inside the role.

    Roles that nobody has are left out and the others scaled up.
    """
    best: dict[str | None, str] = {}
    for touch in touches:
        known = best.get(touch.partner)
        if known is None or role_order(touch.role, settings) < role_order(known, settings):
            best[touch.partner] = touch.role
    crowd: dict[str, int] = {}
    for name in best.values():
        crowd[name] = crowd.get(name, 0) + 1
    return _normalised(
        (partner, Fraction(settings.role_weights.get(name, 0), crowd[name])) for partner, name in best.items()
    )


MODELS: dict[str, Model] = {
    "first": first,
    "last": last,
    "last-non-direct": last_non_direct,
    "linear": linear,
    "linear-distinct": linear_distinct,
    "position": position,
    "time-decay": time_decay,
    "w-shape": w_shape,
    "role": role,
}


def shares(model: str, touches: Sequence[Touch], *, at: datetime, settings: ModelSettings) -> Shares:
    return MODELS[model](touches, at, settings)


def role_order(name: str, settings: ModelSettings) -> tuple[int, int, str]:
    """The best-paid role first, then by rank."""
    return (-settings.role_weights.get(name, 0), role_rank(name), name)


def _instants(touches: Sequence[Touch]) -> tuple[list[Touch], list[int]]:
    ordered = sorted(touches, key=attrgetter("at"))
    return ordered, [len(list(group)) for _, group in groupby(ordered, key=attrgetter("at"))]


def _by_place(model: str, touches: Sequence[Touch], settings: ModelSettings) -> Shares:
    ordered, sizes = _instants(touches)
    weights = places.shared(model, sizes, settings)
    return _normalised((touch.partner, weight) for touch, weight in zip(ordered, weights, strict=True))


def _normalised(weighted: Iterable[tuple[str | None, Fraction]]) -> Shares:
    """Sums per partner and scales to one; in a canonical order, without zero shares."""
    sums: Shares = {}
    for partner, weight in weighted:
        sums[partner] = sums.get(partner, Fraction(0)) + weight
    whole = sum(sums.values(), Fraction(0))
    ordered = sorted(sums.items(), key=lambda item: (item[0] is not None, item[0] or ""))
    return {partner: weight / whole for partner, weight in ordered if weight}


def _earliest(ordered: Sequence[Touch], kind: str) -> list[int]:
    """The places of the touches of this kind at its first instant."""
    found = [place for place, touch in enumerate(ordered) if touch.kind == kind]
    return [place for place in found if ordered[place].at == ordered[found[0]].at]
