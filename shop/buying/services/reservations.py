"""Stock held for an attempt while its payment is waited for: taken once, and then either consumed or given back.

All of these run under the attempt's row lock.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from oscar.apps.partner.models import StockRecord

from shop.buying.models import CheckoutAttempt, Reservation
from shop.buying.services import stock
from shop.catalogue.services import stock as catalogue_stock


def take(attempt: CheckoutAttempt, lines: Iterable[Any], *, until: datetime) -> None:
    """Allocate the lines' units to the attempt, exactly as an order would, or raise SoldOut."""
    lines = list(lines)
    stock.allocate(lines)
    Reservation.objects.bulk_create(
        Reservation(attempt=attempt, stockrecord_id=pk, quantity=quantity, expires_at=until)
        for pk, (quantity, _line) in stock.wanted(lines).items()
    )


def held_by(attempt: CheckoutAttempt) -> dict[int, int]:
    """Return the units that the attempt still holds, by stock record."""
    return dict(_held(attempt).values_list("stockrecord_id", "quantity"))


def consume(attempt: CheckoutAttempt, *, at: datetime) -> None:
    """Leave what is held to the order that was just placed."""
    _held(attempt).update(consumed_at=at)


def release(attempt: CheckoutAttempt, *, at: datetime) -> None:
    """Give back what is held; again changes nothing."""
    units = held_by(attempt)
    if not units:
        return
    _held(attempt).update(released_at=at)
    stock.give_back(units)
    records = StockRecord.objects.filter(pk__in=units)
    products = list(records.values_list("product_id", flat=True))
    transaction.on_commit(lambda: catalogue_stock.settle(product_ids=products), robust=True)


def _held(attempt: CheckoutAttempt) -> QuerySet[Reservation]:
    return Reservation.objects.filter(attempt=attempt, consumed_at=None, released_at=None)
