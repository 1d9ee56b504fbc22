"""What becomes of an attempt that cannot become an order: its basket comes back, or its money does."""

import logging
from datetime import datetime

from django.db import transaction

from shop.buying.models import CheckoutAttempt
from shop.buying.services import attempts, reservations
from shop.forks.basket.models import Basket
from shop.payments.errors import OverRefund, ProviderAway
from shop.payments.services import payments, refunds

logger = logging.getLogger(__name__)
State = CheckoutAttempt.State


def give_up(attempt: CheckoutAttempt, *, reason: str, at: datetime) -> None:
    """End a locked attempt that nobody has paid: the stock is given back, and the buyer has the basket again."""
    attempts.move(attempt, to=State.FAILED, at=at, reason=reason)
    basket = Basket.objects.select_for_update().filter(pk=attempt.basket_id, status=Basket.FROZEN).first()
    if basket is not None:
        basket.thaw()
    reservations.release(attempt, at=at)


def refund(attempt: CheckoutAttempt, *, reason: str, at: datetime) -> None:
    """End a locked attempt that is paid and cannot be placed. Its basket stays frozen: it was paid for once."""
    attempts.move(attempt, to=State.REFUNDED, at=at, reason=reason)
    reservations.release(attempt, at=at)
    try:
        refunds.request_refund(
            payment_id=attempt.funding.pk,
            amount=attempt.funding.amount,
            key=attempt.funding.reference,
            reason=reason,
            at=at,
        )
    except OverRefund:
        logger.warning("The payment of attempt %s was refunded by hand before.", attempt.key)
    transaction.on_commit(lambda: _tell(attempt.pk), robust=True)


def stop_payment(payment_id: int, *, at: datetime) -> None:
    """Cancel the payment of an attempt that was given up; while Stripe is away, run_due does."""
    try:
        payments.cancel(payment_id=payment_id, at=at)
    except ProviderAway:
        logger.warning("Payment %s could not be cancelled yet.", payment_id)


def _tell(attempt_id: int) -> None:
    from shop.buying.tasks import tell_of_refund

    tell_of_refund.delay(attempt_id)
