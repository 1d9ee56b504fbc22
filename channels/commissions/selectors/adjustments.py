"""What upheld disputes add to the commission of an order, and how much of it the order bears by now."""

from collections.abc import Iterable, Sequence

from channels.commissions.engine.facts import CommissionType, Target
from channels.commissions.models import Adjustment
from channels.commissions.selectors.targets import Facts, partner_key
from channels.core.money import divide_half_up

RULE_ID = "adjustment"


def adjustments_of(orders: Iterable[int] | None) -> dict[int, list[Adjustment]]:
    """Return the adjustments by order; of all orders when none are named."""
    rows = Adjustment.objects.select_related("line", "dispute").order_by("pk")
    found: dict[int, list[Adjustment]] = {}
    for row in rows if orders is None else rows.filter(line__order__in=list(orders)):
        found.setdefault(row.line.order_id, []).append(row)
    return found


def targets_of(facts: Facts, adjustments: Sequence[Adjustment]) -> list[Target]:
    """In full while the line stands, in proportion to what refunds leave of it, and nothing before payment."""
    if facts.paid_at is None or facts.version is None:
        return []
    totals: dict[tuple[str, int], int] = {}
    bases: dict[tuple[str, int], int] = {}
    for row in adjustments:
        left, whole = facts.left[row.line.key].net_minor, row.line.net_minor
        amount = still_due(row.amount_minor, left_minor=left, sold_minor=whole)
        name = (row.line.key, row.partner_id)
        totals[name] = totals.get(name, 0) + amount
        bases[name] = left
    return [
        Target(
            line_key=line,
            partner=partner_key(partner),
            type=CommissionType.ADJUSTMENT,
            rule_id=RULE_ID,
            base_minor=bases[line, partner],
            rate_bp=0,
            amount_minor=amount,
            currency=facts.order.currency,
        )
        for (line, partner), amount in totals.items()
    ]


def still_due(amount_minor: int, *, left_minor: int, sold_minor: int) -> int:
    """The part of an adjustment that goes with what refunds left of its line."""
    return divide_half_up(amount_minor * left_minor, sold_minor) if sold_minor > 0 else amount_minor
