"""Placing an order: the one way for the checkout, for renewals and for the demo store."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.address.models import UserAddress
from oscar.apps.order.models import BillingAddress, Order, ShippingAddress
from oscar.core.prices import Price

from channels import api
from channels.contracts import Channel, Medium
from shop import facts
from shop.buying import totals
from shop.buying.errors import (
    AlreadyOrdered,
    BasketChanged,
    CannotPlace,
    DeliveryMissing,
    PartnerUnavailable,
)
from shop.buying.models import LineDetails, PurchaseDetails
from shop.buying.services import after_placing, follow_ups, numbers, participants, stock
from shop.buying.services.entitlement import cost_centre_for, location_for, require_permission, require_within_limit
from shop.buying.services.routes import require_route
from shop.companies.models import Company, CostCentre, Location, LocationAddress
from shop.companies.services import spending
from shop.forks.basket.models import Basket
from shop.forks.order.utils import OrderCreator
from shop.forks.partner.strategy import Selector
from shop.offering import selectors as offering
from shop.offering.services import configured_lines
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Tier
from shop.pricing.resolver import ResolvedPrice
from shop.segments.engine.visibility import NOTHING
from shop.segments.selectors import standing_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """A line of an order that has no basket. `unit_price` (net) stands above the price of the day."""

    product: Any
    quantity: int
    unit_price: Decimal | None = None
    subscription_key: str = ""
    options: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """How an order is bought, beside what is bought."""

    company: Company
    location: Location | None
    cost_centre: CostCentre | None
    buyer: Any
    placed_by: Any
    channel: Channel
    medium: Medium
    partner_code: str
    partner_name: str
    purchase_order_number: str
    cycle: int
    site_mode: str
    country: str
    visitor_key: str
    subscription_keys: tuple[str, ...]


@transaction.atomic
def place(
    *,
    company: Company,
    user: Any,
    channel: Channel,
    now: datetime,
    basket: Any = None,
    lines: Sequence[OrderedLine] = (),
    chosen_partner: str = "",
    shipping_address: UserAddress | LocationAddress | ShippingAddress | None = None,
    shipping_code: str = "",
    purchase_order_number: str = "",
    cost_centre_id: int | None = None,
    placed_by: Any = None,
    medium: Medium = Medium.WEB,
    cycle: int = 0,
    visitor_key: str = "",
    expected: totals.Seen | None = None,
    notify: bool = True,
) -> Order:
    """Place an order from a basket or from explicit lines, or raise CannotPlace and change nothing.

    In one transaction: the basket's lock, the totals computed again (and held against `expected`, what the buyer
    saw), the order, its PurchaseDetails, what follow_ups start, the frozen facts for channels, and the stock. The
    confirmation mail leaves after the commit. `user` may be None for orders that no person places; `placed_by` is who
    orders in the user's place, from a basket of the own. `now` becomes the order's date, so that a seeded history is
    dated right. Makes no network call.
    """
    is_person = medium == Medium.WEB or placed_by is not None
    membership = require_permission(company=company, user=user, is_person=is_person)
    standing = standing_of(str(company.key), at=now)
    require_route(standing, channel=channel, cycle=cycle)
    strategy = Selector().strategy(context=PriceContext(company_key=str(company.key), at=now))
    strategy.hidden = NOTHING if lines else standing.hidden  # what is named without a basket was agreed before
    basket = (
        lock_basket(basket, user=placed_by or user) if basket is not None else basket_from(lines, strategy=strategy)
    )
    basket.strategy = strategy
    is_shipped = basket.is_shipping_required()
    if is_shipped and shipping_address is None:
        raise DeliveryMissing
    country = shipping_address.country_id if is_shipped and shipping_address else company.country
    membership = spending.lock(membership=membership) if membership else None
    location = location_for(membership, shipping_address)
    priced = totals.compute(
        basket,
        company=company,
        user=user,
        now=now,
        country=country,
        shipping_address=shipping_address if is_shipped else None,
        shipping_code=shipping_code,
        has_offers=not lines,
        location=location,
    )
    require_sellable(priced, expected=expected, is_basket=not lines)
    if membership:
        require_within_limit(membership, priced, now=now)
    purchase = Purchase(
        company=company,
        location=location,
        cost_centre=cost_centre_for(membership, cost_centre_id),
        buyer=user,
        placed_by=placed_by,
        channel=channel,
        medium=medium,
        partner_code=chosen_partner if channel == Channel.RESELLER else "",
        partner_name=partner_name(company, channel, chosen_partner, country, basket, now),
        purchase_order_number=purchase_order_number,
        cycle=cycle,
        site_mode=standing.mode,
        country=country,
        visitor_key=visitor_key,
        subscription_keys=tuple(line.subscription_key for line in lines),
    )
    order = _create(priced, purchase, user=user, address=shipping_address if is_shipped else None, now=now)
    basket.submit()
    after_placing.schedule(order, notify=notify)
    return order


def lock_basket(basket: Any, *, user: Any) -> Any:
    """Return the basket fresh and locked; an ordered one raises AlreadyOrdered with its order."""
    fresh = Basket.objects.select_for_update().get(pk=basket.pk)
    fresh.has_images = False
    if fresh.status == Basket.SUBMITTED:
        order = Order.objects.filter(basket=fresh).first()
        if order is not None:
            raise AlreadyOrdered(order)
    if fresh.status != Basket.OPEN or (user is not None and fresh.owner_id != user.pk):
        raise CannotPlace(_("This basket can no longer be ordered."))
    return fresh


def basket_from(lines: Sequence[OrderedLine], *, strategy: Any) -> Any:
    """Return a basket of nobody's that holds the lines, with their own prices where given."""
    basket = Basket.objects.create()
    basket.strategy = strategy
    basket.has_quantity_rules = False
    for ordered in lines:
        basket.add_product(ordered.product, ordered.quantity, list(ordered.options))
    for line, ordered in zip(basket.all_lines(), lines, strict=True):
        if ordered.unit_price is not None:
            resolved = ResolvedPrice(tier=Tier(ordered.unit_price), currency=basket.currency, source=Origin.QUOTE)
            line._info = line.purchase_info._replace(price=basket.strategy._policy(resolved))
    return basket


def require_sellable(priced: totals.Totals, *, expected: totals.Seen | None, is_basket: bool) -> None:
    """Raise when a line cannot be sold as it is, or differs from what the buyer saw."""
    basket = priced.basket
    if basket.is_empty:
        raise BasketChanged([_("Your basket is empty.")])
    if is_basket:
        gone = [
            _("“%(title)s” is no longer available. Remove it to go on.") % {"title": line.title}
            for line in basket.all_lines()
            if line.quantity < 1 or not line.product.is_public or not line.purchase_info.price.exists
        ]
        gone = gone or offering.refusals(basket.all_lines(), company_key=basket.strategy.context.company_key)
        if gone:
            raise BasketChanged(gone)
    stock.require_available(basket.all_lines())
    if priced.method is None:
        raise CannotPlace(_("We do not deliver to this country. Please choose another address."))
    changed = totals.differences(expected, priced.seen()) if expected else []
    if changed:
        raise BasketChanged(changed)


def partner_name(company: Company, channel: Channel, code: str, country: str, basket: Any, now: datetime) -> str:
    """Return the name of the chosen channel partner if it may sell all this there, on this day; '' for direct."""
    if channel == Channel.DIRECT:
        return ""
    classes = facts.product_classes(line.product for line in basket.all_lines())
    choices = api.partner_choices(company_key=str(company.key), country=country, product_classes=classes, at=now)
    for choice in choices:
        if choice.card.code == code:
            return choice.card.name
    card = api.partner_card(code=code)
    raise PartnerUnavailable(card.name if card else _("This partner"))


def _create(priced: totals.Totals, purchase: Purchase, *, user: Any, address: Any, now: datetime) -> Order:
    try:
        return OrderCreator().place_order(
            basket=priced.basket,
            total=Price(currency=priced.currency, excl_tax=priced.total_excl_tax, incl_tax=priced.total_incl_tax),
            shipping_method=priced.method,
            shipping_charge=priced.charge,
            user=user,
            shipping_address=_copy(address, ShippingAddress),
            billing_address=_copy(address, BillingAddress),
            date_placed=now,
            before_stock=partial(_record, priced=priced, purchase=purchase),
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


def _record(order: Order, *, priced: totals.Totals, purchase: Purchase) -> None:
    order.purchase = PurchaseDetails.objects.create(
        order=order,
        company=purchase.company,
        location=purchase.location,
        cost_centre=purchase.cost_centre,
        public_ref=numbers.public_reference(),
        channel=purchase.channel,
        medium=purchase.medium,
        partner_code=purchase.partner_code,
        partner_name=purchase.partner_name,
        purchase_order_number=purchase.purchase_order_number,
        cycle=purchase.cycle,
        country=purchase.country,
        payment_terms_days=(purchase.location or purchase.company).terms_days,
        vat_rate=priced.tax.rate,
        tax_code=priced.tax.code,
    )
    participants.fill(order=order, buyer=purchase.buyer, placed_by=purchase.placed_by)
    _record_terms(order, priced.basket, purchase.subscription_keys)
    configured_lines.freeze(order=order, basket=priced.basket)
    follow_ups.start(order=order, now=order.date_placed)
    api.record_order(facts.placed_order(order, visitor_key=purchase.visitor_key, site_mode=purchase.site_mode))
    if priced.basket.till is not None:
        priced.basket.till.keep(order_number=order.number, at=order.date_placed, actor_id=order.user_id)


def _record_terms(order: Order, basket: Any, subscription_keys: Sequence[str]) -> None:
    """Give each subscription line its term and the key that its renewals will carry on."""
    terms = facts.term_months(line.product for line in basket.all_lines())
    if not terms:
        return
    details = []
    for position, line in enumerate(order.lines.order_by("pk"), start=1):
        if line.product_id in terms:
            given = subscription_keys[position - 1] if subscription_keys else ""
            key = given or facts.line_key(order, position)
            details.append(LineDetails(line=line, term_months=terms[line.product_id], subscription_key=key))
    LineDetails.objects.bulk_create(details)
