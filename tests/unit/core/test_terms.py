import pytest

from channels.core.terms import TermsError, TermsReader


def test_every_problem_is_named_at_once() -> None:
    reader = TermsReader({"days": "7", "on": 1, "name": "x", "list": [1], "map": {"a": -1, "b": "c"}, "odd": 0})
    assert reader.integer("days", default=5) == 5
    assert reader.boolean("on", default=True) is True
    assert reader.string("name", default="a", choices=("a", "b")) == "x"
    assert reader.strings("list") == ()
    assert reader.integers_by_name("map", default={}) == {}
    reader.close()
    with pytest.raises(TermsError) as caught:
        reader.raise_problems()
    assert caught.value.problems == (
        "days: must be a whole number, not '7'",
        "on: must be true or false, not 1",
        "name: 'x' is not one of a, b",
        "list: must be a list of texts, not [1]",
        "map.a: must be at least 0, not -1",
        "map.b: must be a whole number, not 'c'",
        "odd: is not a known key",
    )


def test_true_is_no_whole_number() -> None:
    reader = TermsReader({"days": True})
    reader.integer("days", default=5)
    assert reader.problems == ["days: must be a whole number, not True"]


def test_problem_in_a_child_says_where() -> None:
    reader = TermsReader({"rules": [{}, {"rate": 5, "extra": 1}], "inner": 3})
    for child in reader.children("rules"):
        child.integer("rate", default=1, high=4)
        child.close()
    reader.child("inner").close()
    assert reader.problems == [
        "rules[1].rate: must be at most 4, not 5",
        "rules[1].extra: is not a known key",
        "inner: must be an object",
    ]


def test_null_is_no_number_given() -> None:
    reader = TermsReader({"months": None})
    assert reader.optional_integer("months") is None
    assert reader.optional_integer("other") is None
    reader.close()
    reader.raise_problems()


@pytest.mark.parametrize("raw", [None, [], "text", 3])
def test_terms_must_be_an_object(raw: object) -> None:
    with pytest.raises(TermsError, match="terms: must be an object"):
        TermsReader(raw).raise_problems()
