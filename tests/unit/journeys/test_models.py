from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.core.terms import TermsError
from channels.journeys.engine.facts import Touch
from channels.journeys.engine.models import ADVISORY, MODELS, ModelSettings
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.timed import ALL_MODELS

ORDER_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = ModelSettings()
KINDS = ["visit", "lead_created", "deal_created", "demo"]
ROLES = ["sourcer", "influencer", "implementer", "closer"]


@st.composite
def journeys(draw: st.DrawFn, *, distinct_times: bool = False) -> list[Touch]:
    ages = draw(st.lists(st.integers(0, 20 * 86_400), max_size=8, unique=distinct_times))
    if not distinct_times:
        ages = [age // 86_400 * 86_400 for age in ages]
    return [
        Touch(
            id=str(number),
            partner=draw(st.sampled_from(["A", "B", "C", None])),
            at=ORDER_AT - timedelta(seconds=age),
            kind=draw(st.sampled_from(KINDS)),
            role=draw(st.sampled_from(ROLES)),
        )
        for number, age in enumerate(ages)
    ]


def touch(partner: str | None, days: float = 0, **more: Any) -> Touch:
    return Touch(id=f"{partner}{days}", partner=partner, at=ORDER_AT - timedelta(days=days), **more)


@pytest.mark.parametrize("model", MODELS)
@given(touches=journeys())
def test_shares_sum_to_exactly_one(model: str, touches: list[Touch]) -> None:
    found = MODELS[model](touches, ORDER_AT, SETTINGS)
    assert sum(found.values()) == (1 if touches else 0)
    assert all(share > 0 for share in found.values())
    assert found.keys() <= {item.partner for item in touches}


@pytest.mark.parametrize("model", MODELS)
@given(touches=journeys(), random=st.randoms())
def test_order_of_storage_never_moves_a_share(model: str, touches: list[Touch], random: Any) -> None:
    shuffled = list(touches)
    random.shuffle(shuffled)
    found = MODELS[model](touches, ORDER_AT, SETTINGS)
    assert MODELS[model](shuffled, ORDER_AT, SETTINGS) == found
    assert list(MODELS[model](shuffled, ORDER_AT, SETTINGS)) == list(found)


@pytest.mark.parametrize("model", MODELS)
@given(touches=journeys(distinct_times=True))
def test_renaming_partners_renames_shares(model: str, touches: list[Touch]) -> None:
    names: dict[str | None, str | None] = {"A": "Z", "B": "Y", "C": "X", None: None}
    renamed = [Touch(item.id, names[item.partner], item.at, item.kind, role=item.role) for item in touches]
    found = MODELS[model](touches, ORDER_AT, SETTINGS)
    assert MODELS[model](renamed, ORDER_AT, SETTINGS) == {names[name]: share for name, share in found.items()}


@pytest.mark.parametrize("model", MODELS)
def test_only_partner_gets_everything(model: str) -> None:
    touches = [touch("A", 3, role="sourcer"), touch("A", 1, role="sourcer")]
    assert MODELS[model](touches, ORDER_AT, SETTINGS) == {"A": Fraction(1)}


def test_names_of_the_models_are_public() -> None:
    assert sorted(MODELS) == [
        "first",
        "last",
        "last-non-direct",
        "linear",
        "linear-distinct",
        "position",
        "role",
        "time-decay",
        "w-shape",
    ]


@pytest.mark.parametrize("model", ADVISORY)
def test_models_of_a_whole_period_never_pay(model: str) -> None:
    assert model not in MODELS
    with pytest.raises(TermsError, match=f"model: '{model}' is not one of"):
        PolicyTerms.from_json({"model": model})


def test_every_model_that_pays_is_also_counted_in_bulk() -> None:
    assert sorted(ALL_MODELS) == sorted([*MODELS, *ADVISORY])


def test_position_takes_its_ends_from_the_policy() -> None:
    settings = ModelSettings(first_bp=3_000, last_bp=5_000)
    touches = [touch("A", 3), touch("B", 2), touch("C", 1)]
    assert MODELS["position"](touches, ORDER_AT, settings) == {
        "A": Fraction(3, 10),
        "B": Fraction(2, 10),
        "C": Fraction(5, 10),
    }


def test_position_with_nothing_for_the_ends_or_the_middle() -> None:
    touches = [touch("A", 3), touch("B", 2), touch("C", 1)]
    whole_middle = MODELS["position"](touches, ORDER_AT, ModelSettings(first_bp=0, last_bp=0))
    assert whole_middle == {"B": Fraction(1)}
    no_middle = MODELS["position"](touches, ORDER_AT, ModelSettings(first_bp=5_000, last_bp=5_000))
    assert no_middle == {"A": Fraction(1, 2), "C": Fraction(1, 2)}


def test_half_life_weighs_by_age() -> None:
    found = MODELS["time-decay"]([touch("A", 30), touch("B", 0)], ORDER_AT, ModelSettings(half_life_days=30))
    assert found == {"A": Fraction(1, 3), "B": Fraction(2, 3)}


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_younger_touch_never_weighs_less(one: int, other: int) -> None:
    touches = [touch("A", one / 1_000), touch("B", other / 1_000)]
    found = MODELS["time-decay"](touches, ORDER_AT, SETTINGS)
    if one < other:
        assert found["A"] > found["B"]


def test_zero_role_weights_credit_nobody() -> None:
    settings = ModelSettings(role_weights=dict.fromkeys(ROLES, 0))
    assert MODELS["role"]([touch("A", role="sourcer"), touch("B", role="closer")], ORDER_AT, settings) == {}


def test_partner_with_two_roles_counts_in_the_better_paid_one() -> None:
    settings = ModelSettings(role_weights={"sourcer": 10, "influencer": 30, "closer": 60})
    touches = [touch("A", 3, role="sourcer"), touch("A", 2, role="closer"), touch("B", 1, role="influencer")]
    assert MODELS["role"](touches, ORDER_AT, settings) == {"A": Fraction(2, 3), "B": Fraction(1, 3)}


def test_second_lead_is_no_milestone() -> None:
    touches = [
        touch("A", 4),
        touch("B", 3, kind="lead_created"),
        touch("C", 2, kind="lead_created"),
        touch("D", 1, kind="deal_created"),
    ]
    assert MODELS["w-shape"](touches, ORDER_AT, SETTINGS) == {
        "A": Fraction(3, 10),
        "B": Fraction(3, 10),
        "C": Fraction(1, 10),
        "D": Fraction(3, 10),
    }
