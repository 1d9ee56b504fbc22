"""What a buyer may order for the company, for how much, and what it is booked on. Each raises a CannotPlace."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from shop.buying import totals
from shop.buying.errors import CostCentreMissing, MayNotOrder, OverSpendLimit
from shop.companies.models import Company, CostCentre, Location, LocationAddress, Membership
from shop.companies.selectors import cost_centres_for, membership_in, order_permission
from shop.companies.services import spending


def require_permission(*, company: Company, user: Any, is_person: bool) -> Membership | None:
    """A person needs a membership that may order, which is returned; a renewal needs a company in good standing."""
    if is_person and user is not None:
        membership = membership_in(user=user, company=company)
        permission = order_permission(user=user, membership=membership)
        if not permission.is_allowed:
            raise MayNotOrder(permission.reason)
        if not company.may_pay_by(Company.PaymentMethod.INVOICE):
            raise MayNotOrder(_("Your company does not buy on invoice. Please call us to order."))
        return membership
    if not company.may_order:
        raise MayNotOrder(_("%(company)s may not order.") % {"company": company.name})
    return None


def location_for(membership: Membership | None, address: Any) -> Location | None:
    """Return the location that an order belongs to: the one it is delivered to, else the buyer's."""
    if isinstance(address, LocationAddress):
        return address.location
    return membership.location if membership else None


def require_within_limit(membership: Membership, priced: totals.Totals, *, now: datetime) -> None:
    """Refuse a net total, delivery included, above what the buyer may still spend. The caller holds the lock."""
    left = spending.left_to_spend(membership=membership, now=now)
    if left is not None and priced.total_excl_tax > left:
        raise OverSpendLimit(left=left, currency=priced.currency, window=membership.get_spend_window_display())


def cost_centre_for(membership: Membership | None, cost_centre_id: int | None) -> CostCentre | None:
    """Return what the order is booked on; refuse none where one must be, and one that is not the buyer's to use."""
    if membership is None:
        return None
    if cost_centre_id is None:
        if membership.company.cost_centre_required:
            raise CostCentreMissing
        return None
    found = cost_centres_for(membership).filter(pk=cost_centre_id).first()
    if found is None:
        raise CostCentreMissing
    return found
