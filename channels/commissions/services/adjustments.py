"""What upheld disputes add: an ADJUSTMENT that follows the order as every commission does, target minus posted."""

from collections.abc import Sequence

from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import CommissionType, Target
from channels.commissions.models import Accrual, Adjustment
from channels.commissions.selectors.targets import partner_key
from channels.commissions.services import accruals
from channels.commissions.services.rating import Rated
from channels.core.money import divide_half_up

RULE_ID = "adjustment"


def follow(done: Sequence[Rated]) -> list[Accrual]:
    """Return the accruals that the adjustments of these orders need; no query where there is none."""
    found: dict[int, list[Adjustment]] = {}
    orders = [rated.facts.order.pk for rated in done if getattr(rated.facts.order, "is_adjusted", True)]
    if not orders:
        return []
    for row in Adjustment.objects.filter(line__order__in=orders).select_related("line", "dispute").order_by("pk"):
        found.setdefault(row.line.order_id, []).append(row)
    rows: list[Accrual] = []
    for rated in done:
        rows += _rows(rated, found.get(rated.facts.order.pk, []))
    return rows


def _rows(rated: Rated, adjustments: Sequence[Adjustment]) -> list[Accrual]:
    posted = rated.history.posted_as(CommissionType.ADJUSTMENT)
    if not adjustments and not posted:
        return []
    changes = deltas(targets_of(rated, adjustments), posted)
    rows = accruals.rows_for(changes, run=rated.run, facts=rated.facts, history=rated.history)
    label = "; ".join(row.reason for row in adjustments)[:200]
    for row in rows:
        row.rule_label = row.rule_label or label
    return rows


def targets_of(rated: Rated, adjustments: Sequence[Adjustment]) -> list[Target]:
    """In full while the line stands, in proportion to what refunds leave of it, and nothing before payment."""
    facts = rated.facts
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
