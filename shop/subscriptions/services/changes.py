"""More, less or another product within a period: the difference for the days left is ordered, or kept as credit."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.contracts import Medium
from shop.billing.services import invoices
from shop.buying.errors import CannotPlace
from shop.buying.services import place_order
from shop.buying.services.preparing import prepare
from shop.buying.wishes import Wish
from shop.companies.models import Company
from shop.forks.order.models import Order
from shop.payments.errors import ProviderAway
from shop.payments.models import Payment
from shop.payments.services import payments, refunds
from shop.subscriptions.engine.proration import Period, difference, spread
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Subscription, SubscriptionChange, SubscriptionEvent
from shop.subscriptions.prices import options_for, price_of_day
from shop.subscriptions.selectors import review_of, substitutes_for
from shop.subscriptions.services import history, placing
from shop.subscriptions.services.locking import day_of, locked
from shop.subscriptions.services.reviews import require_quantity

logger = logging.getLogger(__name__)
PREFIX = "renewal:change:"
State = SubscriptionChange.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a change on a day costs until the next renewal; `amount` is net, and negative where credit is given."""

    product: Any
    quantity: int
    price: Decimal
    on: date
    until: date
    amount: Decimal


def preview(subscription: Subscription, *, product_id: int, quantity: int, on: date) -> Difference:
    """Return what the change costs, and refuse what cannot be. Raises SubscriptionRefused."""
    product = _product(subscription, product_id)
    _require_changeable(subscription, on)
    require_quantity(product, quantity)
    is_same = product.pk == subscription.product_id
    if is_same and quantity == subscription.quantity:
        raise SubscriptionRefused(_("Nothing changes. Choose another quantity or another product."))
    price: Decimal | None = subscription.unit_price  # locked for more of the same
    if not is_same:
        found = price_of_day(subscription, product=product, quantity=quantity, on=on)
        price = found.amount
        if price is None:
            raise SubscriptionRefused(found.why)
    assert price is not None  # noqa: S101  for the type checker
    period = Period(subscription.due_on(subscription.cycle), subscription.due_on(subscription.cycle + 1))
    old = (subscription.unit_price, subscription.quantity)
    amount = difference(old, (price, quantity), period, on=on)
    _require_worth(subscription, old, (price, quantity), on)
    return Difference(
        product=product, quantity=quantity, price=price, on=on, until=subscription.next_due_on, amount=amount
    )


def _product(subscription: Subscription, product_id: int) -> Any:
    if product_id == subscription.product_id:
        return subscription.product
    found = next((other for other in substitutes_for(subscription) if other.pk == product_id), None)
    if found is None:
        raise SubscriptionRefused(_("Choose a product from the list."))
    return found


def _require_changeable(subscription: Subscription, on: date) -> None:
    if subscription.status != Subscription.Status.ACTIVE or subscription.next_due_on <= on:
        raise SubscriptionRefused(_("Only a subscription that runs and is paid can be changed."))
    if subscription.ends_on is not None:
        raise SubscriptionRefused(_("It has been cancelled. Take the cancellation back to change it."))
    if review_of(subscription) is not None:
        raise SubscriptionRefused(
            _("The next renewal waits for your answer. Say there what you want to have from then on.")
        )


def _require_worth(subscription: Subscription, old: tuple[Decimal, int], new: tuple[Decimal, int], on: date) -> None:
    """During a commitment nothing becomes worth less."""
    until = subscription.committed_until
    if until is not None and on < until and new[0] * new[1] < old[0] * old[1]:
        raise SubscriptionRefused(
            _("You are bound until %(day)s. Until then you can have more, but not less.")
            % {"day": date_format(until, "j F Y")}
        )


@transaction.atomic
def _open(
    *, subscription_id: int, product_id: int, quantity: int, expected: Decimal, key: UUID, at: datetime, by: Any
) -> SubscriptionChange:
    subscription = locked(subscription_id)
    if known := SubscriptionChange.objects.filter(key=key, subscription=subscription).first():
        return known
    found = preview(subscription, product_id=product_id, quantity=quantity, on=day_of(at))
    if found.amount != expected:
        raise SubscriptionRefused(_("The amount has changed in the meantime. Look at it again."))
    change = SubscriptionChange.objects.create(
        key=key,
        subscription=subscription,
        state=State.PAYING,
        on=found.on,
        old_product=subscription.product,
        new_product=found.product,
        old_quantity=subscription.quantity,
        new_quantity=found.quantity,
        old_price=subscription.unit_price,
        new_price=found.price,
        amount=found.amount,
        at=at,
        by=by,
    )
    if found.amount <= 0:
        _take_effect(subscription, change, credit=-found.amount, at=at)
    elif subscription.payment_kind == Company.PaymentMethod.INVOICE:
        _order(subscription, change, at)
    else:
        _ask_for_payment(subscription, change, at)
    return change


def change(
    *, subscription_id: int, product_id: int, quantity: int, expected: Decimal, key: UUID, at: datetime, by: Any
) -> SubscriptionChange:
    """Change it from today on; `expected` is the net amount that the buyer saw. The same `key` again changes nothing.

    On invoice the difference is ordered at once. Otherwise its payment is sent, and the change takes effect when it is
    paid: while it is PAYING, `payment_of` says how it stands. Raises SubscriptionRefused or CannotPlace.
    """
    made = _open(
        subscription_id=subscription_id, product_id=product_id, quantity=quantity, expected=expected, key=key, at=at, by=by
    )  # fmt: skip
    payment = payment_of(made)
    if payment is not None and made.state == State.PAYING:
        try:
            payments.send(payment_id=payment.pk, at=at)
        except ProviderAway:
            logger.warning("Stripe is away: payment %s waits for the reconciler.", payment.reference)
        made.refresh_from_db()
    return made


def payment_of(made: SubscriptionChange) -> Payment | None:
    return Payment.objects.filter(reference=f"{PREFIX}{made.pk}").first()


def _ask_for_payment(subscription: Subscription, made: SubscriptionChange, at: datetime) -> None:
    prepared = prepare(_wish(subscription, made), now=at, lines=[_line(subscription, made)])
    made.charged = prepared.priced.total_incl_tax
    prepared.priced.basket.delete()
    made.save(update_fields=["charged"])
    payments.open_payment(
        reference=f"{PREFIX}{made.pk}",
        company=subscription.company,
        amount=made.charged or Decimal(0),
        currency=subscription.currency,
        kind=subscription.payment_kind,
        saved_method=placing.method_of(subscription),
        at=at,
    )


@transaction.atomic
def settle(payment: Payment, at: datetime) -> None:
    """Order the difference once it is paid; give it up when it cannot be. Safe any number of times."""
    change_id = int(payment.reference.removeprefix(PREFIX))
    subscription = locked(SubscriptionChange.objects.values_list("subscription_id", flat=True).get(pk=change_id))
    made = SubscriptionChange.objects.select_for_update().get(pk=change_id)
    payment = Payment.objects.get(pk=payment.pk)
    if made.state != State.PAYING:
        return
    if payment.state in (Payment.State.FAILED, Payment.State.CANCELLED):
        _fail(made)
    elif payment.state == Payment.State.SUCCEEDED:
        try:
            with transaction.atomic():
                _require_changeable(subscription, made.on)
                if (subscription.product_id, subscription.quantity) != (made.old_product_id, made.old_quantity):
                    raise SubscriptionRefused(_("It was changed otherwise in the meantime."))
                order = _order(subscription, made, at)
                invoices.record_payment(
                    invoice_id=order.invoice.pk, amount=payment.amount, key=f"payment:{payment.key}", at=at,
                    reference=payment.reference, payment=payment,
                )  # fmt: skip
        except (CannotPlace, SubscriptionRefused) as refusal:
            made.refresh_from_db()
            _fail(made)
            refunds.request_refund(
                payment_id=payment.pk, amount=payment.amount, key=payment.reference, reason=str(refusal), at=at
            )


def _fail(made: SubscriptionChange) -> None:
    made.state = State.FAILED
    made.save(update_fields=["state"])


def _order(subscription: Subscription, made: SubscriptionChange, at: datetime) -> Order:
    order = place_order.place_wish(_wish(subscription, made), now=at, lines=[_line(subscription, made)])
    made.order = order
    _take_effect(subscription, made, credit=_spread(made)[2], at=at)
    return order


def _spread(made: SubscriptionChange) -> tuple[int, Decimal, Decimal]:
    """Return units, price of each, and the cents over, which become credit."""
    units = made.new_quantity
    if made.new_product_id == made.old_product_id:
        units = made.new_quantity - made.old_quantity
    price, over = spread(made.amount, units)
    return units, price, over


def _line(subscription: Subscription, made: SubscriptionChange) -> place_order.OrderedLine:
    """The difference is part of a term that runs: it begins none, and renews none."""
    units, price, _over = _spread(made)
    return place_order.OrderedLine(
        product=made.new_product,
        quantity=units,
        unit_price=price,
        subscription_key=None,
        options=tuple(options_for(subscription, made.new_product)),
    )


def _wish(subscription: Subscription, made: SubscriptionChange) -> Wish:
    purchase = subscription.first_line.order.purchase
    usual = placing.wish_of(subscription, at=made.at)
    return Wish(
        company=subscription.company,
        user=made.by,
        channel=usual.channel,
        chosen_partner=usual.chosen_partner,
        medium=Medium.WEB,
        payment_method=subscription.payment_kind,
        cost_centre_id=purchase.cost_centre_id,
        purchase_order_number=purchase.purchase_order_number,
    )


def _take_effect(subscription: Subscription, made: SubscriptionChange, *, credit: Decimal, at: datetime) -> None:
    made.state = State.DONE
    made.save(update_fields=["state", "order"])
    subscription.product, subscription.quantity = made.new_product, made.new_quantity
    subscription.unit_price = made.new_price
    subscription.credit += credit
    subscription.next_price = subscription.priced_for = None
    subscription.save()
    history.note(
        subscription, SubscriptionEvent.Kind.CHANGED, at=at, by=made.by, product=made.new_product.get_title(),
        quantity=made.new_quantity, before=made.old_quantity, amount=made.amount, currency=subscription.currency,
        order=made.order.number if made.order else "",
    )  # fmt: skip
    history.tell_channels(subscription)
