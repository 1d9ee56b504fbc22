"""What a basket and its lines know of taxes: in memory alone, the order keeps the result."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from shop.tax.engine.rounding import tax_on
from shop.tax.engine.sales import Treatment

ZERO = Decimal("0.00")


class TaxedBasket:
    """Mixin of the basket."""

    def apply_taxes(self: Any, treatments: Iterable[Treatment]) -> None:
        """Tax every line from here on, each by its own treatment."""
        for line, treatment in zip(self.all_lines(), treatments, strict=False):
            line.treatment = treatment
            line.tax_code = treatment.reason
            line.tax_share = None


class TaxedLine:
    """Mixin of a basket's line. Gross prices are net until the basket is taxed."""

    treatment: Treatment | None = None
    # Its tax in cents once the whole basket was taxed: rounding per invoice moves cents between lines.
    tax_share: Decimal | None = None
    unit_price_excl_tax: Decimal | None
    line_price_excl_tax: Decimal
    line_price_excl_tax_incl_discounts: Decimal

    def _with_tax(self, net: Decimal | None) -> Decimal | None:
        if net is None:
            return None
        return net + (tax_on(net, self.treatment.rate) if self.treatment else ZERO)

    @property
    def unit_price_incl_tax(self) -> Decimal | None:
        return self._with_tax(self.unit_price_excl_tax)

    @property
    def line_price_incl_tax(self) -> Decimal | None:
        net = self.line_price_excl_tax
        is_shared = self.tax_share is not None and net == self.line_price_excl_tax_incl_discounts
        return self.line_price_incl_tax_incl_discounts if is_shared else self._with_tax(net)

    @property
    def line_price_incl_tax_incl_discounts(self) -> Decimal | None:
        net = self.line_price_excl_tax_incl_discounts
        return self._with_tax(net) if self.tax_share is None else net + self.tax_share
