"""The one place where a subscription's status changes. Callers hold its lock."""

from datetime import date, datetime
from typing import Any

from shop.subscriptions.models import Occurrence, RenewalNotice, Subscription, SubscriptionEvent
from shop.subscriptions.services import history, notices

Status, Event = Subscription.Status, SubscriptionEvent.Kind
# What may follow what; an end is for good.
STEPS: dict[str, tuple[str, ...]] = {
    Status.ACTIVE: (Status.PAST_DUE, Status.CANCELLED, Status.ENDED),
    Status.PAST_DUE: (Status.ACTIVE, Status.SUSPENDED, Status.CANCELLED, Status.ENDED),
    Status.SUSPENDED: (Status.ACTIVE, Status.CANCELLED, Status.ENDED),
    Status.CANCELLED: (),
    Status.ENDED: (),
}


def move(
    subscription: Subscription, status: str, kind: str, *, at: datetime, reason: str = "", by: Any = None, **data: Any
) -> None:
    """Change the status, write it down, and tell channels."""
    if status not in STEPS[subscription.status]:
        raise ValueError(f"a subscription that is {subscription.status} does not become {status}")
    subscription.status, subscription.status_reason = status, reason[:200]
    subscription.save(update_fields=["status", "status_reason"])
    history.note(subscription, kind, at=at, by=by, reason=reason, **data)
    history.tell_channels(subscription)


def end(subscription: Subscription, *, at: datetime, reason: str, on: date) -> None:
    """Let it end because it is not renewed; the buyer is told why."""
    Occurrence.objects.update_or_create(
        subscription=subscription,
        due_on=on,
        defaults={
            "cycle": subscription.cycle + 1, "state": Occurrence.State.SKIPPED, "last_error": reason,
            "next_try_on": None, "grace_until": None,
        },
    )  # fmt: skip
    move(subscription, Status.ENDED, Event.NOT_RENEWED, at=at, reason=reason, due=on)
    notices.tell(subscription, RenewalNotice.Kind.ENDED, at=at, due_on=on, reason=reason)
