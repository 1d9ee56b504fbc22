"""A payment and the order it pays for: begun together, settled by one function, whoever tells that money came.

`settle` is called by the return page, by the payment's listener and by run_due, in any order and at once. What was
captured ends as an order or as a refund, never as neither.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shop.billing.services import invoices
from shop.buying import agreements
from shop.buying.errors import CannotPlace
from shop.buying.models import CheckoutAttempt
from shop.buying.services import attempts, debits, place_order, refusals, reservations
from shop.buying.services.preparing import Prepared, prepare
from shop.buying.wishes import Method, Wish
from shop.forks.basket.models import Line
from shop.payments.models import Payment, SavedMethod
from shop.payments.services import payments

logger = logging.getLogger(__name__)
State = CheckoutAttempt.State
PREFIX = "attempt:"
# How long stock is held for a payment.
HOLD = timedelta(minutes=30)
# How long placing what is paid may fail for reasons that nobody foresaw, until the money goes back.
PATIENCE = timedelta(minutes=10)


def begin(
    *,
    key: UUID,
    basket: Any,
    now: datetime,
    saved_method: SavedMethod | None = None,
    save_method: bool = False,
    **how: Any,
) -> CheckoutAttempt:
    """Check all that placing would, hold the stock, freeze the basket and open the payment: all, or CannotPlace.

    `how` are the fields of a Wish. The same key again returns the same attempt. Makes no network call: `send` follows.
    """
    wish = Wish(**how)
    try:
        with transaction.atomic():
            return _begin(wish, key, basket, saved_method=saved_method, save_method=save_method, now=now)
    except CannotPlace:
        if attempt := CheckoutAttempt.objects.filter(key=key, user=wish.owner, payment__isnull=False).first():
            return attempt  # the button pressed again: its basket is frozen by now
        raise


def _begin(
    wish: Wish, key: UUID, basket: Any, *, saved_method: SavedMethod | None, save_method: bool, now: datetime
) -> CheckoutAttempt:
    prepared = prepare(wish, now=now, basket=basket)
    priced, until = prepared.priced, now + HOLD
    attempt = attempts.begin(
        key=key,
        user=wish.owner,
        basket=priced.basket,
        expected=priced.seen(),
        now=now,
        company=wish.company,
        method=wish.payment_method,
        agreed=_agreement(prepared, at=now),
        expires_at=until,
    )
    lines = list(priced.basket.all_lines())
    Line.objects.bulk_update(lines, ["quantity"])  # as the buyer saw them: fitted to the products' rules
    priced.basket.freeze()
    reservations.take(attempt, lines, until=until)
    attempt.payment = payments.open_payment(
        reference=f"{PREFIX}{key}",
        company=wish.company,
        amount=priced.total_incl_tax,
        currency=priced.currency,
        kind=wish.payment_method,
        saved_method=saved_method,
        save_method=save_method,
        at=now,
    )
    attempt.save(update_fields=["payment"])
    return attempt


def _agreement(prepared: Prepared, *, at: datetime) -> dict[str, Any]:
    return agreements.write(
        prepared.wish, priced=prepared.priced, address=prepared.address, location=prepared.location, at=at
    )


def send(*, attempt_id: int, at: datetime) -> CheckoutAttempt:
    """Have the payment at Stripe, and settle: with a saved card it may be paid already. Raises ProviderAway."""
    return _after(payments.send, attempt_id, at)


def check(*, attempt_id: int, at: datetime) -> CheckoutAttempt:
    """Ask Stripe how the payment stands, and settle. Raises ProviderAway."""
    return _after(payments.refresh, attempt_id, at)


def abandon(*, attempt_id: int, at: datetime) -> CheckoutAttempt:
    """Give up on the buyer's word, unless it was paid meanwhile: then it is placed. Raises ProviderAway."""
    return _after(payments.cancel, attempt_id, at)


def _after(ask: Callable[..., Payment], attempt_id: int, at: datetime) -> CheckoutAttempt:
    attempt = CheckoutAttempt.objects.get(pk=attempt_id)
    if attempt.is_open:
        ask(payment_id=attempt.funding.pk, at=at)
    return settle(attempt_id=attempt_id, at=at)


def on_payment(payment: Payment, at: datetime) -> None:
    """What the payment's listener calls whenever it changed."""
    attempt = CheckoutAttempt.objects.filter(payment=payment).first()
    if attempt is not None:
        settle(attempt_id=attempt.pk, at=at)


def settle(*, attempt_id: int, at: datetime) -> CheckoutAttempt:
    """Bring the attempt to where its payment has come to, and return it. Again, or at once, changes nothing more."""
    attempt = follow(attempt_id=attempt_id, at=at)
    if attempt.state == State.PAID or _is_debit_underway(attempt):
        attempt = conclude(attempt_id=attempt_id, at=at)
    if attempt.state == State.FAILED and attempt.funding.is_open:
        # What was given up must not be paid any more; should it have been, its listener has it refunded.
        transaction.on_commit(lambda: refusals.stop_payment(attempt.funding.pk, at=at), robust=True)
    return attempt


@transaction.atomic
def follow(*, attempt_id: int, at: datetime) -> CheckoutAttempt:
    """Note what became of the payment."""
    attempt = attempts.locked(attempt_id)
    payment = attempt.funding
    if payment.state == Payment.State.SUCCEEDED:
        if attempt.state == State.PLACED and attempt.method == Method.BANK_DEBIT:
            debits.arrived(attempt, at=at)
        elif attempt.state not in (State.PAID, State.PLACED, State.REFUNDED):
            was_given_up = attempt.state == State.FAILED
            attempts.move(attempt, to=State.PAID, at=at, reason=attempt.reason)
            if was_given_up:
                refusals.refund(attempt, reason=attempt.reason, at=at)
    elif payment.state in (Payment.State.FAILED, Payment.State.CANCELLED):
        if attempt.state == State.PLACED:
            debits.bounced(attempt, at=at)
        elif attempt.is_open:
            refusals.give_up(attempt, reason=payment.failure_message or _("The payment was cancelled."), at=at)
    elif attempt.is_open and attempt.state != (wanted := WAITING[payment.state]):
        attempts.move(attempt, to=wanted, at=at)
    return attempt


WAITING: dict[str, str] = {
    Payment.State.CREATED: State.REQUIRES_ACTION,
    Payment.State.REQUIRES_ACTION: State.REQUIRES_ACTION,
    Payment.State.PROCESSING: State.PROCESSING,
}


@transaction.atomic
def conclude(*, attempt_id: int, at: datetime) -> CheckoutAttempt:
    """Place the order of what is paid, or ask for the refund, under one lock.

    Raises what nobody foresaw, with the attempt still paid: run_due tries again, and refunds after PATIENCE.
    """
    attempt = attempts.locked(attempt_id)
    if attempt.state != State.PAID and not _is_debit_underway(attempt):
        return attempt
    try:
        with transaction.atomic():
            _place(attempt, at=at)
    except CannotPlace as error:
        attempt = attempts.locked(attempt_id)
        if attempt.state == State.PAID:
            refusals.refund(attempt, reason=str(error), at=at)
        else:
            refusals.give_up(attempt, reason=str(error), at=at)
    return attempt


def _place(attempt: CheckoutAttempt, *, at: datetime) -> None:
    order = place_order.place_wish(agreements.read(attempt), basket=attempt.basket, now=at, attempt=attempt)
    is_paid = attempt.state == State.PAID
    attempts.move(attempt, to=State.PLACED, at=at, order=order)
    if is_paid:
        book(attempt, at=at)


def book(attempt: CheckoutAttempt, *, at: datetime) -> None:
    """Mark the order's invoice paid by the attempt's payment."""
    invoices.record_payment(
        invoice_id=attempt.result.invoice.pk,
        amount=attempt.funding.amount,
        key=attempt.funding.reference,
        at=at,
        reference=attempt.funding.intent_id or "",
        payment=attempt.funding,
    )


def _is_debit_underway(attempt: CheckoutAttempt) -> bool:
    """A bank debit takes days: its order is placed meanwhile, and waits for the money before anything leaves."""
    return attempt.state == State.PROCESSING and attempt.method == Method.BANK_DEBIT
