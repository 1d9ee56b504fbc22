"""Changing what is in a basket: within stock, never while it is being ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shop.forks.basket.models import Basket, Line
from shop.offering import quantities
from shop.offering.engine.quantities import snap
from shop.offering.errors import QuantityRefused
from shop.offering.selectors import answers_of

LARGEST_QUANTITY = 100_000


@dataclass(frozen=True, slots=True)
class Removed:
    """A line taken out, with what is needed to put it back."""

    product_id: int
    title: str
    quantity: int
    answers: Mapping[str, str]


@transaction.atomic
def add(*, basket: Any, product: Any, quantity: int, options: Sequence[dict[str, Any]] = ()) -> int:
    """Add a product as configured, with the support plan that belongs to it; return how many pieces were added.

    Raises NotOffered or QuantityRefused and adds nothing. Quantities that no rule allows are snapped; the basket's
    `quantity_notes` say so.
    """
    line, _created = basket.add_product(product, quantity, list(options))
    if line.configuration.plan is not None:
        basket.add_product(line.configuration.plan, line.added)
    return int(line.added)


def _own_line(basket: Any, line_id: int) -> Line | None:
    """Lock the basket, then return its line; a basket that was ordered meanwhile is refused, not changed."""
    if basket.pk is None:
        return None
    locked = Basket.objects.select_for_update().get(pk=basket.pk)
    if not locked.can_be_edited:
        raise PermissionDenied(_("This basket has been ordered in the meantime."))
    return (
        Line.objects.filter(basket=locked, pk=line_id)
        .select_related("stockrecord", "basket", *quantities.JOINS)
        .first()
    )


@transaction.atomic
def set_quantity(*, basket: Any, line_id: int, quantity: int) -> Removed | None:
    """Set a line's quantity, snapped to the product's rule (`basket.quantity_notes` says so); 0 removes it.

    Raises QuantityRefused and leaves the line as it is.
    """
    line = _own_line(basket, line_id)
    if line is None:
        return None
    if quantity == 0:
        return _remove(line)
    if not 0 < quantity <= LARGEST_QUANTITY:
        raise QuantityRefused(_("Enter a quantity between 1 and %(most)s.") % {"most": f"{LARGEST_QUANTITY:,}"})
    rule = quantities.rule_of(line.product)
    snapped = snap(quantity, rule, taken=_taken(line) if rule.maximum else 0)
    if not snapped.quantity:
        raise QuantityRefused(quantities.words(rule, snapped))
    if snapped.quantity > line.quantity:
        require_available(basket, line.product, quantity=snapped.quantity, stockrecord=line.stockrecord)
    if snapped.reason:
        basket.quantity_notes.append(quantities.note(line.product.get_title(), quantity, rule, snapped))
    line.quantity = snapped.quantity
    line.save(update_fields=["quantity", "date_updated"])
    return None


def _taken(line: Line) -> int:
    """How many pieces of the line's product are on other lines of its basket."""
    others = Line.objects.filter(basket=line.basket, product=line.product).exclude(pk=line.pk)
    return sum(others.values_list("quantity", flat=True))


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
    removed = Removed(line.product_id, line.product.get_title(), line.quantity, answers_of(line))
    line.delete()
    return removed
