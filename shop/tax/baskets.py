"""Taxing a basket: in memory, for the day and the place that it is looked at or ordered for."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from oscar.core.prices import Price

from shop.companies.models import Company, Location
from shop.tax import providers, selectors
from shop.tax.engine.rounding import RateTotal, by_rate, main_treatment, percent_text, shares
from shop.tax.engine.sales import BuyerFacts, Quote, Sale, SaleLine, SellerFacts, Treatment
from shop.tax.notes import note_on


@dataclass(slots=True)
class BasketTax:
    """How a basket is taxed. `settle` fixes the cents, once the delivery's charge is known."""

    seller: SellerFacts
    provider: str
    quote: Quote
    main: Treatment
    by_rate: tuple[RateTotal, ...] = field(default=())

    @property
    def rate(self) -> Decimal:
        return self.main.rate

    @property
    def code(self) -> str:
        return self.main.reason

    @property
    def note(self) -> str:
        return note_on(self.quote.treatments or (self.main,))

    @property
    def percent_text(self) -> str:
        return percent_text(self.rate)

    def settle(self, basket: Any, charge: Price | None) -> Price | None:
        """Give each line its tax, and return the delivery's charge with its own: the shares add up to the total.

        A line that has no price, as what was withdrawn meanwhile, is taxed as nothing.
        """
        lines = basket.all_lines()
        parts = [(line.line_price_excl_tax_incl_discounts or Decimal(0), line.treatment) for line in lines]
        if charge is not None:
            parts.append((charge.excl_tax, self.main))
        taxes = shares(parts, rounding=self.seller.rounding)
        for line, tax in zip(lines, taxes, strict=False):
            line.tax_share = tax
        self.by_rate = by_rate((treatment.rate, net, tax) for (net, treatment), tax in zip(parts, taxes, strict=True))
        if charge is None:
            return None
        return Price(currency=charge.currency, excl_tax=charge.excl_tax, tax=taxes[-1])


def tax_basket(
    basket: Any,
    *,
    company: Company | None,
    on: date,
    location: Location | None = None,
    ship_to: str = "",
    country: str = "",
) -> BasketTax:
    """Ask the provider how the lines are taxed and note it on each. Of a visitor only the `country` is known.

    `ship_to` is where the goods go; until that is known they are taken to go where the buyer is. Raises NoRate.
    """
    found = selectors.rules_in_force()
    buyer = selectors.buyer_facts(company, location, on=on) if company else BuyerFacts(country=country)
    lines = basket.all_lines()
    sale = Sale(
        on=on,
        seller=found.seller,
        buyer=buyer,
        ship_to=ship_to,
        lines=tuple(_sale_line(line, found) for line in lines) or (SaleLine(),),
    )
    provider = providers.provider()
    quote = provider.quote(sale)
    nets = [line.line_price_excl_tax_incl_discounts or Decimal(0) for line in lines] or [Decimal(0)]
    parts = list(zip(nets, quote.treatments, strict=True))
    goods = [part for part, line in zip(parts, sale.lines, strict=True) if line.is_goods]
    basket.apply_taxes(quote.treatments)
    return BasketTax(seller=found.seller, provider=provider.name, quote=quote, main=main_treatment(goods or parts))


def _sale_line(line: Any, found: selectors.Rules) -> SaleLine:
    kind = line.product.get_product_class()
    return SaleLine(is_goods=kind.requires_shipping, code=found.code_of(kind.pk))
