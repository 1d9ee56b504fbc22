"""How taxes are written in templates."""

from decimal import Decimal

from django import template

from shop.tax.engine.rounding import percent_text

register = template.Library()


@register.filter
def percent(rate: Decimal) -> str:
    """Return a share as a person writes it: 25, 12.5."""
    return percent_text(rate)
