"""The order of a renewal, dated on its due date; with it the subscription moves on to the next one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from channels import api
from channels.contracts import Channel, Medium
from shop import facts
from shop.buying.services import place_order
from shop.buying.services.preparing import prepare
from shop.buying.wishes import Wish
from shop.forks.order.models import Order
from shop.payments.models import SavedMethod
from shop.subscriptions.engine.dates import meeting
from shop.subscriptions.models import Occurrence, Subscription, SubscriptionEvent
from shop.subscriptions.prices import midnight, options_for
from shop.subscriptions.services import history, lifecycle
from shop.subscriptions.terms import Terms

State = Occurrence.State


def occurrence_of(subscription: Subscription) -> Occurrence:
    """Return the next renewal's row, made when it is first tried; the subscription is locked."""
    found, _created = Occurrence.objects.get_or_create(
        subscription=subscription,
        due_on=subscription.next_due_on,
        defaults={"cycle": subscription.cycle + 1, "state": State.DUE},
    )
    return found


def order_line(subscription: Subscription, terms: Terms) -> place_order.OrderedLine:
    return place_order.OrderedLine(
        product=terms.product,
        quantity=terms.quantity,
        unit_price=terms.charged,
        subscription_key=subscription.key,
        options=tuple(options_for(subscription, terms.product)),
    )


def wish_of(subscription: Subscription, *, at: datetime) -> Wish:
    """Return for whom and how it renews: as it was bought, through the reseller while that one may sell it."""
    channel, partner = _channel(subscription, at)
    return Wish(
        company=subscription.company,
        user=subscription.user,
        channel=channel,
        chosen_partner=partner,
        medium=Medium.RENEWAL,
        cycle=subscription.cycle + 1,
        payment_method=subscription.payment_kind,
        purchase_order_number=subscription.first_line.order.purchase.purchase_order_number,
    )


def gross_of(subscription: Subscription, terms: Terms) -> Decimal:
    """Return what the renewal costs with tax, asked of the code that will place it. Raises CannotPlace."""
    at = midnight(subscription.next_due_on)
    prepared = prepare(wish_of(subscription, at=at), now=at, lines=[order_line(subscription, terms)])
    total: Decimal = prepared.priced.total_incl_tax
    prepared.priced.basket.delete()
    return total


def method_of(subscription: Subscription) -> SavedMethod | None:
    """Return what is charged: the company's saved method of the kind, its standard one first."""
    found = SavedMethod.objects.filter(company=subscription.company, kind=subscription.payment_kind, is_active=True)
    return found.first()


def place(subscription: Subscription, occurrence: Occurrence, terms: Terms, *, now: datetime) -> Order:
    """Order the same again on its due date, so that the steward of that day is credited. Raises CannotPlace.

    The caller holds the subscription's lock; the unique (subscription, due date) would stop a second order otherwise.
    """
    at = midnight(occurrence.due_on)
    wish = wish_of(subscription, at=at)
    order = place_order.place_wish(wish, now=at, lines=[order_line(subscription, terms)])
    occurrence.order, occurrence.state, occurrence.last_error = order, State.PLACED, ""
    occurrence.attempts += 1
    occurrence.next_try_on = occurrence.grace_until = None
    freeze(occurrence, terms)
    occurrence.save()
    _move_on(subscription, terms)
    if subscription.status != Subscription.Status.ACTIVE:
        lifecycle.move(subscription, Subscription.Status.ACTIVE, SubscriptionEvent.Kind.RESUMED, at=now)
    history.note(
        subscription, SubscriptionEvent.Kind.RENEWED, at=now, order=order.number, ref=order.purchase.public_ref,
        due=occurrence.due_on, price=terms.unit_price, quantity=terms.quantity, net=terms.net, currency=order.currency,
    )  # fmt: skip
    history.tell_channels(subscription)
    return order


def freeze(occurrence: Occurrence, terms: Terms) -> None:
    """Keep the terms with the renewal: what was charged is what is ordered, whatever prices do meanwhile."""
    occurrence.product, occurrence.quantity = terms.product, terms.quantity
    occurrence.unit_price, occurrence.net, occurrence.credit_left = terms.unit_price, terms.net, terms.credit_left


def frozen(subscription: Subscription, occurrence: Occurrence) -> Terms:
    """Return the terms that were frozen."""
    if occurrence.unit_price is None or occurrence.net is None or not occurrence.quantity:
        raise ValueError(f"the terms of {occurrence} were never frozen")
    return Terms(
        product=occurrence.product,
        quantity=occurrence.quantity,
        unit_price=occurrence.unit_price,
        charged=occurrence.net / occurrence.quantity,
        credit_left=occurrence.credit_left,
        until=subscription.due_on(subscription.cycle + 2),
        why="",
    )


def skip_missed(subscription: Subscription, *, on: date, at: datetime) -> None:
    """Leave out the whole periods that passed while it was suspended: nothing was served in them."""
    while subscription.due_on(subscription.cycle + 2) <= on:
        occurrence = occurrence_of(subscription)
        occurrence.state, occurrence.last_error = State.SKIPPED, _("Suspended at the time.")
        occurrence.save()
        history.note(subscription, SubscriptionEvent.Kind.NOT_RENEWED, at=at, due=occurrence.due_on)
        subscription.cycle += 1
        subscription.next_due_on = subscription.due_on(subscription.cycle + 1)
        subscription.save(update_fields=["cycle", "next_due_on"])
    history.tell_channels(subscription)


def _move_on(subscription: Subscription, terms: Terms) -> None:
    if not subscription.is_locked_at_renewal:
        subscription.commitment_cycle = subscription.cycle + 1
    subscription.cycle += 1
    if subscription.aligned_on:
        _until, intervals = meeting(subscription.next_due_on, subscription.aligned_on, subscription.interval_months)
        subscription.anchored_on, subscription.aligned_on = subscription.aligned_on, None
        subscription.anchor_cycle = subscription.cycle + 1 + intervals
    subscription.product, subscription.quantity = terms.product, terms.quantity
    subscription.unit_price, subscription.credit = terms.unit_price, terms.credit_left
    subscription.next_price = subscription.priced_for = None
    subscription.next_due_on = subscription.due_on(subscription.cycle + 1)
    subscription.save()


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


def note_failure(subscription_id: int, error: Exception) -> None:
    """Keep why a renewal could not be placed; it is tried again."""
    subscription = Subscription.objects.select_related("plan").get(pk=subscription_id)
    occurrence, _created = Occurrence.objects.get_or_create(
        subscription=subscription,
        due_on=subscription.next_due_on,
        defaults={"cycle": subscription.cycle + 1, "state": State.FAILED},
    )
    failed: dict[str, Any] = {"attempts": F("attempts") + 1, "last_error": str(error)[:2000]}
    Occurrence.objects.filter(pk=occurrence.pk).exclude(state__in=(State.PLACED, State.PAYING)).update(
        state=State.FAILED, **failed
    )
