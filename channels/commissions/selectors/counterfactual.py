"""What partners would have earned without a touch: the order's frozen facts, rated with the credits that would have been.

The attribution keeps the shares without each touch; money is computed here, each time it is asked for, and never kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from channels.commissions.selectors import targets
from channels.commissions.selectors.programmes import Published
from channels.journeys.models import AttributionRun, Credit, OrderRecord
from channels.partners.models import ChannelPartner

# (partner's code) -> minor units, over all lines and types
Earnings = dict[str, int]


@dataclass(frozen=True, slots=True)
class Without:
    """The order's commission per partner as it is, and as it would be without one touch."""

    had: Earnings
    would: Earnings

    def of(self, partner: str) -> tuple[int, int]:
        """Return what the partner earned, and what it would have."""
        return self.had.get(partner, 0), self.would.get(partner, 0)

    @property
    def differences(self) -> list[tuple[str, int, int]]:
        """Return (partner, had, would have) for those whom the touch made a difference to, by code."""
        partners = sorted(self.had.keys() | self.would.keys())
        return [(code, *self.of(code)) for code in partners if self.had.get(code, 0) != self.would.get(code, 0)]


def earned_without(order: OrderRecord, touches: Collection[str]) -> dict[str, Without]:
    """Return the earnings without each of these touches; empty before payment, and for touches nothing hung on."""
    if not touches:
        return {}
    found = targets.orders_with_facts().get(pk=order.pk)
    attributions: list[AttributionRun] = found.done_attributions  # type: ignore[attr-defined]
    instead = attributions[0].explanation.get("without", {}) if attributions else {}
    wanted = {touch: instead[touch] for touch in touches if instead.get(touch)}
    if not wanted:
        return {}
    facts = targets.facts_of(found, Published())
    if facts.paid_at is None:
        return {}
    codes = {share["partner"] for lines in wanted.values() for shares in lines.values() for share in shares}
    partners = {row.code: row for row in ChannelPartner.objects.filter(code__in=codes)}
    partners |= {credit.partner.code: credit.partner for credit in facts.credits}
    had = _earnings(facts, partners)
    return {
        touch: Without(had, _earnings(_imagined(facts, lines, partners), partners)) for touch, lines in wanted.items()
    }


def _imagined(
    facts: targets.Facts, lines: Mapping[str, list[dict[str, Any]]], partners: Mapping[str, ChannelPartner]
) -> targets.Facts:
    """The same facts with other credits on the lines named. A partner seen for the first time is seen as it is today."""
    by_key = {line.key: line for line in facts.lines}
    changed = {by_key[key].pk for key in lines if key in by_key}
    credits = [credit for credit in facts.credits if credit.line_id not in changed]
    credits += [
        Credit(
            line=by_key[key],
            pool=share["pool"],
            partner=partners[share["partner"]],
            role=share["role"],
            share_bp=share["share_bp"],
            is_held_for_review=share["held"],
        )
        for key, shares in lines.items()
        for share in shares
        if key in by_key and share["partner"] in partners
    ]
    seen = {str(row.pk): [row.kind, row.tier] for row in partners.values()} | facts.frozen["partners"]
    return replace(facts, credits=credits, frozen={**facts.frozen, "partners": seen})


def _earnings(facts: targets.Facts, partners: Mapping[str, ChannelPartner]) -> Earnings:
    codes = {targets.partner_key(row.pk): code for code, row in partners.items()}
    found: Earnings = {}
    for target in targets.rating_of(facts).targets:
        code = codes[target.partner]
        found[code] = found.get(code, 0) + target.amount_minor
    return found
