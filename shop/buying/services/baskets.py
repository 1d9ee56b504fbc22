"""Changing what is in a basket: within stock, never while it is being ordered."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shop.forks.basket.models import Basket, Line

LARGEST_QUANTITY = 100_000


class QuantityRefused(Exception):
    """The quantity cannot be had; the text says why and what can."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A line taken out, with what is needed to put it back."""

    product_id: int
    title: str
    quantity: int


def _own_line(basket: Any, line_id: int) -> Line | None:
    """Lock the basket, then return its line; a basket that was ordered meanwhile is refused, not changed."""
    if basket.pk is None:
        return None
    locked = Basket.objects.select_for_update().get(pk=basket.pk)
    if not locked.can_be_edited:
        raise PermissionDenied(_("This basket has been ordered in the meantime."))
    return Line.objects.filter(basket=locked, pk=line_id).select_related("product", "stockrecord", "basket").first()


@transaction.atomic
def set_quantity(*, basket: Any, line_id: int, quantity: int) -> Removed | None:
    """Set a line's quantity; 0 removes it. Raises QuantityRefused and leaves the line as it is."""
    line = _own_line(basket, line_id)
    if line is None:
        return None
    if quantity == 0:
        return _remove(line)
    if not 0 < quantity <= LARGEST_QUANTITY:
        raise QuantityRefused(_("Enter a quantity between 1 and %(most)s.") % {"most": f"{LARGEST_QUANTITY:,}"})
    if quantity > line.quantity:
        require_available(basket, line.product, quantity=quantity, stockrecord=line.stockrecord)
    line.quantity = quantity
    line.save(update_fields=["quantity", "date_updated"])
    return None


def require_available(basket: Any, product: Any, *, quantity: int, stockrecord: Any = None) -> None:
    """Raise QuantityRefused when so many units of the product cannot be ordered now."""
    availability = basket.strategy.fetch_for_product(product, stockrecord).availability
    if availability.is_purchase_permitted(quantity)[0]:
        return
    left = getattr(availability, "num_available", 0)
    if left > 0:
        raise QuantityRefused(_("Only %(left)d in stock: you can order up to %(left)d now.") % {"left": left})
    raise QuantityRefused(_("Out of stock at the moment."))


@transaction.atomic
def remove_line(*, basket: Any, line_id: int) -> Removed | None:
    """Remove a line; None when it is gone already."""
    line = _own_line(basket, line_id)
    return _remove(line) if line else None


def _remove(line: Line) -> Removed:
    removed = Removed(line.product_id, line.product.get_title(), line.quantity)
    line.delete()
    return removed
