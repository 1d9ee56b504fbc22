"""The attribution models: from the touches of one journey to exact shares.

Touches at the same instant share the weight of their positions equally, so the order in
which they were stored never moves money. An empty journey is credited to nobody: {}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from channels.core.money import BASIS
from channels.core.roles import Role, role_rank
from channels.journeys.engine.facts import Touch

DEFAULT_ROLE_WEIGHTS: Mapping[str, int] = {
    Role.SOURCER.value: 40,
    Role.INFLUENCER.value: 20,
    Role.IMPLEMENTER.value: 20,
    Role.CLOSER.value: 20,
}
LEAD_CREATED = "lead_created"
DEAL_CREATED = "deal_created"
_DECAY_DIGITS = 50

# The key None stands for the direct channel and own staff.
Shares = dict[str | None, Fraction]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    first_bp: int = 4_000
    last_bp: int = 4_000
    half_life_days: int = 7
    role_weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_ROLE_WEIGHTS))


Model = Callable[[Sequence[Touch], datetime, ModelSettings], Shares]


def first(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_position(touches, lambda n: _one_hot(n, 0))


def last(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_position(touches, lambda n: _one_hot(n, n - 1))


def last_non_direct(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """When every touch is direct, the last one keeps the credit."""
    indirect = [touch for touch in touches if touch.partner is not None]
    return last(indirect or touches, at, settings)


def linear(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    return _by_position(touches, lambda n: [Fraction(1, n)] * n)


def linear_distinct(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    partners = list(dict.fromkeys(touch.partner for touch in touches))
    return _normalised((partner, Fraction(1)) for partner in partners)


def position(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    first_share = Fraction(settings.first_bp, BASIS)
    last_share = Fraction(settings.last_bp, BASIS)

    def weights(n: int) -> list[Fraction]:
        middle = 1 - first_share - last_share
        if n == 1:
            return [Fraction(1)]
        if n == 2:
            return [first_share + middle / 2, last_share + middle / 2]
        return [first_share, *[middle / (n - 2)] * (n - 2), last_share]

    return _by_position(touches, weights)


def time_decay(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """2^(-days before the order / half-life), days with their fraction.

    The power is irrational between whole half-lives: 50 digits stand in for it, the same
    on every machine, and the shares made of it sum to exactly one.
    """
    return _normalised((touch.partner, _decay(at, touch.at, settings.half_life_days)) for touch in touches)


def w_shape(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """30 each to first touch, lead creation and deal creation, 10 shared by the rest.

    Without both milestones it is the position model; with no other touch the three are
    scaled up to the whole.
    """
    ordered = _ordered(touches)
    milestones = [
        _earliest(ordered),
        _earliest(touch for touch in ordered if touch.kind == LEAD_CREATED),
        _earliest(touch for touch in ordered if touch.kind == DEAL_CREATED),
    ]
    if not all(milestones):
        return position(touches, at, settings)
    weighted = [(touch.partner, Fraction(30, len(group))) for group in milestones for touch in group]
    named = {touch.id for group in milestones for touch in group}
    rest = [touch for touch in ordered if touch.id not in named]
    weighted += [(touch.partner, Fraction(10, len(rest))) for touch in rest]
    return _normalised(weighted)


def role(touches: Sequence[Touch], at: datetime, settings: ModelSettings) -> Shares:
    """Each partner counts once, in its best-paid role; a role's pool is shared inside the role.

    Roles that nobody has are left out and the others scaled up.
    """
    best: dict[str | None, str] = {}
    for touch in touches:
        known = best.get(touch.partner)
        if known is None or _role_order(touch.role, settings) < _role_order(known, settings):
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


def _ordered(touches: Sequence[Touch]) -> list[Touch]:
    return sorted(touches, key=attrgetter("at"))


def _by_position(touches: Sequence[Touch], weights_for: Callable[[int], list[Fraction]]) -> Shares:
    if not touches:
        return {}
    weights = iter(weights_for(len(touches)))
    weighted: list[tuple[str | None, Fraction]] = []
    for _, same_time in groupby(_ordered(touches), key=attrgetter("at")):
        group = list(same_time)
        each = sum((next(weights) for _ in group), Fraction(0)) / len(group)
        weighted += [(touch.partner, each) for touch in group]
    return _normalised(weighted)


def _one_hot(n: int, index: int) -> list[Fraction]:
    return [Fraction(int(place == index)) for place in range(n)]


def _normalised(weighted: Iterable[tuple[str | None, Fraction]]) -> Shares:
    """Sums per partner and scales to one; in a canonical order, without zero shares."""
    sums: Shares = {}
    for partner, weight in weighted:
        sums[partner] = sums.get(partner, Fraction(0)) + weight
    whole = sum(sums.values(), Fraction(0))
    ordered = sorted(sums.items(), key=lambda item: (item[0] is not None, item[0] or ""))
    return {partner: weight / whole for partner, weight in ordered if weight}


def _decay(at: datetime, touched_at: datetime, half_life_days: int) -> Fraction:
    age = at - touched_at
    micros = (age.days * 86_400 + age.seconds) * 1_000_000 + age.microseconds
    half_lives = Fraction(micros, half_life_days * 86_400 * 1_000_000)
    whole = half_lives.numerator // half_lives.denominator
    part = half_lives - whole
    with localcontext(prec=_DECAY_DIGITS):
        exponent = -Decimal(part.numerator) / Decimal(part.denominator)
        power = Fraction(Decimal(2) ** exponent)
    return power * Fraction(1, 2) ** whole


def _earliest(touches: Iterable[Touch]) -> list[Touch]:
    found = list(touches)
    return [touch for touch in found if touch.at == found[0].at]


def _role_order(name: str, settings: ModelSettings) -> tuple[int, int, str]:
    return (-settings.role_weights.get(name, 0), role_rank(name), name)
