from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.journeys.engine.shapley import MOST_PLAYERS, of_journeys, shapley, worth_of

games = st.dictionaries(st.frozensets(st.sampled_from("ABCD"), min_size=1), st.integers(0, 20), max_size=10)


@given(games)
def test_simplified_is_exact(journeys: dict[frozenset[str], int]) -> None:
    values = shapley("ABCD", worth_of(journeys))
    simple = of_journeys(journeys.items())
    assert values == {name: simple.get(name, Fraction(0)) for name in "ABCD"}
    assert sum(values.values()) == sum(journeys.values())


@given(st.dictionaries(st.frozensets(st.sampled_from("ABC")), st.integers(0, 20)))
def test_values_sum_to_what_all_gain_together(worths: dict[frozenset[str], int]) -> None:
    def worth(coalition: frozenset[str]) -> int:
        return worths.get(coalition, 0)

    values = shapley("ABC", worth)
    assert sum(values.values()) == worth(frozenset("ABC")) - worth(frozenset())
    renamed = shapley("CBA", worth)
    assert renamed == values


def test_who_adds_nothing_gets_nothing() -> None:
    assert shapley("AB", lambda coalition: 5 if "A" in coalition else 0) == {"A": 5, "B": 0}


def test_too_many_players_are_refused() -> None:
    with pytest.raises(ValueError, match="coalitions"):
        shapley([str(number) for number in range(MOST_PLAYERS + 1)], len)
