"""What an order would be, worked out under the basket's lock: everything that placing it requires, or the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order

from channels import api
from channels.contracts import Channel
from shop import facts
from shop.buying import totals
from shop.buying.errors import (
    AlreadyOrdered,
    BasketChanged,
    CannotPlace,
    DeliveryMissing,
    PartnerUnavailable,
    PaymentUnderway,
)
from shop.buying.models import CheckoutAttempt
from shop.buying.services import entitlement, reservations, stock
from shop.buying.services.routes import require_route
from shop.buying.wishes import OrderedLine, Wish
from shop.companies.models import CostCentre, Location, Membership
from shop.companies.services import spending
from shop.forks.basket.models import Basket
from shop.forks.partner.strategy import Selector
from shop.fulfilment.services import requested
from shop.offering import selectors as offering
from shop.pricing.contexts import PriceContext
from shop.segments.engine.visibility import NOTHING
from shop.segments.selectors import Standing, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An order that can be placed now, as long as the transaction lasts."""

    wish: Wish
    priced: totals.Totals
    address: Any  # None: nothing is shipped
    country: str
    location: Location | None
    cost_centre: CostCentre | None
    partner_name: str
    site_mode: str
    subscription_keys: tuple[str | None, ...]
    held: dict[int, int]  # units by stock record, reserved for this order


def prepare(
    wish: Wish,
    *,
    now: datetime,
    basket: Any = None,
    lines: Sequence[OrderedLine] = (),
    attempt: CheckoutAttempt | None = None,
) -> Prepared:
    """Lock, price and check, or raise CannotPlace. Must run inside the transaction that goes on with the result.

    `attempt` is the one that froze the basket and holds stock for it.
    """
    membership = entitlement.require_permission(wish)
    standing = standing_of(str(wish.company.key), at=now)
    require_route(standing, channel=wish.channel, cycle=wish.cycle)
    basket = _open(wish, basket, lines, attempt=attempt, standing=standing, now=now)
    address = wish.shipping_address if basket.is_shipping_required() else None
    if address is None and basket.is_shipping_required():
        raise DeliveryMissing
    country = address.country_id if address else wish.company.country
    if membership and membership.spend_limit is not None:
        membership = spending.lock(membership=membership)
    location = _location(wish, membership)
    priced = totals.compute(
        basket,
        company=wish.company,
        user=wish.user,
        now=wish.agreed.at if wish.agreed else now,
        country=country,
        shipping_address=address,
        shipping_code=wish.shipping_code,
        has_offers=not lines,
        location=location,
        agreed=wish.agreed,
    )
    held = reservations.held_by(attempt) if attempt else {}
    require_sellable(priced, wish, is_basket=not lines, held=held)
    if wish.requested_on and wish.agreed is None:
        require_day(wish.requested_on, priced.method, today=timezone.localdate(now))
    if membership:
        entitlement.require_within_limit(membership, priced, now=now)
    return Prepared(
        wish=wish,
        priced=priced,
        address=address,
        country=country,
        location=location,
        cost_centre=entitlement.cost_centre_for(membership, wish.cost_centre_id),
        partner_name=_partner_name(wish, country, basket, now),
        site_mode=standing.mode,
        subscription_keys=tuple(line.subscription_key for line in lines),
        held=held,
    )


def require_day(requested_on: str, method: Any, *, today: date) -> None:
    """Raise when the goods can no longer come on the day that was asked for."""
    if why := requested.problem_with(date.fromisoformat(requested_on), today=today, first_day=method.first_day):
        raise CannotPlace(why)


def _open(
    wish: Wish,
    basket: Any,
    lines: Sequence[OrderedLine],
    *,
    attempt: CheckoutAttempt | None,
    standing: Standing,
    now: datetime,
) -> Any:
    """Return the basket with the prices of the company and the moment."""
    strategy = Selector().strategy(context=PriceContext(company_key=str(wish.company.key), at=now))
    strategy.hidden = NOTHING if lines else standing.hidden  # what is named without a basket was agreed before
    found = (
        basket_from(lines, strategy=strategy)
        if basket is None
        else lock_basket(basket, user=wish.owner, attempt=attempt)
    )
    found.strategy = strategy
    return found


def lock_basket(basket: Any, *, user: Any, attempt: CheckoutAttempt | None = None) -> Any:
    """Return the basket fresh and locked.

    An ordered one raises AlreadyOrdered with its order, one that another attempt pays for PaymentUnderway.
    """
    fresh = Basket.objects.select_for_update().prefetch_related("vouchers").get(pk=basket.pk)
    fresh.has_images = False
    if fresh.status == Basket.SUBMITTED:
        order = Order.objects.filter(basket=fresh).first()
        if order is not None:
            raise AlreadyOrdered(order)
    is_own = user is None or fresh.owner_id == user.pk
    if is_own and fresh.status == Basket.FROZEN and attempt is None:
        paying = fresh.attempts.filter(state__in=CheckoutAttempt.OPEN, expires_at__isnull=False).first()
        if paying is not None:
            raise PaymentUnderway(paying)
    wanted = Basket.OPEN if attempt is None else Basket.FROZEN
    if fresh.status != wanted or not is_own:
        raise CannotPlace(_("This basket can no longer be ordered."))
    if user is not None:
        fresh.owner = user  # offers ask for it, and it is at hand
    return fresh


def basket_from(lines: Sequence[OrderedLine], *, strategy: Any) -> Any:
    """Return a basket of nobody's that holds the lines, with their own prices where given."""
    basket = Basket.objects.create()
    basket.strategy = strategy
    basket.has_quantity_rules = False
    for ordered in lines:
        line, _is_new = basket.add_product(ordered.product, ordered.quantity, list(ordered.options))
        if ordered.unit_price is not None:
            strategy.agreed[line.pk] = ordered.unit_price
    return basket


def require_sellable(priced: totals.Totals, wish: Wish, *, is_basket: bool, held: dict[int, int]) -> None:
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
    stock.require_available(basket.all_lines(), held=held)
    if priced.method is None:
        raise CannotPlace(_("We do not deliver to this country. Please choose another address."))
    changed = _changes(priced, wish)
    if changed:
        raise BasketChanged(changed)


def _changes(priced: totals.Totals, wish: Wish) -> list[str]:
    """Say how the order differs from what the buyer saw; once that is agreed on, only another total matters."""
    if wish.expected is None:
        return []
    current = priced.seen()
    if wish.agreed and (current.total, current.currency) == (wish.expected.total, wish.expected.currency):
        return []
    return totals.differences(wish.expected, current)


def _location(wish: Wish, membership: Membership | None) -> Location | None:
    if wish.agreed is None:
        return entitlement.location_for(membership, wish.shipping_address)
    return Location.objects.filter(pk=wish.agreed.location_id).first() if wish.agreed.location_id else None


def _partner_name(wish: Wish, country: str, basket: Any, now: datetime) -> str:
    """Return the name of the chosen channel partner if it may sell all this there, on this day; '' for direct."""
    if wish.channel == Channel.DIRECT:
        return ""
    classes = facts.product_classes(line.product for line in basket.all_lines())
    choices = api.partner_choices(company_key=str(wish.company.key), country=country, product_classes=classes, at=now)
    for choice in choices:
        if choice.card.code == wish.chosen_partner:
            return choice.card.name
    card = api.partner_card(code=wish.chosen_partner)
    raise PartnerUnavailable(card.name if card else _("This partner"))
