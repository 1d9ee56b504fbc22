"""Integer amounts and rates as the desk shows them."""

from django import template
from django.utils.formats import number_format

from channels.core.money import currency_exponent, from_minor

register = template.Library()


@register.filter
def minor(amount: int | None, currency: str) -> str:
    """Return minor units as an amount in the reader's number format, e.g. `1,234.50 EUR`."""
    if amount is None:
        return "–"
    text = number_format(from_minor(amount, currency), decimal_pos=currency_exponent(currency), force_grouping=True)
    return f"{text} {currency}"


@register.filter
def percent(basis_points: int | None) -> str:
    """Return basis points as a percentage, e.g. `12.5 %`."""
    if basis_points is None:
        return "–"
    text = number_format(basis_points / 100, decimal_pos=2)
    return f"{text.rstrip('0').rstrip('.,') if basis_points % 100 else number_format(basis_points // 100)} %"
