"""Removal effects against the definition: the chain solved again with each channel's in-edges sent to null."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from channels.journeys.engine.markov import Chain, removal

paths = st.lists(
    st.tuples(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=6), st.integers(0, 3), st.integers(0, 3)),
    max_size=8,
)


def probability(chain: Chain, *, without: str | None = None) -> Fraction:
    """Plain elimination on x = Q x + r; `without` counts as null."""
    names = [name for name in chain.channels if name != without]
    equations: dict[str, tuple[dict[str, Fraction], Fraction]] = {}
    for name in names:
        steps = {other: count for (one, other), count in chain.steps.items() if one == name}
        out = sum(steps.values()) + chain.conversions.get(name, 0) + chain.nulls.get(name, 0)
        known = {other: Fraction(count, out) for other, count in steps.items() if other != without}
        equations[name] = known, Fraction(chain.conversions.get(name, 0), out)
    solved: list[tuple[str, dict[str, Fraction], Fraction]] = []
    for name in names:
        known, constant = equations.pop(name)
        own = 1 - known.pop(name, Fraction(0))
        known = {other: share / own for other, share in known.items()}
        constant /= own
        solved.append((name, known, constant))
        for other, (theirs, value) in equations.items():
            factor = theirs.pop(name, Fraction(0))
            for third, share in known.items():
                theirs[third] = theirs.get(third, Fraction(0)) + factor * share
            equations[other] = theirs, value + factor * constant
    values: dict[str, Fraction] = {}
    for name, known, constant in reversed(solved):
        values[name] = constant + sum((share * values[other] for other, share in known.items()), Fraction(0))
    journeys = sum(chain.starts.values())
    return sum((Fraction(chain.starts.get(name, 0), journeys) * values[name] for name in names), Fraction(0))


@given(paths)
def test_effects_are_those_of_the_definition(found: list[tuple[list[str], int, int]]) -> None:
    chain = Chain.of(found)
    result = removal(chain)
    if not sum(conversions for _, conversions, _ in found):
        assert set(result.effects.values()) <= {0}
        assert result.credits(10) == {}
        return
    whole = probability(chain)
    assert result.probability == whole
    for name in chain.channels:
        assert result.effects[name] == 1 - probability(chain, without=name) / whole
    assert sum(result.credits(7).values()) == 7


@given(paths)
def test_decimals_are_exact_far_beyond_what_is_printed(found: list[tuple[list[str], int, int]]) -> None:
    chain = Chain.of(found)
    exact, rounded = removal(chain), removal(chain, exact_up_to=0)
    assert abs(exact.probability - rounded.probability) < Fraction(1, 10**30)
    for name in chain.channels:
        assert abs(exact.effects[name] - rounded.effects[name]) < Fraction(1, 10**30)


def test_long_journeys_lose_no_printed_digit() -> None:
    """A chain which goes round a thousand times and more before it ends."""
    names = [f"c{number}" for number in range(45)]
    loops = [(names * 200, 1, 0), *(([name], 0, 1) for name in names)]
    chain = Chain.of(loops)
    exact, rounded = removal(chain, exact_up_to=50), removal(chain)
    assert max(abs(exact.effects[name] - rounded.effects[name]) for name in names) < Fraction(1, 10**28)


def test_without_a_conversion_nobody_is_credited() -> None:
    result = removal(Chain.of([(["A", "B"], 0, 4)]))
    assert (result.probability, result.credits(0)) == (0, {})
    assert removal(Chain.of([])).credits(0) == {}


def test_without_nulls_everything_converts() -> None:
    result = removal(Chain.of([(["A", "B"], 3, 0), (["B"], 1, 0)]))
    assert result.probability == 1
    assert result.effects == {"A": Fraction(3, 4), "B": 1}
