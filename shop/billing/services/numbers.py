"""Numbers of invoices and credit notes: one after the other within a seller's year, without a gap."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shop.billing.models import Series

PREFIX = {Series.Kind.INVOICE: "INV", Series.Kind.CREDIT_NOTE: "CN"}


@dataclass(frozen=True, slots=True)
class Number:
    """A place in a series, and how it is written."""

    seller: str
    year: int
    sequence: int
    text: str


def take(*, kind: Series.Kind, seller: str, at: datetime) -> Number:
    """Take the next number of the seller's series of that year, in the caller's transaction.

    The row stays locked until that ends: whoever comes next waits, and takes the same number when it is rolled back.
    So take it late. Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A number is taken in the transaction of its document.")
    year = timezone.localdate(at, timezone.get_default_timezone()).year
    row = {"seller": seller, "kind": kind, "year": year}
    sequence = _advance(**row)
    return Number(seller, year, sequence, f"{PREFIX[kind]}-{year}-{sequence:06d}")


def _advance(**row: Any) -> int:
    """Count on under the row's lock; the UPDATE takes it, on every database."""
    rows = Series.objects.filter(**row)
    if not rows.update(last=F("last") + 1):
        Series.objects.get_or_create(**row)
        rows.update(last=F("last") + 1)
    return rows.values_list("last", flat=True).get()
