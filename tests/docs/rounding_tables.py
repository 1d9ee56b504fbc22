"""Runs the rows of docs/algorithms/rounding.md."""

from datetime import date
from decimal import Decimal

from channels.core.allocation import allocate
from channels.core.money import currency_exponent, from_minor, share_of, to_minor
from channels.core.periods import add_months, full_months
from tests.docs.markdown_tables import Row, numbers


def half_up(row: Row) -> None:
    rate_bp = Decimal(row["rate"].removesuffix(" %")) * 100
    amount = int(row["amount"])
    assert rate_bp == int(rate_bp)
    assert Decimal(row["exact"]) == amount * rate_bp / 10_000
    assert share_of(amount, int(rate_bp)) == int(row["result"])


def allocation(row: Row) -> None:
    assert allocate(int(row["total"]), numbers(row["weights"], "/")) == numbers(row["parts"], "/")


def currencies(row: Row) -> None:
    currency = row["currency"]
    assert currency_exponent(currency) == int(row["decimals"])
    minor = to_minor(Decimal(row["amount"]), currency)
    assert minor == int(row["minor units"])
    assert str(from_minor(minor, currency)) == row["written back"]


def months(row: Row) -> None:
    assert add_months(date.fromisoformat(row["from"]), int(row["months"])) == date.fromisoformat(row["to"])


def months_passed(row: Row) -> None:
    start, on = date.fromisoformat(row["from"]), date.fromisoformat(row["on"])
    assert full_months(start, on) == int(row["full months"])


ROW_CHECKS = {
    "half_up": half_up,
    "allocate": allocation,
    "currencies": currencies,
    "months": months,
    "full_months": months_passed,
}
