"""Changing a payment: the history, the count of changes, and who hears of them."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from shop.payments.models import Payment, PaymentEvent

logger = logging.getLogger(__name__)

Listener = Callable[[Payment, datetime], None]
_listeners: dict[str, Listener] = {}


def listen(prefix: str, listener: Listener) -> None:
    """Have `listener(payment, at)` called after each change of a payment whose reference starts with `prefix`: '' for all.

    It is called after the commit, outside any transaction, at least once for the latest change: it looks at the payment
    and does what is still to be done. One that raises is called again by the reconciler.
    """
    _listeners[prefix] = listener


def changed(payment: Payment, *, what: str, at: datetime, data: dict[str, Any] | None = None) -> None:
    """Save a locked payment with one more line of its history, and tell the listener after the commit."""
    payment.version += 1
    payment.updated_at = at
    payment.save()
    PaymentEvent.objects.create(payment=payment, at=at, what=what, data=data or {})
    transaction.on_commit(lambda: tell(payment_id=payment.pk, at=at), robust=True)


def tell(*, payment_id: int, at: datetime) -> bool:
    """Tell the listeners what they have not heard; False when one could not take it in. Nothing new: nothing happens."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.told_version >= payment.version:
        return True
    rows = Payment.objects.filter(pk=payment_id)
    try:
        for prefix, listener in _listeners.items():
            if payment.reference.startswith(prefix):
                listener(payment, at)
    except Exception:
        logger.exception("a listener of payment %s failed", payment.reference)
        rows.update(tellings=F("tellings") + 1)
        return False
    rows.filter(told_version__lt=payment.version).update(told_version=payment.version, tellings=0)
    return True
