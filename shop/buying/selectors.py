"""Which orders somebody may see, and what a checkout offers."""

from typing import Any

from django.db.models import QuerySet
from oscar.apps.order.models import Order

from shop.buying.models import CheckoutAttempt, OrderParticipant, PurchaseDetails
from shop.companies.access import within
from shop.companies.capabilities import Capability
from shop.companies.models import Company, Membership


def orders_visible_to(membership: Membership | None) -> QuerySet[Order]:
    """Return the company's orders that the person may see; in a buyer's place, only those ordered in it."""
    mine = within(
        membership,
        Capability.VIEW_ORDERS,
        company="purchase__company_id",
        location="purchase__location_id",
        user="user_id",
    )
    orders = Order.objects.filter(mine)
    if membership and membership.on_behalf:
        actor = membership.on_behalf.actor_id
        orders = orders.filter(participants__part=OrderParticipant.Part.PLACED_BY, participants__user=actor)
    return orders


def attempts_of(*, user: Any) -> QuerySet[CheckoutAttempt]:
    """Return the user's attempts that pay online; nobody sees another's."""
    own = CheckoutAttempt.objects.filter(user=user, payment__isnull=False)
    return own.select_related("payment", "company", "order__purchase")


def payment_underway(*, user: Any) -> CheckoutAttempt | None:
    """Return the user's latest attempt that still waits for money or for its order."""
    return attempts_of(user=user).filter(state__in=CheckoutAttempt.OPEN).first() if user.is_authenticated else None


def waits_for_money(order: Order) -> bool:
    """Tell whether nothing of the order may leave yet: its bank debit is on its way, or came back unpaid."""
    return order.purchase.payment_method == Company.PaymentMethod.BANK_DEBIT and order.invoice.state == "open"


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
