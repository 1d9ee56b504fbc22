"""Which ways of delivery a basket has."""

from oscar.apps.shipping import repository

from shop.fulfilment import selectors
from shop.fulfilment.engine.rules import amount

from .methods import NoShippingRequired, RuleMethod


class Repository(repository.Repository):
    def get_shipping_methods(self, basket, shipping_addr=None, country="", **kwargs):
        """Return none needed for a digital basket, else what the rules offer for the address' (or given) country."""
        if not basket.is_shipping_required():
            return [NoShippingRequired()]
        self.country = shipping_addr.country_id if shipping_addr else country
        return super().get_shipping_methods(basket, shipping_addr=shipping_addr, **kwargs)

    def get_available_shipping_methods(self, basket, shipping_addr=None, **kwargs):
        found = selectors.offered(company_key=basket.strategy.context.company_key, country=self.country)
        grams = selectors.grams_of(basket.all_lines()) if any(way.rule.has_weights for way in found) else 0
        steps = [(way, way.rule.charge_for(currency=basket.currency, grams=grams)) for way in found]
        return [RuleMethod(way, amount(step, net=basket.total_excl_tax)) for way, step in steps if step]
