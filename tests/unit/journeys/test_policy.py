import json

import pytest

from channels.core.terms import TermsError
from channels.journeys.engine.policy import PolicyTerms


def test_terms_survive_json() -> None:
    terms = PolicyTerms(window_days=30, model="time-decay", half_life_days=14, role_weights={"sourcer": 100})
    assert PolicyTerms.from_json(json.loads(json.dumps(terms.to_json()))) == terms


def test_empty_object_is_the_default_policy() -> None:
    terms = PolicyTerms.from_json({})
    assert terms == PolicyTerms()
    assert (terms.window_days, terms.model, terms.half_life_days) == (90, "position", 7)
    assert (terms.position_first_bp, terms.position_last_bp) == (4_000, 4_000)
    assert terms.role_weights == {"sourcer": 40, "influencer": 20, "implementer": 20, "closer": 20}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"windowdays": 3}, "windowdays: is not a known key"),
        ({"window_days": 0}, "window_days: must be at least 1, not 0"),
        ({"role_weights": {"sourcer": 40, "closer": 50}}, "role_weights: sum to 90, not to 100"),
        ({"role_weights": {"wizard": 100}}, "role_weights.wizard: is not a known role"),
        ({"position_first_bp": 6_001}, "position_first_bp: first and last sum to 10001 bp, above 10000"),
        ({"pick_share_bp": 10_001}, "pick_share_bp: must be at most 10000, not 10001"),
        ({"half_life_days": "7"}, "half_life_days: must be a whole number, not '7'"),
        ({"incumbent": "yes"}, "incumbent: must be true or false, not 'yes'"),
    ],
)
def test_wrong_value_is_named(raw: dict[str, object], problem: str) -> None:
    with pytest.raises(TermsError) as caught:
        PolicyTerms.from_json(raw)
    assert caught.value.problems == (problem,)


def test_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(TermsError, match="'markov' is not one of first, last, last-non-direct, linear"):
        PolicyTerms.from_json({"model": "markov"})


def test_zero_role_weights_are_allowed() -> None:
    assert PolicyTerms.from_json({"role_weights": {"sourcer": 0}}).role_weights == {"sourcer": 0}
