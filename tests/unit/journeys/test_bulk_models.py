"""Many journeys at once give what the plain models give one by one."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.journeys.engine.facts import Touch
from channels.journeys.engine.model_settings import DEAL_CREATED, LEAD_CREATED, ModelSettings
from channels.journeys.engine.models import MODELS
from channels.journeys.engine.paths import PATH_MODELS, Path, PathTally
from channels.journeys.engine.shapley import of_journeys
from channels.journeys.engine.timed import ALL_MODELS, UNIT, TimedPath, TimedTally

DIRECT = "direct"
NAMES = ["A", "B", "C", DIRECT]
SETTINGS = ModelSettings(first_bp=3_000, last_bp=4_500)
ORDER_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = 3_600_000_000

rows = st.tuples(
    st.integers(0, 40).map(lambda hours: hours * 5 * HOUR),
    st.sampled_from(NAMES),
    st.sampled_from(["visit", LEAD_CREATED, DEAL_CREATED]),
    st.sampled_from(["sourcer", "influencer", "closer", "advisor"]),
)
timed_paths = st.builds(
    lambda found, conversions, nulls: TimedPath.of(found, conversions=conversions, nulls=nulls, weight=conversions),
    st.lists(rows, min_size=1, max_size=7),
    st.integers(0, 3),
    st.integers(0, 3),
)
paths = st.builds(
    lambda found, conversions, nulls, each: Path(tuple(found), conversions, nulls, conversions * each),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=7),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 50),
)


def one_by_one(model: str, journeys: list[TimedPath]) -> dict[str, Fraction]:
    """The plain model, journey by journey."""
    credit: dict[str, Fraction] = {}
    for journey in journeys:
        touches = [
            Touch(str(place), None if name == DIRECT else name, ORDER_AT + timedelta(microseconds=at), kind, role=role)
            for place, (name, at, kind, role) in enumerate(
                zip(journey.touches, journey.ats, journey.kinds, journey.roles, strict=True)
            )
        ]
        for partner, share in MODELS[model](touches, touches[-1].at, SETTINGS).items():
            name = partner or DIRECT
            credit[name] = credit.get(name, Fraction(0)) + share * journey.weight
    return {name: share for name, share in credit.items() if share}


def timed(model: str, journeys: list[TimedPath]) -> TimedTally:
    tally = TimedTally([model], settings=SETTINGS, direct=[DIRECT])
    tally.add(journeys)
    return tally


@pytest.mark.parametrize("model", [name for name in MODELS if name != "time-decay"])
@given(journeys=st.lists(timed_paths, max_size=8))
def test_bulk_is_the_sum_of_single_journeys(model: str, journeys: list[TimedPath]) -> None:
    assert timed(model, journeys).credits(model) == one_by_one(model, journeys)


@given(journeys=st.lists(timed_paths, max_size=8))
def test_time_decay_is_split_to_less_than_its_unit(journeys: list[TimedPath]) -> None:
    found, plain = timed("time-decay", journeys).credits("time-decay"), one_by_one("time-decay", journeys)
    touches = sum(len(journey.touches) for journey in journeys)
    assert sum(found.values()) == sum(journey.weight for journey in journeys)
    for name in NAMES:
        assert abs(found.get(name, 0) - plain.get(name, 0)) <= Fraction(touches, UNIT)


@pytest.mark.parametrize("model", ALL_MODELS)
@given(journeys=st.lists(timed_paths, max_size=8), random=st.randoms())
def test_credits_sum_and_neither_storage_nor_batches_matter(model: str, journeys: list[TimedPath], random: Any) -> None:
    tally = timed(model, journeys)
    found = tally.credits(model)
    weight = sum(journey.weight for journey in journeys)
    assert sum(found.values()) == weight - tally.unattributed[model]
    assert all(share >= 0 for share in found.values())
    shuffled = list(journeys)
    random.shuffle(shuffled)
    other = TimedTally([model], settings=SETTINGS, direct=[DIRECT])
    for journey in shuffled:
        rows = list(zip(journey.ats, journey.touches, journey.kinds, journey.roles, strict=True))
        random.shuffle(rows)
        again = TimedPath.of(rows, conversions=journey.conversions, nulls=journey.nulls, weight=journey.weight)
        other.add([again])
    assert other.credits(model) == found


@pytest.mark.parametrize("model", PATH_MODELS)
@given(journeys=st.lists(paths, max_size=12))
def test_paths_and_touches_with_a_time_agree(model: str, journeys: list[Path]) -> None:
    plain = PathTally([model], settings=SETTINGS, direct=[DIRECT])
    plain.add(journeys)
    hourly = [
        TimedPath(path.touches, tuple(range(len(path.touches))), ("",) * 9, ("",) * 9, *path[1:]) for path in journeys
    ]
    assert timed(model, hourly).credits(model) == plain.credits(model)
    assert (plain.conversions, plain.nulls) == (sum(p.conversions for p in journeys), sum(p.nulls for p in journeys))


@pytest.mark.parametrize("model", PATH_MODELS)
def test_many_different_weights_change_nothing(model: str) -> None:
    """A batch with more weights than are worth grouping by goes another way."""
    journeys = [
        Path(tuple(NAMES[(number + place) % 4] for place in range(number % 5 + 1)), number, number % 7, number * 3)
        for number in range(500)
    ]
    at_once = PathTally([model], settings=SETTINGS, direct=[DIRECT])
    at_once.add(journeys)
    in_parts = PathTally([model], settings=SETTINGS, direct=[DIRECT])
    for start in range(0, 500, 50):
        in_parts.add(journeys[start : start + 50])
    assert at_once.credits(model) == in_parts.credits(model)
    assert sum(at_once.credits(model).values()) == sum(path.weight for path in journeys)


@pytest.mark.parametrize("model", ALL_MODELS)
@given(journeys=st.lists(timed_paths, max_size=6))
def test_renaming_channels_renames_credits(model: str, journeys: list[TimedPath]) -> None:
    """Where equal times are ordered by name the chain of Markov depends on the names; elsewhere nothing does."""
    if model == "markov":
        journeys = [journey for journey in journeys if len(set(journey.ats)) == len(journey.ats)]
    names = {"A": "z", "B": "y", "C": "x", DIRECT: DIRECT}
    renamed = [
        TimedPath.of(
            zip(j.ats, (names[name] for name in j.touches), j.kinds, j.roles, strict=True),
            conversions=j.conversions,
            nulls=j.nulls,
            weight=j.weight,
        )
        for j in journeys
    ]
    found, other = timed(model, journeys).credits(model), timed(model, renamed).credits(model)
    if model == "time-decay":
        for name, share in found.items():
            assert abs(share - other[names[name]]) < Fraction(100, UNIT)
    else:
        assert {names[name]: share for name, share in found.items()} == other


@given(journeys=st.lists(paths, max_size=12))
def test_shapley_of_journeys_is_linear_over_distinct_channels(journeys: list[Path]) -> None:
    tally = PathTally(["shapley", "linear-distinct"], settings=SETTINGS)
    tally.add(journeys)
    assert tally.credits("shapley") == tally.credits("linear-distinct")
    plain = of_journeys((path.touches, path.weight) for path in journeys)
    assert tally.credits("shapley") == {name: share for name, share in plain.items() if share}


def test_nobody_is_credited_without_a_paid_role() -> None:
    tally = timed("role", [TimedPath(("A",), (0,), ("",), ("advisor",), 2, 0, 2)])
    assert tally.credits("role") == {}
    assert tally.unattributed["role"] == 2
