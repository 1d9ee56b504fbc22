"""Entering purchase costs."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from shop.purchasing.models import PurchaseCost
from shop.purchasing.selectors import costs_at


@transaction.atomic
def enter_cost(
    *,
    stockrecord_id: int,
    amount: Decimal | None,
    currency: str,
    valid_from: datetime,
    at: datetime,
    by: Any | None = None,
) -> PurchaseCost | None:
    """Say what one unit costs from a moment on, or with None that nobody knows. None when that is what holds then."""
    if costs_at([stockrecord_id], currency=currency, at=valid_from).get(stockrecord_id) == amount:
        return None
    return PurchaseCost.objects.create(
        stockrecord_id=stockrecord_id,
        amount=amount,
        currency=currency,
        valid_from=valid_from,
        recorded_at=at,
        recorded_by=by,
    )
