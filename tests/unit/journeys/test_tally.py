from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from channels.journeys.engine.tally import Tally, plain, printed

credits = st.dictionaries(st.sampled_from("ABCDE"), st.fractions(min_value=0, max_value=100, max_denominator=97))


@given(credits, st.integers(0, 12))
def test_printed_parts_sum_exactly(parts: dict[str, Fraction], decimals: int) -> None:
    whole = round(sum(parts.values()))
    found = {**parts, "rest": Fraction(200)}
    found["rest"] += whole - sum(parts.values())
    shown = printed(found, names=["absent"], decimals=decimals)
    assert sum(map(Fraction, shown.values())) == whole + 200
    assert shown["absent"] == 0
    for name, share in found.items():
        assert abs(Fraction(shown[name]) - share) < Fraction(1, 10**decimals)


def test_ties_go_to_the_earlier_name() -> None:
    third = Fraction(1, 3)
    shown = printed({"C": third, "B": third, "A": third}, names=[], decimals=2)
    assert [f"{name} {share}" for name, share in shown.items()] == ["A 0.34", "B 0.33", "C 0.33"]


def test_whole_with_more_places_is_not_rounded() -> None:
    shown = printed({"A": Fraction("0.0001"), "B": Fraction(1)}, names=[], decimals=2)
    assert shown == {"A": Decimal("0.0001"), "B": Decimal(1)}


def test_digits_are_plain() -> None:
    assert [str(plain(units, 3)) for units in (3_164_000, 3_500, 10, 1, 0, -1_500)] == [
        "3164",
        "3.5",
        "0.01",
        "0.001",
        "0",
        "-1.5",
    ]


def test_parts_of_different_lengths_add_up() -> None:
    tally = Tally()
    tally.add({"A": 1, "B": 2}, Fraction(1, 3))
    tally.add({"A": 1}, Fraction(1, 2))
    tally.add({"C": 5}, Fraction(0))
    assert tally.credits() == {"A": Fraction(5, 6), "B": Fraction(2, 3)}
