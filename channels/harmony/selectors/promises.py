"""What partners were promised at least on past orders, for those who try other commission rules on them."""

from collections import defaultdict
from collections.abc import Sequence

from channels.commissions.selectors.targets import partner_key
from channels.harmony.models import Proof


def promised(order_ids: Sequence[int]) -> dict[int, dict[tuple[str, str], int]]:
    """Return g x M by order, then by line and partner: the latest proof of each counts."""
    found: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = Proof.objects.filter(line__order_id__in=order_ids).order_by("pk")
    for order_id, line_key, partner_id, minor in rows.values_list(
        "line__order_id", "line__key", "partner_id", "promised_minor"
    ):
        found[order_id][line_key, partner_key(partner_id)] = minor
    return found
