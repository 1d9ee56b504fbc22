"""Renew what falls due: one order per subscription and due date, however often and however late this runs."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shop.billing.services import invoices
from shop.companies.models import Company
from shop.credit.errors import CreditExceeded, CreditOnHold
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Occurrence, Subscription
from shop.subscriptions.services import cancelling, collecting, lifecycle, placing
from shop.subscriptions.services.locking import day_of, locked
from shop.subscriptions.terms import NotRenewed, terms_of_next

logger = logging.getLogger(__name__)
Method = Company.PaymentMethod


def renew_due(*, now: datetime) -> dict[str, int]:
    """Renew everything due by `now`, oldest first; a failed one is kept with its error and tried again next time."""
    placed = failed = 0
    # What was suspended for want of credit goes on by itself; who pays by card comes back to a page.
    waits = Q(status=Subscription.Status.SUSPENDED, payment_kind=Method.INVOICE)
    due = Subscription.objects.filter(Q(status__in=Subscription.RUNNING) | waits, next_due_on__lte=day_of(now))
    for pk in due.order_by("next_due_on", "pk").values_list("pk", flat=True):
        outcome: bool | None = True
        while outcome:  # a run after a long pause catches up period by period
            outcome = _renew_safely(pk, now)
            placed += outcome is True
            failed += outcome is False
    return {"renewals placed": placed, "renewals failed": failed}


def try_now(*, subscription_id: int, now: datetime) -> bool:
    """Take one renewal a step on because somebody asks. Raises SubscriptionRefused where nothing is due."""
    is_due = Subscription.objects.filter(pk=subscription_id, next_due_on__lte=day_of(now))
    if not is_due.exclude(status__in=(Subscription.Status.CANCELLED, Subscription.Status.ENDED)).exists():
        raise SubscriptionRefused(_("Nothing is due."))
    return _renew_safely(subscription_id, now) is True


def _renew_safely(pk: int, now: datetime) -> bool | None:
    try:
        return renew_next(subscription_id=pk, now=now)
    except (CreditOnHold, CreditExceeded) as refusal:
        collecting.refuse_credit(subscription_id=pk, reason=str(refusal), now=now)
        return None
    except Exception as error:  # one bad subscription must not stop the others
        logger.exception("renewal of subscription %s failed", pk)
        placing.note_failure(pk, error)
        return False


def renew_next(*, subscription_id: int, now: datetime) -> bool | None:
    """Take the next renewal a step on if it is due. True: placed; None: nothing to do, or it waits for its payment.

    The row lock makes a second runner wait and then find nothing due; the unique (subscription, due date) would stop it
    otherwise. A payment is sent after the commit. Raises CannotPlace.
    """
    with transaction.atomic():
        subscription = locked(subscription_id)
        was_suspended = subscription.status == Subscription.Status.SUSPENDED
        if subscription.next_due_on > day_of(now) or not (subscription.is_running or was_suspended):
            return None
        if cancelling.is_over(subscription):
            cancelling.finish(subscription, at=now)
            return None
        known = Occurrence.objects.filter(subscription=subscription, due_on=subscription.next_due_on).first()
        try:
            is_frozen = known is not None and known.charged is not None
            terms = placing.frozen(subscription, known) if known and is_frozen else terms_of_next(subscription)
        except NotRenewed as end:
            lifecycle.end(subscription, at=now, reason=str(end), on=subscription.next_due_on)
            return None
        occurrence = placing.occurrence_of(subscription)
        if subscription.payment_kind == Method.INVOICE or not terms.net:
            order = placing.place(subscription, occurrence, terms, now=now)
            if not terms.net:  # credit paid all of it
                invoices.mark_paid(invoice_id=order.invoice.pk, at=now)
            if was_suspended:
                placing.skip_missed(subscription, on=day_of(now), at=now)
            return True
        if was_suspended:
            return None
        payment_id = collecting.begin(subscription, occurrence, terms, now=now)
    return collecting.carry_on(payment_id, now=now) if payment_id else None
