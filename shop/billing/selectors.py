"""Which invoices and credit notes somebody may see, and which they may pay."""

from django.db.models import QuerySet

from shop.billing.models import CreditNote, Invoice
from shop.companies.access import within
from shop.companies.capabilities import Capability
from shop.companies.models import Membership


def invoices_visible_to(membership: Membership | None) -> QuerySet[Invoice]:
    """Return the company's invoices that the person may see; none while acting in a buyer's place."""
    return _invoices(membership, Capability.VIEW_INVOICES)


def invoices_payable_by(membership: Membership | None) -> QuerySet[Invoice]:
    """Return the open invoices that the person sees and may pay."""
    rows = invoices_visible_to(membership) & _invoices(membership, Capability.PAY_INVOICES)
    return rows.filter(state=Invoice.State.OPEN)


def credit_notes_visible_to(membership: Membership | None) -> QuerySet[CreditNote]:
    """Return the credit notes of the invoices that the person may see."""
    return CreditNote.objects.filter(invoice__in=invoices_visible_to(membership))


def _invoices(membership: Membership | None, capability: Capability) -> QuerySet[Invoice]:
    if membership and membership.on_behalf:
        return Invoice.objects.none()
    mine = within(
        membership,
        capability,
        company="order__purchase__company_id",
        location="order__purchase__location_id",
        user="order__user_id",
    )
    return Invoice.objects.filter(mine)
