"""Which purchase cost was in force when."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from shop.purchasing.models import PurchaseCost


def costs_at(stockrecords: Iterable[int], *, currency: str, at: datetime) -> dict[int, Decimal]:
    """Return the known cost of one unit of each stock record, in one query. Costs in other currencies do not count."""
    rows = PurchaseCost.objects.filter(stockrecord__in=set(stockrecords), currency=currency, valid_from__lte=at)
    found = dict(rows.order_by("valid_from", "pk").values_list("stockrecord_id", "amount"))
    return {pk: amount for pk, amount in found.items() if amount is not None}
