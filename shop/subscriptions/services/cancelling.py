"""Ending a subscription for a day: what it costs, taking it back until then, and the end itself."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from shop.subscriptions.engine.proration import fee
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import RenewalNotice, Subscription, SubscriptionEvent
from shop.subscriptions.services import history, lifecycle, notices
from shop.subscriptions.services.fees import charge_fee
from shop.subscriptions.services.locking import day_of, locked


@dataclass(frozen=True, slots=True)
class Ending:
    """A day on which it may end, and what leaving then costs: `intervals` of the commitment are left, net."""

    on: date
    intervals: int
    fee: Decimal


def endings(subscription: Subscription) -> list[Ending]:
    """Return when it may end: with the next renewal, and with the commitment where that is later and free."""
    first = _ending(subscription, subscription.next_due_on)
    until = subscription.committed_until
    if until is None or until <= subscription.next_due_on:
        return [first]
    return [_ending(subscription, until), first]


def _ending(subscription: Subscription, on: date) -> Ending:
    left, until = 0, subscription.committed_until
    while until is not None and subscription.due_on(subscription.cycle + 1 + left) < until:
        left += 1
    if on == until:
        left = 0
    price = subscription.unit_price * subscription.quantity
    return Ending(on, left, fee(price, left, subscription.plan.cancel_fee_bp))


@transaction.atomic
def cancel(*, subscription_id: int, at: datetime, by: Any = None, on: date | None = None) -> bool:
    """Let it end on one of its `endings`, the free one unless said otherwise; False when that is so already.

    It runs until then, and the cancellation can be taken back. Raises SubscriptionRefused.
    """
    subscription = locked(subscription_id)
    if not subscription.is_running and subscription.status != Subscription.Status.SUSPENDED:
        return False
    choices = endings(subscription)
    ending = choices[0] if on is None else next((choice for choice in choices if choice.on == on), None)
    if ending is None:
        raise SubscriptionRefused(_("It cannot end on this day. Choose one of the days offered."))
    if subscription.ends_on == ending.on:
        return False
    subscription.ends_on, subscription.cancel_fee, subscription.cancelled_at = ending.on, ending.fee, at
    subscription.save(update_fields=["ends_on", "cancel_fee", "cancelled_at"])
    history.note(subscription, SubscriptionEvent.Kind.CANCELLED, at=at, by=by, on=ending.on, fee=ending.fee)
    if subscription.status == Subscription.Status.SUSPENDED or ending.on <= day_of(at):
        finish(subscription, at=at)
    else:
        notices.tell(
            subscription, RenewalNotice.Kind.CANCELLED, at=at, step=subscription.events.count() % 30_000,
            on=date_format(ending.on, "j F Y"), fee=ending.fee,
        )  # fmt: skip
        history.tell_channels(subscription)
    return True


@transaction.atomic
def undo(*, subscription_id: int, at: datetime, by: Any = None) -> None:
    """Take the cancellation back while it still runs. Raises SubscriptionRefused."""
    subscription = locked(subscription_id)
    if not subscription.is_running or subscription.ends_on is None:
        raise SubscriptionRefused(_("There is no cancellation to take back."))
    subscription.ends_on, subscription.cancel_fee, subscription.cancelled_at = None, Decimal(0), None
    subscription.save(update_fields=["ends_on", "cancel_fee", "cancelled_at"])
    history.note(subscription, SubscriptionEvent.Kind.UNDONE, at=at, by=by)
    history.tell_channels(subscription)


def is_over(subscription: Subscription) -> bool:
    """Tell whether its last day has come: it is due, and was cancelled for this day."""
    return subscription.ends_on is not None and subscription.ends_on <= subscription.next_due_on


def finish(subscription: Subscription, *, at: datetime) -> None:
    """End it, and order the fee for what is left of the commitment. The caller holds the lock."""
    if subscription.cancel_fee:
        charge_fee(subscription, amount=subscription.cancel_fee, at=at)
    lifecycle.move(
        subscription, Subscription.Status.CANCELLED, SubscriptionEvent.Kind.ENDED, at=at,
        reason=_("Cancelled by the customer."), fee=subscription.cancel_fee,
    )  # fmt: skip
