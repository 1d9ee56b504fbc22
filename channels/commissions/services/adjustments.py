"""What upheld disputes add: an ADJUSTMENT that follows the order as every commission does, target minus posted."""

from collections.abc import Sequence

from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import Accrual, Adjustment
from channels.commissions.selectors.adjustments import adjustments_of, targets_of
from channels.commissions.services import accruals
from channels.commissions.services.rating import Rated


def follow(done: Sequence[Rated]) -> list[Accrual]:
    """Return the accruals that the adjustments of these orders need; no query where there is none."""
    orders = [rated.facts.order.pk for rated in done if getattr(rated.facts.order, "is_adjusted", True)]
    if not orders:
        return []
    found = adjustments_of(orders)
    rows: list[Accrual] = []
    for rated in done:
        rows += _rows(rated, found.get(rated.facts.order.pk, []))
    return rows


def _rows(rated: Rated, adjustments: Sequence[Adjustment]) -> list[Accrual]:
    posted = rated.history.posted_as(CommissionType.ADJUSTMENT)
    if not adjustments and not posted:
        return []
    changes = deltas(targets_of(rated.facts, adjustments), posted)
    rows = accruals.rows_for(changes, run=rated.run, facts=rated.facts, history=rated.history)
    label = "; ".join(row.reason for row in adjustments)[:200]
    for row in rows:
        row.rule_label = row.rule_label or label
    return rows
