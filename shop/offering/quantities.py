"""A product's quantity rule, and what a buyer is told about it."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from shop.offering.engine.quantities import FREE, Reason, Rule, Snapped, snap
from shop.offering.models import QuantityRule

# What a query of lines must join, so that `rule_of` costs none.
JOINS = ("product__quantity_rule", "product__parent__quantity_rule")


def rule_of(product: Any) -> Rule:
    """Return the product's own rule, else its parent's, else that everything goes."""
    row: QuantityRule | None = getattr(product, "quantity_rule", None)
    if row is None and product.parent_id:
        row = getattr(product.parent, "quantity_rule", None)
    return FREE if row is None else row.as_rule()


def fit(lines: Iterable[Any]) -> None:
    """Bring the lines of a basket to allowed quantities, in memory; each that changed says why in `quantity_note`.

    A line that can have nothing keeps its quantity and is marked with `quantity_problem`.
    """
    taken: dict[int, int] = {}
    for line in lines:
        rule = rule_of(line.product)
        snapped = snap(line.quantity, rule, taken=taken.get(line.product_id, 0))
        if not snapped.quantity:
            line.quantity_problem = words(rule, snapped)
        elif snapped.reason:
            line.quantity_note = note(line.product.get_title(), line.quantity, rule, snapped)
            line.quantity = snapped.quantity
        taken[line.product_id] = taken.get(line.product_id, 0) + line.quantity


def words(rule: Rule, snapped: Snapped) -> str:
    """Return the rule that a quantity broke, as a sentence; '' when it broke none."""
    unit = rule.unit_name or _("pack")
    return {
        Reason.MINIMUM: _("The smallest quantity is %(number)d.") % {"number": rule.lowest},
        Reason.MULTIPLE: _("Sold in multiples of %(number)d.") % {"number": rule.step},
        Reason.PACK: _("Sold by the %(unit)s of %(number)d.") % {"unit": unit, "number": rule.pack_size},
        Reason.MAXIMUM: _("The largest quantity in one order is %(number)d.") % {"number": rule.highest or 0},
        None: "",
    }[snapped.reason]


def note(title: str, asked: int, rule: Rule, snapped: Snapped) -> str:
    values = {"title": title, "asked": asked, "quantity": snapped.quantity, "reason": words(rule, snapped)}
    return _("“%(title)s”: %(asked)d became %(quantity)d. %(reason)s") % values


def in_packs(quantity: int, rule: Rule) -> str:
    """Return a quantity in packs where the product comes in them, such as "2 × box of 10"; '' otherwise."""
    if rule.pack_size == 1 or quantity % rule.pack_size:
        return ""
    return _("%(packs)d × %(unit)s of %(size)d") % {
        "packs": quantity // rule.pack_size,
        "unit": rule.unit_name or _("pack"),
        "size": rule.pack_size,
    }


def terms(rule: Rule) -> list[str]:
    """Return the rule as sentences for the product page; nothing for a product without one."""
    found = []
    if rule.pack_size > 1:
        found.append(words(rule, Snapped(0, Reason.PACK)))
    if rule.step > rule.pack_size:
        found.append(words(rule, Snapped(0, Reason.MULTIPLE)))
    if rule.lowest > rule.step:
        found.append(words(rule, Snapped(0, Reason.MINIMUM)))
    if rule.highest is not None:
        found.append(words(rule, Snapped(0, Reason.MAXIMUM)))
    return found
