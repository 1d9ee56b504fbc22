"""What a basket costs right now: recomputed by the server each time it matters, and comparable with what was shown."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from oscar.core.prices import Price

from shop.companies.models import Company, Location
from shop.forks.offer.applicator import Applicator
from shop.forks.partner.strategy import Selector
from shop.forks.shipping.repository import Repository
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Tier
from shop.pricing.resolver import ResolvedPrice
from shop.tax.baskets import BasketTax, tax_basket


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line as the buyer saw it; amounts are text, so that they survive signing and JSON unchanged.

    `title` tells two lines of one product apart: it names the choices.
    """

    product_id: int
    title: str
    quantity: int
    net: str


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the buyer agreed to on the review page."""

    lines: tuple[SeenLine, ...]
    currency: str
    shipping_code: str
    shipping_net: str
    tax: str
    total: str

    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Seen":
        return cls(**{**data, "lines": tuple(SeenLine(**line) for line in data["lines"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What was agreed on before the money was taken; the order keeps to it, whatever the lists say by then."""

    at: datetime
    units: Mapping[int, Decimal]  # the net price of a unit, by the basket line's pk
    shipping_net: Decimal
    location_id: int | None


@dataclass(slots=True)
class Totals:
    """A priced basket with its shipping and tax."""

    basket: Any
    methods: list
    method: Any
    charge: Any
    tax: BasketTax
    currency: str

    @property
    def net(self) -> Decimal:
        return self.basket.total_excl_tax

    @property
    def discount(self) -> Decimal:
        return self.basket.total_excl_tax_excl_discounts - self.basket.total_excl_tax

    @property
    def total_excl_tax(self) -> Decimal:
        return self.net + self.charge.excl_tax

    @property
    def total_incl_tax(self) -> Decimal:
        return self.basket.total_incl_tax + self.charge.incl_tax

    @property
    def total_tax(self) -> Decimal:
        return self.total_incl_tax - self.total_excl_tax

    def seen(self) -> Seen:
        return Seen(
            lines=tuple(
                SeenLine(
                    line.product_id,
                    line.title,
                    line.quantity,
                    str(line.line_price_excl_tax_incl_discounts),
                )
                for line in self.basket.all_lines()
            ),
            currency=self.currency,
            shipping_code=self.method.code,
            shipping_net=str(self.charge.excl_tax),
            tax=str(self.total_tax),
            total=str(self.total_incl_tax),
        )


def compute(
    basket: Any,
    *,
    company: Company | None,
    user: Any,
    now: datetime,
    country: str = "",
    shipping_address: Any = None,
    shipping_code: str = "",
    has_offers: bool = True,
    location: Location | None = None,
    agreed: Agreed | None = None,
) -> Totals:
    """Price the basket for the company, apply offers once, add VAT and shipping. Changes the basket in memory only.

    `agreed` prices of units and delivery stand above those of the day.

    An unknown shipping code gives the first method that serves the country; without any, `method` is None.
    """
    if not basket.has_strategy:
        basket.strategy = Selector().strategy(
            context=PriceContext(company_key=str(company.key) if company else "", at=now)
        )
    if agreed:
        _keep_prices(basket, agreed.units)
    if has_offers:
        if len(basket.offer_applications):
            basket.reset_offer_applications()  # reads the lines again, so only when there is something to forget
        Applicator().apply(basket, user)
    tax = tax_basket(
        basket,
        company=company,
        on=timezone.localdate(now),
        location=location,
        ship_to=shipping_address.country_id if shipping_address else "",
        country=country,
    )
    methods = Repository().get_shipping_methods(basket, shipping_addr=shipping_address, country=country)
    method = next((method for method in methods if method.code == shipping_code), methods[0] if methods else None)
    return Totals(
        basket=basket,
        methods=methods,
        method=method,
        charge=tax.settle(basket, _charge(method, basket, agreed) if method else None),
        tax=tax,
        currency=basket.currency,
    )


def _keep_prices(basket: Any, units: Mapping[int, Decimal]) -> None:
    """Give the lines the unit prices that were agreed on; what is no longer sold at any price stays without."""
    for line in basket.all_lines():
        price = line.purchase_info.price
        if price.exists and price.excl_tax != units[line.pk]:
            net = units[line.pk] - price.surcharge
            resolved = ResolvedPrice(tier=Tier(net), currency=price.currency, source=Origin.QUOTE)
            line._info = line.purchase_info._replace(price=type(price)(resolved, surcharge=price.surcharge))


def _charge(method: Any, basket: Any, agreed: Agreed | None) -> Price:
    charge = method.calculate(basket)
    return Price(currency=charge.currency, excl_tax=agreed.shipping_net, tax=Decimal(0)) if agreed else charge


def differences(seen: Seen, current: Seen) -> list[str]:
    """Say in words, line by line, how the order differs from what the buyer saw; nothing when it does not."""
    if seen == current:
        return []
    before = {(line.product_id, line.title): line for line in seen.lines}
    after = {(line.product_id, line.title): line for line in current.lines}
    found = [
        _("“%(title)s” is no longer in the basket.") % {"title": line.title}
        for key, line in before.items()
        if key not in after
    ]
    for key, line in after.items():
        found += _line_differences(before.get(key), line, current.currency)
    if seen.shipping_code != current.shipping_code:
        found.append(_("The delivery method you chose is no longer offered."))
    elif seen.shipping_net != current.shipping_net:
        found.append(_("The delivery charge has changed."))
    return found or [_("The total has changed.")]


def _line_differences(before: SeenLine | None, after: SeenLine, currency: str) -> list[str]:
    values = {"title": after.title, "now": f"{after.net} {currency}"}
    if before is None:
        return [_("“%(title)s” was added to the basket.") % values]
    if before.quantity != after.quantity:
        values |= {"before": str(before.quantity), "quantity": str(after.quantity)}
        return [_("“%(title)s”: the quantity changed from %(before)s to %(quantity)s.") % values]
    if before.net != after.net:
        values |= {"before": f"{before.net} {currency}"}
        return [_("“%(title)s”: the price changed from %(before)s to %(now)s.") % values]
    return []
