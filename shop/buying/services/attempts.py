"""One order per checkout attempt: however often the button is pressed, and whatever fails on the way."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from shop.buying.errors import AlreadyOrdered, CannotPlace
from shop.buying.models import CheckoutAttempt
from shop.buying.services import place_order
from shop.buying.totals import Seen

logger = logging.getLogger(__name__)


def order_once(
    *, key: UUID, user: Any, basket: Any, expected: Seen, now: datetime, placed_by: Any = None, **how: Any
) -> Order:
    """Place the basket's order, or return the one this attempt has already placed.

    The attempt is committed first and locked while the order is placed, so a second request waits and then gets the
    same order. Raises CannotPlace with nothing changed but the attempt's own state; `how` goes to place_order.place.
    The attempt is that of `placed_by`, who orders in the user's place, where there is one.
    """
    actor = placed_by or user
    attempt, _created = CheckoutAttempt.objects.get_or_create(
        key=key,
        defaults={
            "user": actor,
            "basket_id": basket.pk,
            "totals_hash": expected.digest(),
            "created_at": now,
            "updated_at": now,
        },
    )
    if attempt.user_id != actor.pk:
        raise CannotPlace(_("This page belongs to another user. Please review your order again."))
    try:
        return _place(attempt, user=user, placed_by=placed_by, basket=basket, expected=expected, now=now, **how)
    except AlreadyOrdered as error:
        return error.order
    except CannotPlace as error:
        fail(attempt, reason=str(error), now=now)
        raise
    except OperationalError as error:
        return _after_trouble(
            attempt, error, now=now, text=_("Many orders are coming in. Nothing was ordered yet; please try again.")
        )
    except Exception as error:
        return _after_trouble(
            attempt,
            error,
            now=now,
            text=_("Something went wrong on our side. Nothing was ordered; your basket is as it was."),
        )


@transaction.atomic
def _place(attempt: CheckoutAttempt, *, now: datetime, **how: Any) -> Order:
    locked = CheckoutAttempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.order is not None:
        return locked.order
    order = place_order.place(now=now, **how)
    locked.order = order
    locked.state = CheckoutAttempt.State.PLACED
    locked.reason = ""
    locked.updated_at = now
    locked.save(update_fields=["order", "state", "reason", "updated_at"])
    return order


def fail(attempt: CheckoutAttempt, *, reason: str, now: datetime) -> None:
    """Note why nothing was ordered; an attempt that placed its order stays as it is."""
    CheckoutAttempt.objects.filter(pk=attempt.pk, order=None).update(
        state=CheckoutAttempt.State.FAILED, reason=reason[:500], updated_at=now
    )


def _after_trouble(attempt: CheckoutAttempt, error: Exception, *, now: datetime, text: str) -> Order:
    """Look at what was committed before saying anything: only then is it known whether there is an order."""
    logger.error("Attempt %s failed while placing its order.", attempt.key, exc_info=error)
    order = CheckoutAttempt.objects.get(pk=attempt.pk).order
    if order is not None:
        return order
    fail(attempt, reason=f"{type(error).__name__}: {error}", now=now)
    raise CannotPlace(text) from error
