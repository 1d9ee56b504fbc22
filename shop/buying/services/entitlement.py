"""What a buyer may order for the company, for how much, and what it is booked on. Each raises a CannotPlace."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from shop.buying import totals
from shop.buying.errors import CostCentreMissing, MayNotOrder, MethodUnavailable, OverSpendLimit
from shop.buying.wishes import Wish
from shop.companies.models import Company, CostCentre, Location, LocationAddress, Membership
from shop.companies.selectors import cost_centres_for, membership_in, order_permission
from shop.companies.services import spending
from shop.payments import gateway
from shop.payments.services import intents


def require_permission(wish: Wish) -> Membership | None:
    """A person needs a membership that may order, which is returned; a renewal needs a company in good standing."""
    company = wish.company
    if wish.is_persons and wish.user is not None:
        membership = membership_in(user=wish.user, company=company)
        permission = order_permission(user=wish.user, membership=membership)
        if not permission.is_allowed:
            raise MayNotOrder(permission.reason)
        require_method(company, wish.payment_method, is_on_behalf=wish.placed_by is not None)
        return membership
    if not company.may_order:
        raise MayNotOrder(_("%(company)s may not order.") % {"company": company.name})
    return None


def methods_for(company: Company, *, is_on_behalf: bool) -> list[Company.PaymentMethod]:
    """Return how an order of the company can be paid now.

    Somebody in the buyer's place orders on invoice only: neither a saved card nor a new one is theirs to use.
    """
    is_online = gateway.is_set_up() and not is_on_behalf
    online: Sequence[str] = intents.kinds_for(settings.OSCAR_DEFAULT_CURRENCY) if is_online else []
    methods = [method for method in Company.PaymentMethod if company.may_pay_by(method)]
    return [method for method in methods if method == Company.PaymentMethod.INVOICE or method in online]


def require_method(company: Company, method: str, *, is_on_behalf: bool) -> None:
    """Raise MethodUnavailable for a way to pay that is not open."""
    if method in methods_for(company, is_on_behalf=is_on_behalf):
        return
    if is_on_behalf:
        raise MethodUnavailable(
            _("Only people of %(company)s can pay for this order; it does not buy on invoice.") % {"company": company}
        )
    raise MethodUnavailable(_("Your company cannot pay like that. Please choose another way to pay."))


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
