"""One order per checkout attempt: however often the button is pressed, and whatever fails on the way."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from shop.buying.errors import AlreadyOrdered, CannotPlace, PaymentUnderway
from shop.buying.models import AttemptEvent, CheckoutAttempt
from shop.buying.services import place_order
from shop.buying.totals import Seen
from shop.buying.wishes import Wish

logger = logging.getLogger(__name__)
State = CheckoutAttempt.State

# From each state where to. An attempt that failed gave its basket back: money that arrives later is only refunded.
STEPS: dict[str, tuple[str, ...]] = {
    "": (State.CREATED,),
    State.CREATED: (State.REQUIRES_ACTION, State.PROCESSING, State.PAID, State.PLACED, State.FAILED),
    State.REQUIRES_ACTION: (State.PROCESSING, State.PAID, State.FAILED),
    State.PROCESSING: (State.REQUIRES_ACTION, State.PAID, State.PLACED, State.FAILED),
    State.PAID: (State.PLACED, State.REFUNDED),
    State.FAILED: (State.PLACED, State.PAID),
    State.PLACED: (),
    State.REFUNDED: (),
}


class WrongStep(Exception):
    """The attempt cannot come from its state to the one asked for."""


def locked(attempt_id: int) -> CheckoutAttempt:
    """Return the attempt with its row locked; must run inside a transaction.

    Its payment is read when it is asked for: a join would show it as it was before the wait for the lock.
    """
    return CheckoutAttempt.objects.select_for_update(of=("self",)).select_related("company", "user").get(pk=attempt_id)


def begin(*, key: UUID, user: Any, basket: Any, expected: Seen | None, now: datetime, **more: Any) -> CheckoutAttempt:
    """Return the attempt of this key, made when there is none. Raises CannotPlace for another user's."""
    attempt, is_new = CheckoutAttempt.objects.get_or_create(
        key=key,
        defaults={
            "user": user,
            "basket_id": basket.pk,
            "totals_hash": expected.digest() if expected else "",
            "created_at": now,
            "updated_at": now,
            **more,
        },
    )
    if attempt.user_id != user.pk:
        raise CannotPlace(_("This page belongs to another user. Please review your order again."))
    if is_new:
        AttemptEvent.objects.create(attempt=attempt, after=attempt.state, at=now)
    return attempt


def move(attempt: CheckoutAttempt, *, to: str, at: datetime, reason: str = "", order: Order | None = None) -> None:
    """Change the state of an attempt whose row the caller has locked. The one way it changes. Raises WrongStep."""
    if to not in STEPS[attempt.state]:
        raise WrongStep(f"{attempt}: no way to {to}")
    AttemptEvent.objects.create(attempt=attempt, before=attempt.state, after=to, reason=reason[:500], at=at)
    attempt.state, attempt.reason, attempt.updated_at = to, reason[:500], at
    attempt.order = order or attempt.order
    attempt.save(update_fields=["state", "reason", "updated_at", "order"])


def note(attempt: CheckoutAttempt, *, reason: str, at: datetime) -> bool:
    """Write down what happened to a locked attempt after its last change of state; False when it is noted already."""
    if attempt.reason:
        return False
    AttemptEvent.objects.create(attempt=attempt, before=attempt.state, after=attempt.state, reason=reason[:500], at=at)
    attempt.reason, attempt.updated_at = reason[:500], at
    attempt.save(update_fields=["reason", "updated_at"])
    return True


def order_once(*, key: UUID, basket: Any, now: datetime, **how: Any) -> Order:
    """Place the basket's order on invoice, or return the one this attempt has already placed.

    The attempt is committed first and locked while the order is placed, so a second request waits and then gets the
    same order. Raises CannotPlace with nothing changed but the attempt's own state; `how` are the fields of a Wish.
    The attempt is that of `placed_by`, who orders in the user's place, where there is one.
    """
    wish = Wish(**how)
    attempt = begin(
        key=key,
        user=wish.owner,
        basket=basket,
        expected=wish.expected,
        now=now,
        company=wish.company,
        method=wish.payment_method,
    )
    try:
        return _place(attempt, wish=wish, basket=basket, now=now)
    except AlreadyOrdered as error:
        return error.order
    except PaymentUnderway:
        raise
    except CannotPlace as error:
        _fail(attempt, reason=str(error), now=now)
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
def _place(attempt: CheckoutAttempt, *, wish: Wish, basket: Any, now: datetime) -> Order:
    own = locked(attempt.pk)
    if own.order is not None:
        return own.order
    order = place_order.place_wish(wish, basket=basket, now=now)
    move(own, to=State.PLACED, at=now, order=order)
    return order


@transaction.atomic
def _fail(attempt: CheckoutAttempt, *, reason: str, now: datetime) -> None:
    """Note why nothing was ordered; an attempt that placed its order stays as it is."""
    own = locked(attempt.pk)
    if own.state == State.CREATED:
        move(own, to=State.FAILED, at=now, reason=reason)


def _after_trouble(attempt: CheckoutAttempt, error: Exception, *, now: datetime, text: str) -> Order:
    """Look at what was committed before saying anything: only then is it known whether there is an order."""
    logger.error("Attempt %s failed while placing its order.", attempt.key, exc_info=error)
    order = CheckoutAttempt.objects.get(pk=attempt.pk).order
    if order is not None:
        return order
    _fail(attempt, reason=f"{type(error).__name__}: {error}", now=now)
    raise CannotPlace(text) from error
