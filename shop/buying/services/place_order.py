"""Placing an order: the one way for the checkout, for renewals and for the demo store."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from oscar.apps.order.models import BillingAddress, Order, ShippingAddress
from oscar.core.prices import Price

from channels import api
from shop import facts
from shop.buying.errors import BasketChanged
from shop.buying.models import CheckoutAttempt, LineDetails, PurchaseDetails
from shop.buying.services import after_placing, follow_ups, numbers, participants, reservations
from shop.buying.services.preparing import Prepared, prepare
from shop.buying.wishes import Method, OrderedLine, Wish
from shop.forks.order.utils import OrderCreator
from shop.fulfilment.services import requested
from shop.offering.services import configured_lines
from shop.tax.services import snapshots

__all__ = ["OrderedLine", "place", "place_wish"]

# An invoice that a debit pays waits for the bank; should that fail, it is due at once.
DEBIT_DAYS = 14


def place(
    *, now: datetime, basket: Any = None, lines: Sequence[OrderedLine] = (), notify: bool = True, **wish: Any
) -> Order:
    """Place an order from a basket or from explicit lines; the fields of Wish say for whom and how. See place_wish."""
    return place_wish(Wish(**wish), now=now, basket=basket, lines=lines, notify=notify)


@transaction.atomic
def place_wish(
    wish: Wish,
    *,
    now: datetime,
    basket: Any = None,
    lines: Sequence[OrderedLine] = (),
    notify: bool = True,
    attempt: CheckoutAttempt | None = None,
) -> Order:
    """Place an order, or raise CannotPlace and change nothing.

    In one transaction: the basket's lock, the totals computed again (and held against what the buyer saw), the order,
    its PurchaseDetails, what follow_ups start, the frozen facts for channels, the stock, the invoice. The confirmation mail
    leaves after the commit. `now` becomes the order's date, so that a seeded history is dated right. `attempt` is the
    one that froze the basket; the stock that it holds goes to the order. Makes no network call.
    """
    prepared = prepare(wish, now=now, basket=basket, lines=lines, attempt=attempt)
    order = _create(prepared, now=now)
    prepared.priced.basket.submit()
    if attempt:
        reservations.consume(attempt, at=now)
    follow_ups.bill(order=order, now=now)
    after_placing.schedule(order, notify=notify)
    return order


def _create(prepared: Prepared, *, now: datetime) -> Order:
    priced = prepared.priced
    try:
        return OrderCreator().place_order(
            basket=priced.basket,
            total=Price(currency=priced.currency, excl_tax=priced.total_excl_tax, incl_tax=priced.total_incl_tax),
            shipping_method=priced.method,
            shipping_charge=priced.charge,
            user=prepared.wish.user,
            shipping_address=_copy(prepared.address, ShippingAddress),
            billing_address=_copy(prepared.address, BillingAddress),
            date_placed=now,
            before_stock=partial(_record, prepared=prepared),
            held=prepared.held,
        )
    except ValueError as error:  # Oscar's word for a voucher that was used up or expired meanwhile
        raise BasketChanged([str(error)]) from error


def _copy(address: Any, kind: Any) -> Any:
    """Return the address saved as the order's own copy."""
    if address is None:
        return None
    if isinstance(address, kind) and address.pk is None:
        address.save()
        return address
    copy = kind()
    address.populate_alternative_model(copy)
    copy.save()
    return copy


def _record(order: Order, *, prepared: Prepared) -> None:
    wish, priced = prepared.wish, prepared.priced
    order.purchase = PurchaseDetails.objects.create(
        order=order,
        company=wish.company,
        location=prepared.location,
        cost_centre=prepared.cost_centre,
        public_ref=numbers.public_reference(),
        channel=wish.channel,
        medium=wish.medium,
        partner_code=wish.chosen_partner if prepared.partner_name else "",
        partner_name=prepared.partner_name,
        purchase_order_number=wish.purchase_order_number,
        cycle=wish.cycle,
        country=prepared.country,
        payment_method=wish.payment_method,
        payment_terms_days=_terms_days(prepared),
        vat_rate=priced.tax.rate,
        tax_code=priced.tax.code,
    )
    snapshots.freeze(order=order, tax=priced.tax, at=order.date_placed)
    requested.keep(order=order, on=wish.requested_on)
    participants.fill(order=order, buyer=wish.user, placed_by=wish.placed_by)
    _record_terms(order, priced.basket, prepared.subscription_keys)
    configured_lines.freeze(order=order, basket=priced.basket)
    follow_ups.start(order=order, now=order.date_placed)
    api.record_order(facts.placed_order(order, visitor_key=wish.visitor_key, site_mode=prepared.site_mode))
    if priced.basket.till is not None:
        priced.basket.till.keep(order_number=order.number, at=order.date_placed, actor_id=order.user_id)


def _terms_days(prepared: Prepared) -> int:
    if prepared.wish.payment_method == Method.CARD:
        return 0
    if prepared.wish.payment_method == Method.BANK_DEBIT:
        return DEBIT_DAYS
    return (prepared.location or prepared.wish.company).terms_days


def _record_terms(order: Order, basket: Any, subscription_keys: Sequence[str | None]) -> None:
    """Give each subscription line its term and the key that its renewals will carry on."""
    terms = facts.term_months(line.product for line in basket.all_lines())
    if not terms:
        return
    details = []
    for position, line in enumerate(order.lines.order_by("pk"), start=1):
        given = subscription_keys[position - 1] if subscription_keys else ""
        if line.product_id in terms and given is not None:
            key = given or facts.line_key(order, position)
            details.append(LineDetails(line=line, term_months=terms[line.product_id], subscription_key=key))
    LineDetails.objects.bulk_create(details)
