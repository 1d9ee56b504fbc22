"""What the ratings of an order froze, and how it is read back: one place for those who write it and those who replay it.

anchor_on   the customer's first order
partners    kind and tier of each credited partner
order       business, acquired                 lines     deal, lapses, previous_net_minor, by line key
credits     what rules ask of a partner, by partner id
before      what each counter held without this order          used      what it holds of it
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from channels.commissions.selectors.circumstances import Circumstances

Frozen = dict[str, Any]


def merged(runs: Iterable[Mapping[str, Any]]) -> Frozen:
    """Merge what the ratings of one order froze, in their order: what was seen first stays, counters are the last's.

    A rating from before a fact was kept had none of it, and later ones do not find it.
    """
    found: Frozen = {}
    for run in runs:
        if not found:
            found = {"order": run.get("order", {}), "lines": run.get("lines", {}), "partners": {}, "credits": {}}
        found["anchor_on"] = found.get("anchor_on") or run.get("anchor_on", "")
        for partner, seen in run.get("partners", {}).items():
            if partner not in found["partners"]:
                found["partners"][partner] = seen
                found["credits"][partner] = run.get("credits", {}).get(partner, {})
        found["before"], found["used"] = run.get("before", {}), run.get("used", {})
    return found


def completed(
    frozen: Frozen, *, anchor_on: date, partners: Mapping[str, list[str]], seen: Circumstances | None
) -> Frozen:
    """Add what is seen now for the first time: everything, or partners that no earlier rating knew."""
    now = seen or Circumstances()
    first: Frozen = {"order": dict(now.order), "lines": dict(now.lines), "before": {}, "used": {}}
    found = {**(frozen or first), "anchor_on": frozen.get("anchor_on") or anchor_on.isoformat()}
    new = {partner: values for partner, values in partners.items() if partner not in found.get("partners", {})}
    found["partners"] = {**found.get("partners", {}), **new}
    found["credits"] = {**found.get("credits", {}), **{partner: now.credits.get(partner, {}) for partner in new}}
    return found


def line_values(frozen: Mapping[str, Any], line_key: str) -> dict[str, Any]:
    """Return the frozen fields of a RatedLine."""
    line = frozen.get("lines", {}).get(line_key, {})
    order = frozen.get("order", {})
    return {
        "business": order.get("business", ""),
        "acquired": order.get("acquired", ""),
        "deal_registered": line.get("deal", False),
        "previous_net_minor": line.get("previous_net_minor"),
        "lapses": tuple((date.fromisoformat(day), pause) for day, pause in line.get("lapses", ())),
    }


def credit_values(frozen: Mapping[str, Any], partner_id: int | str) -> dict[str, Any]:
    """Return the frozen fields of a CreditFact; those that say nothing are left out."""
    values = frozen.get("credits", {}).get(str(partner_id), {})
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
