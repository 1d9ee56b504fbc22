"""The lock under which a subscription changes."""

from datetime import UTC, date, datetime

from shop.subscriptions.models import Subscription


def locked(subscription_id: int) -> Subscription:
    """Return the subscription locked until the transaction ends, with what its changes read."""
    rows = Subscription.objects.select_for_update(of=("self",))
    return rows.select_related(
        "plan", "company", "product", "user", "first_line__product", "first_line__order__purchase__company"
    ).get(pk=subscription_id)


def day_of(moment: datetime) -> date:
    """Return the day that a moment belongs to, whatever its time zone: due dates are days of UTC."""
    return moment.astimezone(UTC).date()
