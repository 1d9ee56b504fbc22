"""The hand-written stories of fixtures/journeys.toml as plans."""

from typing import Any

from shop.demo.catalogue_file import read
from shop.demo.loaders.plans import Lines, OrderPlan, StewardPlan, TakeBackPlan, TouchPlan


def rows() -> list[dict[str, Any]]:
    return list(read("journeys.toml")["story"])


def purchase_order_number(code: str) -> str:
    """The buyer's own number, by which people find a story's order again."""
    return f"STORY-{code}"


def orders(*, longest: float) -> list[OrderPlan]:
    """The stories that begin within the history; a shorter history leaves the older ones out."""
    return [_order(row) for row in rows() if row["days_ago"] <= longest]


def stewards(*, longest: float) -> list[StewardPlan]:
    return [
        StewardPlan(company=row["company"], **steward)
        for row in rows()
        if row["days_ago"] <= longest
        for steward in [*row.get("stewards", []), *([row["steward"]] if "steward" in row else [])]
    ]


def _order(row: dict[str, Any]) -> OrderPlan:
    return OrderPlan(
        code=row["code"],
        company=row["company"],
        buyer=row["buyer"],
        days_ago=row["days_ago"],
        partner=row.get("partner", ""),
        lines=_lines(row["lines"]),
        touches=tuple(TouchPlan.read(touch) for touch in row.get("touches", [])),
        pay_after=row.get("pay_after"),
        deliver_after=row.get("deliver_after"),
        take_back=_take_back(row),
        expect=row["expect"],
        is_quiet=row.get("quiet", False),
    )


def _take_back(row: dict[str, Any]) -> TakeBackPlan | None:
    given = row.get("refund") or row.get("cancel")
    if given is None:
        return None
    return TakeBackPlan(after=given["after"], reason=given["reason"], lines=_lines(given.get("lines", [])))


def _lines(pairs: list[list[Any]]) -> Lines:
    return tuple((str(sku), int(quantity)) for sku, quantity in pairs)
