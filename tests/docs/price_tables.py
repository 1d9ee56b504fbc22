"""Runs the rows of docs/algorithms/prices.md."""

from decimal import Decimal

from shop.pricing.engine.ladders import Origin, Prices, Rule, Tier, adjusted, choose, ladder
from tests.docs.markdown_tables import Row


def candidates(text: str) -> list[Prices]:
    return [_prices(part) for part in text.split()]


def _prices(text: str) -> Prices:
    origin, _colon, tiers = text.removesuffix("+").partition(":")
    return Prices(Origin(origin), [_tier(part) for part in tiers.split("/")], may_merge=text.endswith("+"))


def _tier(text: str) -> Tier:
    amount, _at, quantities = text.partition("@")
    first, _dash, last = quantities.partition("-")
    return Tier(Decimal(amount), int(first or 1), int(last) if last else None)


def prices(row: Row) -> None:
    hit = choose(candidates(row["prices, in order"]), int(row["quantity"]), Rule(row["rule"]))
    found = (str(hit.tier.amount), hit.prices.origin.value) if hit else ("none", "none")
    assert found == (row["price"], row["from"])


def ladders(row: Row) -> None:
    steps = ladder(candidates(row["prices, in order"]), Rule(row["rule"]))
    assert ", ".join(f"{step.quantity}: {step.amount}" for step in steps) == row["ladder"]


def derived(row: Row) -> None:
    points = [int(part) for part in row["adjustments, bp"].split("/")]
    assert str(adjusted(Decimal(row["price in the parent"]), points, row["currency"])) == row["price"]


ROW_CHECKS = {"prices": prices, "ladder": ladders, "derived": derived}
