"""Tables of buying: what an order carries beside Oscar's, and the tries to place one."""

from shop.buying.models.attempts import AttemptEvent, CheckoutAttempt, Reservation
from shop.buying.models.orders import (
    CHANNEL_LABELS,
    LineDetails,
    OrderNumber,
    OrderParticipant,
    PurchaseDetails,
)

__all__ = [
    "CHANNEL_LABELS",
    "AttemptEvent",
    "CheckoutAttempt",
    "LineDetails",
    "OrderNumber",
    "OrderParticipant",
    "PurchaseDetails",
    "Reservation",
]
