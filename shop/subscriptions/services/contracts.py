"""Start, describe and cancel subscriptions."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from channels import api
from channels.contracts import SubscriptionFacts, to_minor
from shop import facts
from shop.forks.order.models import Line, Order
from shop.subscriptions.models import Subscription


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
        subscription = Subscription(
            key=details.subscription_key,
            company=purchase.company,
            user_id=order.user_id,
            product=line.product,
            first_line=line,
            quantity=line.quantity,
            term_months=details.term_months,
            started_on=order.date_placed.date(),
        )
        subscription.next_due_on = subscription.due_on(1)
        subscription.save()
        tell_channels(subscription)
        started.append(subscription)
    return started


def tell_channels(subscription: Subscription) -> None:
    """Tell channels what renews when, and for how much at the price last paid."""
    line = latest_line(subscription)
    api.record_subscription(
        SubscriptionFacts(
            key=subscription.key,
            company=facts.company(subscription.company),
            title=line.title,
            sku=line.partner_sku,
            currency=line.order.currency,
            value_minor=to_minor(line.line_price_excl_tax, line.order.currency),
            term_months=subscription.term_months,
            started_on=subscription.started_on,
            renews_on=subscription.next_due_on if subscription.status == Subscription.Status.ACTIVE else None,
            status=subscription.status,
            first_order_number=subscription.first_line.order.number,
        )
    )


def latest_line(subscription: Subscription) -> Line:
    """The order line that was last placed for this subscription: a renewal's, else the first."""
    renewal = subscription.occurrences.filter(order__isnull=False).order_by("-cycle").first()
    return renewal.order.lines.get() if renewal and renewal.order else subscription.first_line


@transaction.atomic
def cancel(*, subscription_id: int, at: datetime, by: User | None = None) -> bool:
    """End a subscription at its next due date: it does not renew. False when it was cancelled before."""
    subscription = Subscription.objects.select_for_update().get(pk=subscription_id)
    if subscription.status == Subscription.Status.CANCELLED:
        return False
    subscription.status = Subscription.Status.CANCELLED
    subscription.cancelled_at = at
    subscription.save(update_fields=["status", "cancelled_at"])
    tell_channels(subscription)
    return True
