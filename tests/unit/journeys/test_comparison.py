from fractions import Fraction

from channels.journeys.engine.comparison import NOTICEABLE, Side, compare


def credits(**models: dict[str, int]) -> dict[str, dict[str, Fraction]]:
    return {model: {name: Fraction(part) for name, part in found.items()} for model, found in models.items()}


def test_policy_is_an_outlier_only_beyond_all_others_and_noticeably() -> None:
    others = {"last": {"A": 40, "B": 60}, "linear": {"A": 50, "B": 50}, "markov": {"A": 45, "B": 55}}
    found = compare(credits(first={"A": 70, "B": 30}, **others), chosen="first", channels=["A", "B"])
    assert [(row.channel, row.chosen, row.middle, row.outlier) for row in found.rows] == [
        ("A", 70, 45, Side.HIGHEST),
        ("B", 30, 55, Side.LOWEST),
    ]
    assert found.moved == Fraction(1, 4)
    assert (found.whole, found.largest) == (100, 70)
    inside = compare(credits(first={"A": 48, "B": 52}, **others), chosen="first", channels=["A", "B"])
    assert inside.outliers == []


def test_less_than_noticeable_is_not_said() -> None:
    step = int(10_000 * NOTICEABLE)
    for more, sides in ((step - 1, []), (step, [Side.HIGHEST, Side.LOWEST])):
        found = compare(
            credits(first={"A": 5_000 + more, "B": 5_000 - more}, last={"A": 5_000, "B": 5_000}),
            chosen="first",
            channels=["A", "B"],
        )
        assert [row.outlier for row in found.outliers] == sides


def test_model_that_credits_nobody_is_left_out() -> None:
    found = compare(credits(first={"A": 1}, role={}), chosen="role", channels=["A", "B"])
    assert found.models == ("first",)
    assert [(row.channel, row.outlier) for row in found.rows] == [("A", None), ("B", None)]
    assert compare({}, chosen="first", channels=[]).moved == 0
