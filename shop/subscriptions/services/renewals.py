"""Renew what falls due: one order per subscription and due date, however often and however late this runs."""

import logging
from datetime import UTC, datetime, time

from django.db import transaction

from channels import api
from channels.contracts import Channel, Medium
from shop import facts
from shop.buying.services import place_order
from shop.forks.order.models import Order
from shop.offering.configuration import options_of
from shop.offering.selectors import answers_of
from shop.subscriptions.models import Occurrence, Subscription
from shop.subscriptions.services import history

logger = logging.getLogger(__name__)


def renew_due(*, now: datetime) -> dict[str, int]:
    """Place every renewal due by `now`, oldest first; a failed one is kept with its error and tried again next time."""
    placed = failed = 0
    due = Subscription.objects.filter(status=Subscription.Status.ACTIVE, next_due_on__lte=now.date())
    for pk in due.order_by("next_due_on", "pk").values_list("pk", flat=True):
        outcome: bool | None = True
        while outcome:  # a run after a long pause catches up period by period
            outcome = _renew_safely(pk, now)
            placed += outcome is True
            failed += outcome is False
    return {"renewals placed": placed, "renewals failed": failed}


def _renew_safely(pk: int, now: datetime) -> bool | None:
    try:
        return renew_next(subscription_id=pk, now=now)
    except Exception as error:  # one bad subscription must not stop the others
        logger.exception("renewal of subscription %s failed", pk)
        _note_failure(pk, error)
        return False


@transaction.atomic
def renew_next(*, subscription_id: int, now: datetime) -> bool | None:
    """Place the next renewal if it is due. True: placed; None: nothing is due (any more).

    The order is dated on the due date, so that the steward of that day is credited. The row lock makes a second runner
    wait and then find nothing due; the unique (subscription, due date) would stop it otherwise. Raises CannotPlace.
    """
    subscription = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription_id)
    if subscription.status != Subscription.Status.ACTIVE or subscription.next_due_on > now.date():
        return None
    cycle = subscription.cycle + 1
    occurrence, _created = Occurrence.objects.get_or_create(
        subscription=subscription,
        due_on=subscription.next_due_on,
        defaults={"cycle": cycle, "state": Occurrence.State.FAILED},
    )
    occurrence.order = _place(subscription, cycle)
    occurrence.state = Occurrence.State.PLACED
    occurrence.attempts += 1
    occurrence.last_error = ""
    occurrence.save()
    subscription.cycle = cycle
    subscription.next_due_on = subscription.due_on(cycle + 1)
    subscription.save(update_fields=["cycle", "next_due_on"])
    history.tell_channels(subscription)
    return True


def _place(subscription: Subscription, cycle: int) -> Order:
    """Order the same again on its due date, at that day's price, through the reseller who still may sell it."""
    at = datetime.combine(subscription.next_due_on, time(), tzinfo=UTC)
    channel, partner = _channel(subscription, at)
    return place_order.place(
        company=subscription.company,
        user=subscription.user,
        channel=channel,
        chosen_partner=partner,
        now=at,
        lines=[
            place_order.OrderedLine(
                product=subscription.product,
                quantity=subscription.quantity,
                subscription_key=subscription.key,
                options=tuple(options_of(answers_of(subscription.first_line))),
            )
        ],
        medium=Medium.RENEWAL,
        cycle=cycle,
        purchase_order_number=subscription.first_line.order.purchase.purchase_order_number,
    )


def _channel(subscription: Subscription, at: datetime) -> tuple[Channel, str]:
    """A contract bought through a reseller renews through it while it is active, and directly otherwise."""
    purchase = subscription.first_line.order.purchase
    if purchase.channel == Channel.RESELLER:
        choices = api.partner_choices(
            company_key=str(purchase.company.key),
            country=purchase.country,
            product_classes=facts.product_classes([subscription.product]),
            at=at,
        )
        if any(choice.card.code == purchase.partner_code for choice in choices):
            return Channel.RESELLER, purchase.partner_code
    return Channel.DIRECT, ""


def _note_failure(pk: int, error: Exception) -> None:
    subscription = Subscription.objects.get(pk=pk)
    occurrence, _created = Occurrence.objects.get_or_create(
        subscription=subscription,
        due_on=subscription.next_due_on,
        defaults={"cycle": subscription.cycle + 1, "state": Occurrence.State.FAILED},
    )
    occurrence.attempts += 1
    occurrence.last_error = str(error)[:2000]
    occurrence.save(update_fields=["attempts", "last_error"])
