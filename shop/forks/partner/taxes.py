"""Oscar's flat tax, rounded; `strategy` offers it under Oscar's name."""

from decimal import ROUND_HALF_UP
from decimal import Decimal as D

from oscar.apps.partner import strategy


class FixedRateTax(strategy.FixedRateTax):
    """Oscar's gives four decimals, which an order's two-decimal columns cut off: round to the currency, half-up."""

    exponent = D("0.01")

    def pricing_policy(self, product, stockrecord):
        price = super().pricing_policy(product, stockrecord)
        if price.exists:
            price.tax = self._rounded(product, stockrecord)
        return price

    def parent_pricing_policy(self, product, children_stock):
        price = super().parent_pricing_policy(product, children_stock)
        if price.exists:
            first = next(stockrecord for _child, stockrecord in children_stock if stockrecord is not None)
            price.tax = self._rounded(product, first)
        return price

    def _rounded(self, product, stockrecord):
        tax = stockrecord.price * self.get_rate(product, stockrecord)
        return tax.quantize(self.get_exponent(stockrecord), rounding=ROUND_HALF_UP)
