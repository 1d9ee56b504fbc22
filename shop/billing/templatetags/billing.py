"""Who is shown the way to the invoices."""

from typing import Any

from django import template

from shop.companies.access import can
from shop.companies.capabilities import Capability

register = template.Library()


@register.filter
def sees_invoices(request: Any) -> bool:
    """Tell whether whoever asks may open the page of invoices."""
    return can(getattr(request, "membership", None), Capability.VIEW_INVOICES)
