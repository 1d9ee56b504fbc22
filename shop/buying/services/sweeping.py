"""What is due of attempts that wait for a payment: nothing stays open, unplaced or unrefunded for ever."""

import logging
from datetime import datetime

from django.db import transaction

from shop.buying.models import CheckoutAttempt
from shop.buying.services import attempts, refusals, reservations, settlement
from shop.payments.errors import ProviderAway
from shop.payments.models import Payment
from shop.payments.services import payments

logger = logging.getLogger(__name__)
State = CheckoutAttempt.State


def expire(*, now: datetime) -> dict[str, int]:
    """Settle what is paid, give up what nobody paid in time, and stop payments of what was given up; return counts."""
    return {
        "attempts settled": sum(_settle(pk, now=now) for pk in _pks(state=State.PAID)),
        "attempts expired": sum(
            _give_up(pk, now=now)
            for pk in _pks(state__in=(State.CREATED, State.REQUIRES_ACTION, State.PROCESSING), expires_at__lte=now)
        ),
        "payments stopped": sum(_stop(pk, now=now) for pk in _pks(state=State.FAILED, payment__state__in=Payment.OPEN)),
    }


def _pks(**which: object) -> list[int]:
    return list(CheckoutAttempt.objects.filter(**which).order_by("pk").values_list("pk", flat=True))


def _settle(pk: int, *, now: datetime) -> bool:
    """Place or refund what is paid; what still fails after PATIENCE for reasons that nobody foresaw is refunded."""
    try:
        settlement.settle(attempt_id=pk, at=now)
    except Exception as error:
        logger.exception("Attempt %s is paid and cannot be settled.", pk)
        return _refund_after_patience(pk, error, now=now)
    return True


@transaction.atomic
def _refund_after_patience(pk: int, error: Exception, *, now: datetime) -> bool:
    attempt = attempts.locked(pk)
    if attempt.state != State.PAID or attempt.updated_at > now - settlement.PATIENCE:
        return False
    refusals.refund(attempt, reason=f"{type(error).__name__}: {error}", at=now)
    return True


def _give_up(pk: int, *, now: datetime) -> bool:
    """Stop the payment first: what was paid meanwhile is placed instead. The stock is given back in any case."""
    attempt = CheckoutAttempt.objects.select_related("payment").get(pk=pk)
    try:
        payments.cancel(payment_id=attempt.funding.pk, at=now)
    except ProviderAway:
        logger.warning("The payment of attempt %s could not be cancelled yet.", attempt.key)
    except Exception:  # one bad attempt must not stop the others
        logger.exception("The payment of attempt %s could not be cancelled.", attempt.key)
    with transaction.atomic():
        open_still = attempts.locked(pk)
        if open_still.funding.is_open:
            reservations.release(open_still, at=now)
            return False
    return _settle(pk, now=now)


def _stop(pk: int, *, now: datetime) -> bool:
    attempt = CheckoutAttempt.objects.get(pk=pk)
    refusals.stop_payment(attempt.funding.pk, at=now)
    return not Payment.objects.get(pk=attempt.funding.pk).is_open
