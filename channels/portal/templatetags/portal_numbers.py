"""Minor units and basis points in templates."""

from django import template

from channels.portal import numbers

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Write an amount with its currency; nothing for None."""
    return "" if minor is None else numbers.money(minor, currency)


@register.filter
def percent(basis_points: int | None) -> str:
    return "" if basis_points is None else numbers.percent(basis_points)
