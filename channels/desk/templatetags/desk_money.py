"""Integer amounts, rates and codes as the desk shows them."""

from datetime import datetime

from django import template
from django.utils.formats import number_format

from channels.core.money import currency_exponent, from_minor
from channels.journeys.selectors import wording

register = template.Library()
register.filter("touch_kind", wording.touch_kind)
register.filter("medium", wording.medium)
register.filter("role", wording.role)
register.filter("pool", wording.pool)


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


@register.filter
def moment(text: str) -> datetime:
    """Return the datetime of an ISO 8601 text, as explanations store it."""
    return datetime.fromisoformat(text)
