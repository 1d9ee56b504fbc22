"""Which invoices somebody may see."""

from django.db.models import QuerySet

from shop.billing.models import Invoice
from shop.companies.access import within
from shop.companies.capabilities import Capability
from shop.companies.models import Membership


def invoices_visible_to(membership: Membership | None) -> QuerySet[Invoice]:
    """Return the company's invoices that the person may see; none while acting in a buyer's place."""
    if membership and membership.on_behalf:
        return Invoice.objects.none()
    mine = within(
        membership,
        Capability.VIEW_INVOICES,
        company="order__purchase__company_id",
        location="order__purchase__location_id",
        user="order__user_id",
    )
    return Invoice.objects.filter(mine)
