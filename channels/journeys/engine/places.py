"""The part of each place in a journey, for the models that look at places alone.

A journey of n touches is its `sizes`: how many touches share each instant, in the order of time. Touches at one
instant share the weight of their places equally.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import islice

from channels.core.money import BASIS
from channels.journeys.engine.model_settings import ModelSettings

Places = Callable[[int, ModelSettings], list[Fraction]]


def first(n: int, settings: ModelSettings) -> list[Fraction]:
    return _one_hot(n, 0)


def last(n: int, settings: ModelSettings) -> list[Fraction]:
    return _one_hot(n, n - 1)


def linear(n: int, settings: ModelSettings) -> list[Fraction]:
    return [Fraction(1, n)] * n


def position(n: int, settings: ModelSettings) -> list[Fraction]:
    first_share = Fraction(settings.first_bp, BASIS)
    last_share = Fraction(settings.last_bp, BASIS)
    middle = 1 - first_share - last_share
    if n == 1:
        return [Fraction(1)]
    if n == 2:
        return [first_share + middle / 2, last_share + middle / 2]
    return [first_share, *[middle / (n - 2)] * (n - 2), last_share]


PLACES: Mapping[str, Places] = {"first": first, "last": last, "linear": linear, "position": position}


def shared(model: str, sizes: Sequence[int], settings: ModelSettings) -> list[Fraction]:
    """One weight per touch."""
    weights = iter(PLACES[model](sum(sizes), settings)) if sizes else iter(())
    return [each for size in sizes for each in [sum(islice(weights, size), Fraction(0)) / size] * size]


def w_shape(sizes: Sequence[int], leads: Sequence[int], deals: Sequence[int]) -> list[Fraction]:
    """30 each to the first instant, the lead's and the deal's touches, 10 to the rest; scaled to one.

    `leads` and `deals` are the places of the touches that created them, all of one instant each.
    """
    n = sum(sizes)
    weights = [Fraction(0)] * n
    milestones = (range(sizes[0]), leads, deals)
    for places in milestones:
        for place in places:
            weights[place] += Fraction(30, len(places))
    rest = set(range(n)).difference(*milestones)
    for place in rest:
        weights[place] = Fraction(10, len(rest))
    whole = sum(weights)
    return [weight / whole for weight in weights]


def _one_hot(n: int, index: int) -> list[Fraction]:
    return [Fraction(int(place == index)) for place in range(n)]
