"""What somebody may still spend: checked when an order is placed, under the lock of the person's place."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone
from oscar.apps.order.models import Order

from shop.companies.models import Membership

Window = Membership.Window


def left_to_spend(*, membership: Membership, now: datetime) -> Decimal | None:
    """Return the net amount that is left in the window of `now`; None without a limit, never below zero.

    Counts what the person placed for the company, renewals left out: nobody presses a button for those.
    """
    if membership.spend_limit is None:
        return None
    if membership.spend_window == Window.ORDER:
        return membership.spend_limit
    placed = Order.objects.filter(
        user=membership.user_id,
        purchase__company=membership.company_id,
        purchase__cycle=0,
        date_placed__gte=start_of(membership.spend_window, now=now),
    ).exclude(status="Cancelled")
    spent = placed.aggregate(total=Sum("total_excl_tax"))["total"] or Decimal(0)
    return max(membership.spend_limit - spent, Decimal(0))


def lock(*, membership: Membership) -> Membership:
    """Let two orders of one person come one after the other, and read the limit as it is now."""
    fresh = Membership.objects.select_for_update(of=("self",)).select_related("company", "role", "location", "user")
    return fresh.get(pk=membership.pk)


def start_of(window: str, *, now: datetime) -> datetime:
    """Return the first moment of the window around `now`, in the shop's time zone; weeks begin on Monday."""
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if window == Window.WEEK:
        day -= timedelta(days=day.weekday())
    elif window == Window.MONTH:
        day = day.replace(day=1)
    elif window == Window.QUARTER:
        day = day.replace(month=day.month - (day.month - 1) % 3, day=1)
    elif window == Window.YEAR:
        day = day.replace(month=1, day=1)
    return timezone.make_aware(day)
