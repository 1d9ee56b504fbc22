"""Shapley values: each player's average part of what a coalition gains by it. Advises; never pays an order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import comb

MOST_PLAYERS = 16

Worth = Callable[[frozenset[str]], int | Fraction]


def shapley(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """Exact for any worth of coalitions; it is asked for all 2^n of them, hence at most MOST_PLAYERS."""
    n = len(players)
    if n > MOST_PLAYERS:
        raise ValueError(f"{n} players make {2**n} coalitions; the exact value is for at most {MOST_PLAYERS}")
    coalitions = [
        frozenset(name for place, name in enumerate(players) if number >> place & 1) for number in range(2**n)
    ]
    worths = [worth(coalition) for coalition in coalitions]
    values: dict[str, Fraction] = {}
    for place, name in enumerate(players):
        gains = [Fraction(0)] * n
        for number, coalition in enumerate(coalitions):
            if not number >> place & 1:
                gains[len(coalition)] += worths[number | 1 << place] - worths[number]
        values[name] = sum((gain / comb(n - 1, size) for size, gain in enumerate(gains)), Fraction(0)) / n
    return values


def of_journeys(journeys: Iterable[tuple[Iterable[str], int | Fraction]]) -> dict[str, Fraction]:
    """The same where a coalition is worth the conversions of the journeys that lie inside it.

    A journey is then a game of its own whose players gain only all together, so each has the same part:
    phi = sum(count / |set|), in one pass and for any number of players.
    """
    values: dict[str, Fraction] = {}
    for touches, count in journeys:
        members = frozenset(touches)
        for name in members:
            values[name] = values.get(name, Fraction(0)) + Fraction(count, len(members))
    return values


def worth_of(journeys: Mapping[frozenset[str], int | Fraction]) -> Worth:
    """Conversions of the journeys whose touches all lie inside the coalition."""
    return lambda coalition: sum((count for members, count in journeys.items() if members <= coalition), Fraction(0))
