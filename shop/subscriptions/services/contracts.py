"""A purchase starts subscriptions."""

from shop import facts
from shop.companies.models import Company
from shop.forks.order.models import Order
from shop.subscriptions.models import Subscription, SubscriptionEvent
from shop.subscriptions.services import history
from shop.subscriptions.services.plans import plan_for


def start_for(order: Order) -> list[Subscription]:
    """Start a subscription for each line of a first purchase that has a term, in the placing transaction.

    Does nothing for a renewal: its subscription runs already.
    """
    purchase = order.purchase
    if purchase.cycle or not order.lines.filter(details__isnull=False).exists():
        return []
    started = []
    for line in facts.lines_of(order):
        details = getattr(line, "details", None)
        if not details:
            continue
        day = order.date_placed.date()
        subscription = Subscription(
            key=details.subscription_key,
            company=purchase.company,
            user_id=order.user_id,
            product=line.product,
            first_line=line,
            plan=plan_for(details.term_months),
            quantity=line.quantity,
            unit_price=line.unit_price_excl_tax,  # before discounts: an offer is for the first period
            currency=order.currency,
            payment_kind=getattr(purchase, "payment_method", "") or Company.PaymentMethod.INVOICE,
            term_months=details.term_months,
            started_on=day,
            anchored_on=day,
        )
        subscription.next_due_on = subscription.due_on(1)
        subscription.save()
        history.note(subscription, SubscriptionEvent.Kind.STARTED, at=order.date_placed, order=order.number)
        history.tell_channels(subscription)
        started.append(subscription)
    return started
