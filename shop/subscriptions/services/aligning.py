"""Several subscriptions that renew on one date: the next period of each is cut short, and costs as much less."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _

from shop.subscriptions.engine.dates import meeting
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Subscription, SubscriptionEvent
from shop.subscriptions.services import history
from shop.subscriptions.services.locking import day_of, locked
from shop.subscriptions.terms import Terms, charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """One subscription on a common date. `first` is its next period, `meets_on` the first renewal together.

    `is_shorter` is False where it renews on that date anyway.
    """

    subscription: Subscription
    meets_on: date
    first: Terms
    is_shorter: bool


def preview(subscriptions: Sequence[Subscription], *, on: date, today: date) -> list[Aligned]:
    """Return what becomes of each on a common date. Raises SubscriptionRefused."""
    if len(subscriptions) < 2:
        raise SubscriptionRefused(_("Choose at least two subscriptions."))
    if on <= today:
        raise SubscriptionRefused(_("Choose a day to come."))
    return [_aligned(subscription, on, today) for subscription in subscriptions]


def _aligned(subscription: Subscription, on: date, today: date) -> Aligned:
    if subscription.status != Subscription.Status.ACTIVE or subscription.next_due_on <= today or subscription.ends_on:
        raise SubscriptionRefused(
            _("“%(title)s” does not simply run on, so its date cannot be moved.")
            % {"title": subscription.product.get_title()}
        )
    months, steps = subscription.interval_months, 0
    while (target := on + relativedelta(months=steps * months)) < subscription.next_due_on:
        steps += 1
    until, _intervals = meeting(subscription.next_due_on, target, months)
    is_shorter = until != subscription.next_due_on
    subscription.aligned_on = target if is_shorter else None
    first = charge(
        subscription, product=subscription.product, quantity=subscription.quantity, price=subscription.unit_price
    )
    return Aligned(subscription=subscription, meets_on=target, first=first, is_shorter=is_shorter)


@transaction.atomic
def align(*, subscription_ids: Collection[int], on: date, at: datetime, by: Any) -> list[Aligned]:
    """Let them meet on a date; each goes on as it is until its next renewal. Raises SubscriptionRefused."""
    subscriptions = [locked(pk) for pk in sorted(set(subscription_ids))]
    found = preview(subscriptions, on=on, today=day_of(at))
    for aligned in found:
        aligned.subscription.save(update_fields=["aligned_on"])
        history.note(aligned.subscription, SubscriptionEvent.Kind.ALIGNED, at=at, by=by, on=aligned.meets_on)
        history.tell_channels(aligned.subscription)
    return found
