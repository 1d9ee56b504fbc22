"""The history of a subscription, and what channels knows of it: both written with every change."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from channels import api
from channels.contracts import SubscriptionFacts, to_minor
from shop import facts
from shop.subscriptions.models import RenewalReview, Subscription, SubscriptionEvent
from shop.subscriptions.terms import charge


def note(subscription: Subscription, kind: str, *, at: datetime, by: Any = None, **data: Any) -> SubscriptionEvent:
    """Write down what happened, in the caller's transaction; amounts and days become text."""
    plain = {
        name: value if isinstance(value, (int, str, bool, type(None))) else str(value) for name, value in data.items()
    }
    return SubscriptionEvent.objects.create(
        subscription=subscription, kind=kind, at=at, by_id=by.pk if by else None, data=plain
    )


def tell_channels(subscription: Subscription) -> None:
    """Tell channels what renews when, and for how much as far as it is known."""
    line = subscription.first_line
    is_same = line.product_id == subscription.product_id
    api.record_subscription(
        SubscriptionFacts(
            key=subscription.key,
            company=facts.company(subscription.company),
            title=line.title if is_same else subscription.product.get_title(),
            sku=line.partner_sku if is_same else subscription.product.upc or "",
            currency=subscription.currency,
            value_minor=to_minor(expected_net(subscription), subscription.currency),
            term_months=0 if subscription.interval_months == 1 else subscription.interval_months,
            started_on=subscription.started_on,
            renews_on=subscription.renews_on,
            status=subscription.status,
            first_order_number=line.order.number,
            answer_by=_answer_by(subscription),
        )
    )


def _answer_by(subscription: Subscription) -> date | None:
    asked = subscription.reviews.filter(due_on=subscription.next_due_on, decision=RenewalReview.Decision.NONE)
    return asked.values_list("answer_by", flat=True).first()


def expected_net(subscription: Subscription) -> Decimal:
    """Return the net value of the next renewal: at the price found in advance, else at the one last agreed."""
    is_priced = subscription.priced_for == subscription.next_due_on and subscription.next_price is not None
    price = subscription.next_price if is_priced and subscription.next_price is not None else subscription.unit_price
    return charge(subscription, product=subscription.product, quantity=subscription.quantity, price=price).net
