"""Attempts and refunds that came to a halt: nothing due will move them, or has not moved them in time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from shop.buying.models import CheckoutAttempt
from shop.payments.models import Payment, Refund

State = CheckoutAttempt.State
LATE = timedelta(minutes=15)  # heal has had a dozen tries by then
UNSENT = timedelta(hours=1)
AGAIN = "again:"  # starts the keys of refunds that try a failed one again
OF_RETURNS = "repayment:"  # starts those that shop.returns follows, and tries again by itself


class Halt(TextChoices):
    """Where an attempt came to a halt."""

    PAID = "paid", _("Paid, not ordered")
    OVER = "over", _("Time is over, payment still open")
    STOPPED = "stopped", _("Given up, payment still open")

    def at(self, now: datetime) -> Q:
        """Return the condition for attempts that stand there."""
        since = now - LATE
        waiting = (State.CREATED, State.REQUIRES_ACTION, State.PROCESSING)
        return {
            Halt.PAID: Q(state=State.PAID, updated_at__lte=since),
            Halt.OVER: Q(state__in=waiting, payment__isnull=False, expires_at__lte=since),
            Halt.STOPPED: Q(state=State.FAILED, payment__state__in=Payment.OPEN, updated_at__lte=since),
        }[self]


def attempts(*, now: datetime, halts: Iterable[str] = Halt) -> QuerySet[CheckoutAttempt]:
    """Return the attempts stuck at one of these halts."""
    return CheckoutAttempt.objects.filter(reduce(or_, (Halt(one).at(now) for one in halts)))


def failed_refunds() -> QuerySet[Refund]:
    """Return the refunds that failed and were not tried again, those of returns aside: their desk does."""
    again = Concat(Value(AGAIN), Cast(OuterRef("pk"), CharField()))
    rows = Refund.objects.filter(state=Refund.State.FAILED).exclude(key__startswith=OF_RETURNS)
    return rows.exclude(Exists(Refund.objects.filter(key=again)))


def unsent_refunds(*, now: datetime) -> QuerySet[Refund]:
    """Return the refunds that should be at Stripe by now."""
    return Refund.objects.filter(state=Refund.State.REQUESTED, requested_at__lte=now - UNSENT)


def refunds(*, now: datetime) -> QuerySet[Refund]:
    """Return both, which the page lists."""
    return failed_refunds() | unsent_refunds(now=now)
