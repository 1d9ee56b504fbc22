"""A renewal by card or bank debit: charged off session first, ordered when it is paid, and tried again when it is not.

begin (in a transaction) -> send (over the network) -> settle (told by the payment, whoever asked Stripe).
"""

import logging
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from shop.billing.services import invoices
from shop.buying.errors import CannotPlace
from shop.payments.errors import ProviderAway
from shop.payments.models import Payment, SavedMethod
from shop.payments.services import payments, refunds
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import (
    Occurrence,
    Plan,
    RenewalNotice,
    Subscription,
    SubscriptionChange,
    SubscriptionEvent,
)
from shop.subscriptions.services import changes, history, lifecycle, notices, placing
from shop.subscriptions.services.locking import day_of, locked
from shop.subscriptions.terms import Terms

logger = logging.getLogger(__name__)
PREFIX = "renewal:"
State, Event, Kind = Occurrence.State, SubscriptionEvent.Kind, RenewalNotice.Kind
Status = Subscription.Status
# Stripe's word for a bank that does not pay without the person.
ASKS = "authentication_required"
# What waits for a person at a page, not for the bank.
WAITS_FOR_PERSON = (Payment.State.CREATED, Payment.State.REQUIRES_ACTION)


def begin(subscription: Subscription, occurrence: Occurrence, terms: Terms, *, now: datetime) -> int | None:
    """Take the next step of a renewal that is charged, under the subscription's lock; return the payment to carry on.

    A first try on the due date, later ones at the plan's distances; when they are used up, the grace runs out. Raises
    CannotPlace for what could not be ordered, so that nothing is charged for it.
    """
    today = day_of(now)
    if occurrence.state == State.PAYING:
        return _remind(subscription, occurrence, now=now)
    if occurrence.tries and (occurrence.next_try_on is None or occurrence.next_try_on > today):
        _end_grace(subscription, occurrence, at=now)
        return None
    if not occurrence.tries and today < occurrence.due_on + timedelta(days=_distances(subscription.plan)[0]):
        return None
    if occurrence.charged is None:
        placing.freeze(occurrence, terms)
        occurrence.charged = placing.gross_of(subscription, terms)
    occurrence.tries += 1
    method = placing.method_of(subscription)
    if method is None:
        _failed(subscription, occurrence, at=now, reason=_("No payment method is saved for it."))
        return None
    payment = _open(subscription, occurrence, saved_method=method, off_session=True, at=now)
    return payment.pk


def carry_on(payment_id: int, *, now: datetime) -> bool | None:
    """Send a payment, or give it up when its time is over; outside any transaction. True: its order is placed.

    When Stripe is away the payment's reconciler goes on from here.
    """
    payment = Payment.objects.get(pk=payment_id)
    occurrence = Occurrence.objects.get(pk=_occurrence_id(payment))
    is_over = occurrence.grace_until is not None and occurrence.grace_until <= day_of(now)
    try:
        act = payments.cancel if is_over and payment.state in WAITS_FOR_PERSON and payment.intent_id else payments.send
        act(payment_id=payment_id, at=now)
    except ProviderAway:
        logger.warning("Stripe is away: payment %s waits for the reconciler.", payment.reference)
    occurrence.refresh_from_db()
    return True if occurrence.state == State.PLACED else None


@transaction.atomic
def refuse_credit(*, subscription_id: int, reason: str, now: datetime) -> None:
    """A renewal that the company's credit does not cover is past due like one that was not paid. Safe to repeat."""
    subscription = locked(subscription_id)
    occurrence = placing.occurrence_of(subscription)
    if occurrence.state == State.PLACED or subscription.status == Status.SUSPENDED:
        return
    if occurrence.tries and (occurrence.next_try_on is None or occurrence.next_try_on > day_of(now)):
        _end_grace(subscription, occurrence, at=now)
        return
    occurrence.tries += 1
    occurrence.attempts += 1
    _failed(subscription, occurrence, at=now, reason=reason)


@transaction.atomic
def pay_now(*, subscription_id: int, at: datetime) -> Payment:
    """Return a payment for the renewal that is past due, which the buyer completes on a page. Raises SubscriptionRefused."""
    subscription = locked(subscription_id)
    occurrence = underway(subscription)
    if occurrence is None or subscription.status not in (Status.PAST_DUE, Status.SUSPENDED):
        raise SubscriptionRefused(_("There is nothing to pay for this subscription."))
    if occurrence.state == State.PAYING and occurrence.payment is not None:
        if occurrence.payment.state not in WAITS_FOR_PERSON:
            raise SubscriptionRefused(_("The payment is on its way. We write as soon as it has arrived."))
        return occurrence.payment
    if occurrence.charged is None:
        raise SubscriptionRefused(_("This renewal cannot be paid here. Please call us."))
    last = occurrence.payment
    same = last.saved_method if last is not None and last.failure_code == ASKS else None
    return _open(subscription, occurrence, saved_method=same, off_session=False, at=at)


def underway(subscription: Subscription) -> Occurrence | None:
    """Return the renewal that is being collected, if any."""
    rows = subscription.occurrences.filter(due_on=subscription.next_due_on, state__in=(State.FAILED, State.PAYING))
    return rows.select_related("payment", "product").first()


def waiting_payments(subscription: Subscription) -> list[Payment]:
    """Return what a person can complete on a page: the renewal's payment, and those of changes."""
    found = Payment.objects.filter(renewal__subscription=subscription, renewal__state=State.PAYING)
    open_changes = subscription.changes.filter(state=SubscriptionChange.State.PAYING).values_list("pk", flat=True)
    found |= Payment.objects.filter(reference__in=[f"{changes.PREFIX}{pk}" for pk in open_changes])
    return [payment for payment in found.distinct() if payment.is_open]


def _open(
    subscription: Subscription,
    occurrence: Occurrence,
    *,
    saved_method: SavedMethod | None,
    off_session: bool,
    at: datetime,
) -> Payment:
    prefix = f"{PREFIX}{occurrence.pk}:"
    number = Payment.objects.filter(reference__startswith=prefix).count() + 1
    payment = payments.open_payment(
        reference=f"{prefix}{number}",
        company=subscription.company,
        amount=occurrence.charged or Decimal(0),
        currency=subscription.currency,
        kind=subscription.payment_kind,
        saved_method=saved_method,
        off_session=off_session,
        save_method=not off_session and saved_method is None,
        at=at,
    )
    occurrence.payment, occurrence.state = payment, State.PAYING
    if off_session:
        occurrence.next_try_on = None
    occurrence.save()
    return payment


def _remind(subscription: Subscription, occurrence: Occurrence, *, now: datetime) -> int | None:
    """A payment that waits for the buyer is reminded of at the distances of the tries, and given up after the grace."""
    payment, today = occurrence.payment, day_of(now)
    if payment is None or payment.state not in WAITS_FOR_PERSON or payment.intent_id is None:
        return payment.pk if payment is not None and payment.intent_id is None else None
    if occurrence.grace_until is not None and occurrence.grace_until <= today:
        return payment.pk
    if occurrence.next_try_on is not None and occurrence.next_try_on <= today:
        occurrence.tries += 1
        _plan_next(subscription, occurrence, today)
        occurrence.save()
        notices.tell(subscription, Kind.ACTION, at=now, step=occurrence.tries)
    return None


# --- what a payment tells --------------------------------------------------------------------------------------------


def on_payment(payment: Payment, at: datetime) -> None:
    """Hear of a payment of ours: of a renewal, or of a change within a period."""
    if payment.reference.startswith(changes.PREFIX):
        changes.settle(payment, at)
    else:
        settle(payment, at)


@transaction.atomic
def settle(payment: Payment, at: datetime) -> None:
    """Do what a payment's state asks for: order, try again later, or lead the buyer to a page. Safe any number of times."""
    subscription_id = Occurrence.objects.values_list("subscription_id", flat=True).get(pk=_occurrence_id(payment))
    subscription = locked(subscription_id)
    occurrence = Occurrence.objects.select_for_update().get(pk=_occurrence_id(payment))
    payment = Payment.objects.get(pk=payment.pk)
    if payment.state == Payment.State.SUCCEEDED:
        _paid(subscription, occurrence, payment, at)
    elif payment.pk != occurrence.payment_id or occurrence.state != State.PAYING:
        return
    elif payment.state in (Payment.State.FAILED, Payment.State.CANCELLED):
        reason = payment.failure_message or _("The payment did not go through.")
        _failed(subscription, occurrence, at=at, reason=reason, asks=payment.failure_code == ASKS)


def _paid(subscription: Subscription, occurrence: Occurrence, payment: Payment, at: datetime) -> None:
    if occurrence.state == State.PLACED and occurrence.payment_id == payment.pk:
        return
    is_over = subscription.status in (Status.CANCELLED, Status.ENDED)
    if is_over or occurrence.state in (State.PLACED, State.SKIPPED):
        _give_back(payment, at, _("This renewal was paid or ended before."))
        return
    was_suspended = subscription.status == Status.SUSPENDED
    try:
        with transaction.atomic():
            order = placing.place(subscription, occurrence, placing.frozen(subscription, occurrence), now=at)
            invoices.record_payment(
                invoice_id=order.invoice.pk, amount=payment.amount, key=f"payment:{payment.key}", at=at,
                reference=payment.reference, payment=payment,
            )  # fmt: skip
            Occurrence.objects.filter(pk=occurrence.pk).update(payment=payment)
    except CannotPlace as refusal:
        subscription, occurrence = locked(subscription.pk), Occurrence.objects.get(pk=occurrence.pk)
        _give_back(payment, at, str(refusal))
        _failed(subscription, occurrence, at=at, reason=str(refusal))
        return
    if was_suspended:
        placing.skip_missed(subscription, on=day_of(at), at=at)


def _give_back(payment: Payment, at: datetime, reason: str) -> None:
    """Nothing is kept for which there is no order."""
    refunds.request_refund(payment_id=payment.pk, amount=payment.amount, key=payment.reference, reason=reason, at=at)


def _failed(
    subscription: Subscription, occurrence: Occurrence, *, at: datetime, reason: str, asks: bool = False
) -> None:
    """Plan the next try and write to the buyer; `asks`: the bank wants the buyer to confirm, which a page does at once."""
    occurrence.state, occurrence.last_error = State.FAILED, reason
    _plan_next(subscription, occurrence, day_of(at))
    occurrence.save()
    told = notices.tell(
        subscription,
        Kind.ACTION if asks else Kind.FAILED,
        at=at,
        step=occurrence.tries,
        reason=reason,
        next_try_on=_written(occurrence.next_try_on),
        grace_until=_written(occurrence.grace_until),
    )
    if told:
        kind = Event.PAYMENT_ACTION if asks else Event.PAYMENT_FAILED
        history.note(
            subscription, kind, at=at, due=occurrence.due_on, attempt=occurrence.tries, reason=reason,
            next_try_on=occurrence.next_try_on,
        )  # fmt: skip
    _past_due(subscription, at, reason)
    _end_grace(subscription, occurrence, at=at)


def _past_due(subscription: Subscription, at: datetime, reason: str) -> None:
    if subscription.status == Status.ACTIVE:
        lifecycle.move(subscription, Status.PAST_DUE, Event.PAST_DUE, at=at, reason=reason)


def _plan_next(subscription: Subscription, occurrence: Occurrence, today: date) -> None:
    """Set the next try at the plan's distance from this one, and with the first try the end of the grace."""
    distances = _distances(subscription.plan)
    done = occurrence.tries
    gap = distances[done] - distances[done - 1] if 0 < done < len(distances) else None
    occurrence.next_try_on = today + timedelta(days=gap) if gap is not None else None
    if occurrence.grace_until is None:
        occurrence.grace_until = today + timedelta(days=subscription.plan.grace_days)


def _end_grace(subscription: Subscription, occurrence: Occurrence, *, at: datetime) -> None:
    """Suspend or cancel, as the plan says, when the tries are used up and the grace is over."""
    is_over = occurrence.next_try_on is None and occurrence.grace_until and occurrence.grace_until <= day_of(at)
    if not is_over or subscription.status != Status.PAST_DUE:
        return
    reason = _("The renewal of %(day)s was not paid.") % {"day": occurrence.due_on.isoformat()}
    if subscription.plan.after_grace == Plan.AfterGrace.SUSPEND:
        lifecycle.move(subscription, Status.SUSPENDED, Event.SUSPENDED, at=at, reason=reason)
    else:
        occurrence.state = State.SKIPPED
        occurrence.save(update_fields=["state"])
        lifecycle.move(subscription, Status.CANCELLED, Event.ENDED, at=at, reason=reason)
    notices.tell(subscription, Kind.SUSPENDED, at=at, reason=reason)


def _written(day: date | None) -> str:
    """Return a day as letters write it, in the site's language."""
    with override(settings.LANGUAGE_CODE):
        return date_format(day, "j F Y") if day else ""


def _distances(plan: Plan) -> list[int]:
    return sorted(plan.retry_days) or [0]


def _occurrence_id(payment: Payment) -> int:
    return int(payment.reference.removeprefix(PREFIX).partition(":")[0])
