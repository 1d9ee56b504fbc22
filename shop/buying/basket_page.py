"""What the basket page shows, read from an already priced basket: no query per line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from oscar.templatetags.currency_filters import currency as money

from shop.companies.models import Membership
from shop.forks.partner.strategy import SignInFirst
from shop.fulfilment.selectors import free_delivery_from
from shop.offering.quantities import rule_of
from shop.pricing.engine.ladders import Origin
from shop.pricing.resolver import ResolvedPrice
from shop.tax.baskets import tax_basket
from shop.tax.engine.rounding import RateTotal

NUDGE_WITHIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketRow:
    """One line as it is shown."""

    id: int
    product_id: int
    title: str
    sku: str
    href: str
    image_url: str
    options: str
    quantity: int
    most: int | None
    unit_price: Decimal | None
    net_before: Decimal | None
    net: Decimal | None
    stock_state: str
    stock_text: str
    problem: str
    note: str
    nudge: str
    resolved: ResolvedPrice | None
    low: int
    step: int

    @property
    def id_text(self) -> str:
        return str(self.id)

    @property
    def is_discounted(self) -> bool:
        return self.net is not None and self.net != self.net_before


def rows(basket: Any, *, refused: Mapping[int, str] | None = None) -> list[BasketRow]:
    """Return the basket's lines; `refused` holds the reasons for quantities just refused, by line."""
    return [_row(line, (refused or {}).get(line.pk, "")) for line in basket.all_lines()]


def _row(line: Any, refused: str) -> BasketRow:
    info = line.purchase_info
    has_price = info.price.exists
    state, text = _stock(line, info.availability)
    rule = rule_of(line.product)
    return BasketRow(
        id=line.pk,
        product_id=line.product_id,
        title=line.product.get_title(),
        sku=line.stockrecord.partner_sku,
        href=line.product.get_absolute_url(),
        image_url=image_url(line.product),
        options=line.configuration.words if line.configuration else "",
        quantity=line.quantity,
        most=getattr(info.availability, "num_available", None),
        unit_price=info.price.excl_tax if has_price else None,
        net_before=line.line_price_excl_tax if has_price else None,
        net=line.line_price_excl_tax_incl_discounts if has_price else None,
        stock_state=state,
        stock_text=text,
        problem=refused or _problem(line, info),
        note=line.quantity_note or (_price_note(line, info) if has_price else ""),
        nudge=_nudge(line, info),
        resolved=explained(info),
        low=rule.lowest,
        step=rule.step,
    )


def image_url(product: Any) -> str:
    images = list(product.images.all()) or (list(product.parent.images.all()) if product.parent_id else [])
    return images[0].original.url if images and images[0].original else ""


def _stock(line: Any, availability: Any) -> tuple[str, str]:
    if not line.product.get_product_class().track_stock:
        return "service", ""
    left = getattr(availability, "num_available", 0)
    if left <= 0:
        return "out", ""
    return ("low", _("Only %(left)d left") % {"left": left}) if left < 10 else ("in", "")


def _problem(line: Any, info: Any) -> str:
    if line.configuration is None:
        return _("No longer offered to you like this. Remove it, and choose again on its page.")
    if isinstance(info.availability, SignInFirst):
        return str(info.availability.message)
    if not line.product.is_public or not info.price.exists:
        return _("No longer available. Remove it to go on.")
    if line.quantity_problem:
        return str(line.quantity_problem)
    if info.availability.is_purchase_permitted(line.quantity)[0]:
        return ""
    left = getattr(info.availability, "num_available", 0)
    if left > 0:
        return _("Only %(left)d in stock. Lower the quantity to go on.") % {"left": left}
    return _("Sold out. Remove it to go on.")


def _price_note(line: Any, info: Any) -> str:
    """Tell about a price that changed since the line was added."""
    before, now = line.price_excl_tax, info.price.excl_tax
    if before is None or before == now:
        return ""
    values = {"before": money(before, line.price_currency), "now": money(now, info.price.currency)}
    if now > before:
        return _("The price rose from %(before)s to %(now)s since you added this.") % values
    return _("The price fell from %(before)s to %(now)s since you added this.") % values


def explained(info: Any) -> ResolvedPrice | None:
    """Return the price when there is something to tell about it: a list price explains itself."""
    resolved = getattr(info.price, "resolved", None)
    return resolved if resolved and resolved.source != Origin.STOCK_RECORD else None


def _nudge(line: Any, info: Any) -> str:
    """Tell of a lower price within reach: ten more, or twice as many, and no more than there are."""
    resolved: ResolvedPrice | None = getattr(info.price, "resolved", None)
    if resolved is None or (step := resolved.next_saving) is None:
        return ""
    missing = step.quantity - line.quantity
    if missing > max(NUDGE_WITHIN, line.quantity) or not info.availability.is_purchase_permitted(step.quantity)[0]:
        return ""
    surcharge = info.price.excl_tax - resolved.amount
    values = {"missing": missing, "price": money(step.amount + surcharge, resolved.currency)}
    return _("Add %(missing)d more and pay %(price)s each.") % values


@dataclass(frozen=True, slots=True)
class EstimatedTax:
    """What a basket's goods bear per rate, as if they went to the buyer's own country, and what they cost with it."""

    by_rate: tuple[RateTotal, ...]
    gross: Decimal


def estimated_tax(basket: Any, *, membership: Membership | None, today: date) -> EstimatedTax | None:
    """Return the tax before delivery is chosen; None for visitors, about whom nothing is known, and without prices."""
    priced = all(line.purchase_info.price.exists for line in basket.all_lines())
    if not membership or not priced:  # a lazy object around None, for a visitor
        return None
    tax = tax_basket(basket, company=membership.company, location=membership.location, on=today)
    tax.settle(basket, None)
    return EstimatedTax(tax.by_rate, basket.total_incl_tax)


def until_free_delivery(basket: Any, *, country: str) -> Decimal | None:
    """Return what is missing for free delivery to a country; 0 when reached, None when nothing is shipped, or never free."""
    if not basket.is_shipping_required():
        return None
    company_key = basket.strategy.context.company_key
    free_from = free_delivery_from(company_key=company_key, country=country, currency=basket.currency)
    return None if free_from is None else max(Decimal(0), free_from - basket.total_excl_tax)
