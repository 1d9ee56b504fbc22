"""Tables of subscriptions."""

from shop.subscriptions.models.changes import RenewalReview, SubscriptionChange
from shop.subscriptions.models.history import RenewalNotice, SubscriptionEvent
from shop.subscriptions.models.plan import Plan
from shop.subscriptions.models.subscription import Occurrence, Subscription

__all__ = [
    "Occurrence",
    "Plan",
    "RenewalNotice",
    "RenewalReview",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionEvent",
]
