"""What a subscription's next period costs, and why: asked of the one price resolver, for the day of the renewal."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from shop.offering.configuration import options_of
from shop.offering.errors import NotOffered
from shop.offering.selectors import answers_of, configuration
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin
from shop.pricing.resolver import PriceQuestion, resolve_prices
from shop.subscriptions.engine.prices import Rise, Rule, proposed
from shop.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPrice:
    """The net price of one unit for the next interval. `amount` None: it cannot be renewed as it is.

    `is_contract`: the company agreed to it when it signed, so that a rise is no news.
    """

    amount: Decimal | None
    why: str
    is_contract: bool = False


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins: the date of what falls due on it."""
    return datetime.combine(day, time(), tzinfo=UTC)


def options_for(subscription: Subscription, product: Any) -> list[dict[str, Any]]:
    """Return the options that it was configured with; another product is bought plain."""
    if product.pk != subscription.product_id or product.pk != subscription.first_line.product_id:
        return []
    return options_of(answers_of(subscription.first_line))


def next_price(
    subscription: Subscription, *, on: date | None = None, product: Any = None, quantity: int | None = None
) -> NextPrice:
    """Return the price from the renewal on a day (the next one) on, of the product and quantity it has, or of others."""
    day = on or subscription.next_due_on
    wanted = product or subscription.product
    units = subscription.quantity if quantity is None else quantity
    plan, is_same = subscription.plan, wanted.pk == subscription.product_id
    until = subscription.committed_until
    if is_same and until is not None and day < until:
        text = _("Locked until %(day)s.") % {"day": date_format(until, "j F Y")}
        return NextPrice(amount=subscription.unit_price, why=text)
    if not wanted.is_public:
        return NextPrice(amount=None, why=_("This product is no longer offered."))
    if is_same and plan.price_rule != Rule.LIST:
        amount = proposed(rise_of(subscription), old=subscription.unit_price, of_day=None)
        if plan.price_rule == Rule.FIXED:
            return NextPrice(amount=amount, why=_("The price that was agreed first."))
        percent = f"{Decimal(plan.uplift_bp) / 100:f}"
        return NextPrice(amount=amount, why=_("Raised by %(percent)s %% as agreed.") % {"percent": percent})
    return price_of_day(subscription, product=wanted, quantity=units, on=day)


def price_of_day(subscription: Subscription, *, product: Any, quantity: int, on: date) -> NextPrice:
    """Return what the company pays for a product on a day, its configuration included."""
    company_key = str(subscription.company.key)
    context = PriceContext(company_key=company_key, currency=subscription.currency, at=midnight(on))
    record = product.stockrecords.order_by("pk").first()
    question = PriceQuestion(key=0, product=product, stockrecord=record, quantity=quantity)
    found = resolve_prices(context=context, questions=[question]).get(0)
    if found is None:
        return NextPrice(amount=None, why=_("There is no price for this product any more."))
    surcharge = Decimal(0)
    if options := options_for(subscription, product):
        try:
            chosen = configuration(product, options, company_key=company_key)
        except NotOffered as refusal:
            return NextPrice(amount=None, why=str(refusal))
        if chosen.surcharge and chosen.currency != subscription.currency:
            return NextPrice(amount=None, why=_("This product is no longer offered as it was configured."))
        surcharge = chosen.surcharge
    return NextPrice(amount=found.amount + surcharge, why=found.why, is_contract=found.source == Origin.CONTRACT)


def rise_of(subscription: Subscription) -> Rise:
    plan = subscription.plan
    return Rise(rule=plan.price_rule, uplift_bp=plan.uplift_bp, cap_bp=plan.cap_bp)
