"""Which orders somebody may see, and what a checkout offers."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from oscar.apps.order.models import Order

from shop.buying.models import PurchaseDetails
from shop.companies.models import Company


def orders_visible_to(user: Any) -> QuerySet[Order]:
    """Return the orders of the user's companies, and those the user placed."""
    if not user.is_authenticated:
        return Order.objects.none()
    of_a_company = PurchaseDetails.objects.filter(order=OuterRef("pk"), company__memberships__user=user)
    return Order.objects.filter(Q(user=user) | Exists(of_a_company), purchase__isnull=False)


def earlier_order_with(*, company: Company, purchase_order_number: str) -> PurchaseDetails | None:
    """Return an order of the company with the same purchase order number: worth a warning, not a refusal."""
    if not purchase_order_number:
        return None
    return (
        PurchaseDetails.objects.filter(company=company, purchase_order_number__iexact=purchase_order_number, cycle=0)
        .select_related("order")
        .order_by("-order__date_placed")
        .first()
    )
