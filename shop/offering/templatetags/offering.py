"""How an order's lines were configured, for pages and mails."""

from typing import Any

from django import template

from shop.offering.models import ConfiguredLine

register = template.Library()


@register.simple_tag
def configured_lines(order: Any) -> list[ConfiguredLine]:
    """Return the lines of an order that carry a surcharge; one query."""
    rows = ConfiguredLine.objects.filter(line__order=order).select_related("line").order_by("line")
    return [row for row in rows if row.parts]
