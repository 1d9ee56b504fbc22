"""Money in: payments, refunds, disputes, saved methods, and the inbox of what Stripe tells."""

from shop.payments.models.cursor import EventCursor
from shop.payments.models.fake import FakeFault, FakeKey, FakeObject
from shop.payments.models.inbox import WebhookEvent
from shop.payments.models.methods import SavedMethod, StripeCustomer
from shop.payments.models.payments import Dispute, Payment, PaymentEvent, Refund

__all__ = [
    "Dispute",
    "EventCursor",
    "FakeFault",
    "FakeKey",
    "FakeObject",
    "Payment",
    "PaymentEvent",
    "Refund",
    "SavedMethod",
    "StripeCustomer",
    "WebhookEvent",
]
