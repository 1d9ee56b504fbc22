"""Amounts, shares and sums as each language writes them."""

import pytest
from django.utils import translation

from channels.core.cells import inert
from channels.portal import csv_export, numbers


@pytest.mark.parametrize(
    ("language", "minor", "currency", "text"),
    [
        ("en", 3200_00, "EUR", "€3,200.00"),
        ("en", -48_00, "EUR", "-€48.00"),
        ("en", 0, "EUR", "€0.00"),
        ("en", 123456, "JPY", "¥123,456"),
        ("en", -48_00, "NOK", "-NOK\xa048.00"),
        ("en", 1234, "KWD", "KWD\xa01.234"),
        ("en", 1234, "IQD", "IQD\xa01.234"),
        ("nb", 3200_00, "EUR", "3\xa0200,00\xa0€"),
        ("nb", 123456, "JPY", "123\xa0456\xa0JPY"),
    ],
)
def test_money(language: str, minor: int, currency: str, text: str) -> None:
    with translation.override(language):
        assert numbers.money(minor, currency) == text


@pytest.mark.parametrize(
    ("language", "basis_points", "text"),
    [("en", 6000, "60\xa0%"), ("en", 10_000, "100\xa0%"), ("en", 0, "0\xa0%"), ("en", 3333, "33.33\xa0%"),
     ("en", 1250, "12.5\xa0%"), ("nb", 1250, "12,5\xa0%")],
)  # fmt: skip
def test_percent(language: str, basis_points: int, text: str) -> None:
    with translation.override(language):
        assert numbers.percent(basis_points) == text


def arithmetic(**values: object) -> str:
    given = {"net_minor": 3200_00, "share_bp": 6000, "base_minor": 1920_00, "rate_bp": 800, "currency": "EUR"}
    return numbers.arithmetic(**{**given, **values}).replace("\xa0", " ")  # type: ignore[arg-type]


def test_arithmetic() -> None:
    assert arithmetic() == "3,200.00 × 60 % × 8 % = 153.60"
    assert arithmetic(is_margin=True) == "1,920.00 × 8 % = 153.60"
    # A third of 100.00 may be 33.33 or 33.34, so that the shares add up.
    assert arithmetic(net_minor=100_00, share_bp=3333, base_minor=33_34) == "100.00 × 33.33 % × 8 % = 2.67"
    assert arithmetic(base_minor=1000_00) == "1,000.00 × 8 % = 80.00"
    with translation.override("nb"):
        assert arithmetic() == "3 200,00 × 60 % × 8 % = 153,60"


def test_cells() -> None:
    cells = ["=1+1", "+47", "-1", "@x", "\tx", "\rx", "a=b", "", None, -1, csv_export.major(-30_00, "EUR")]
    assert [inert(cell) for cell in cells] == [
        "'=1+1", "'+47", "'-1", "'@x", "'\tx", "'\rx", "a=b", "", "", "-1", "-30.00",
    ]  # fmt: skip
    assert str(csv_export.major(1234, "JPY")) == "1234"
    assert str(csv_export.percent_number(3333)) == "33.33"
