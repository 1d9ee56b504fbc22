"""A simulation's result with the partners' and orders' own names, as JSON and as text for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from channels.commissions.engine.simulation import Change
from channels.core.money import written
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner

TABLES = (("Per partner", "partners", "partner"), ("Per tier", "tiers", "tier"),
          ("Per segment", "segments", "segment"), ("Per type", "types", "type"))  # fmt: skip


def named(result: dict[str, Any], farthest: Sequence[Change] = ()) -> dict[str, Any]:
    """Return the result with partners' codes in place of the engine's keys, and the most changed orders."""
    keys = {row["partner"] for row in (*result["partners"], *result["breaches"])} | {c.partner for c in farthest}
    partners = ChannelPartner.objects.in_bulk({int(key) for key in keys})
    numbers = dict(OrderRecord.objects.filter(pk__in={c.order_id for c in farthest}).values_list("pk", "number"))

    def of(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "partner": partners[int(row["partner"])].code} for row in rows]

    changed = [
        {
            "order": numbers[change.order_id],
            "partner": partners[int(change.partner)].code,
            "currency": change.currency,
            "then_minor": change.then_minor,
            "now_minor": change.now_minor,
        }
        for change in farthest
    ]
    farthest_first = sorted(
        of(result["partners"]), key=lambda row: (row["then_minor"] - row["now_minor"], row["partner"])
    )
    return {**result, "partners": farthest_first, "breaches": of(result["breaches"]), "farthest": changed}


def render(story: dict[str, Any]) -> str:
    return "\n".join(_text(story))


def _text(story: dict[str, Any]) -> Iterator[str]:
    yield f"{story['orders']} orders, {story['lines']} credited lines; {story['changed_orders']} orders change."
    for row in story["totals"]:
        yield f"Cost: {_amounts(row)}"
    for title, name, key in TABLES:
        if story[name]:
            yield f"\n{title}"
            for row in story[name]:
                yield f"  {row[key] or '(none)':<24} {_amounts(row)}"
    yield from _findings(story)
    if story["farthest"]:
        yield "\nOrders that change most"
        for row in story["farthest"]:
            yield f"  {row['order']:<24} {row['partner']:<24} {_amounts(row)}"


def _findings(story: dict[str, Any]) -> Iterator[str]:
    for row in story["cap_hits"]:
        name = f"{row['cap']} of rule {row['rule']}" if row["rule"] else row["cap"]
        yield f"\nThe {name} cuts {row['commissions']} commissions by {written(row['cut_minor'], row['currency'])}."
    for row in story["shortfalls"]:
        short = written(row["short_minor"], row["currency"])
        yield f"\nThe guarantee is missed on {row['lines']} lines by {short}:"
    for row in story["breaches"]:
        floor, paid = (written(row[name], row["currency"]) for name in ("guaranteed_minor", "now_minor"))
        yield f"  {row['line']:<24} {row['partner']:<24} {paid} of {floor}"


def _amounts(row: dict[str, Any]) -> str:
    then, now, currency = row["then_minor"], row["now_minor"], row["currency"]
    return f"{written(then, currency)} then, {written(now, currency)} now, {written(now - then, currency, signed=True)}"
