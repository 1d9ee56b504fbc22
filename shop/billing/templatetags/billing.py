"""Who is shown the way to the invoices."""

from typing import Any

from django import template

from shop.companies.access import Target, can
from shop.companies.capabilities import Capability

register = template.Library()


@register.filter
def invoice_for(order: Any, request: Any) -> Any:
    """Return the order's invoice when whoever asks may open it."""
    membership, purchase = getattr(request, "membership", None), order.purchase
    target = Target(purchase.company_id, purchase.location_id, order.user_id)
    if not membership or membership.on_behalf or not can(membership, Capability.VIEW_INVOICES, target):
        return None
    return getattr(order, "invoice", None)


@register.filter
def sees_invoices(request: Any) -> bool:
    """Tell whether whoever asks may open the page of invoices."""
    return can(getattr(request, "membership", None), Capability.VIEW_INVOICES)
