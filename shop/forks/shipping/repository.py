"""Which ways of delivery a basket has."""

from oscar.apps.shipping import repository

from .methods import Express, NoShippingRequired, Standard


class Repository(repository.Repository):
    methods = (Standard(), Express())

    def get_shipping_methods(self, basket, shipping_addr=None, country="", **kwargs):
        """Return none needed for a digital basket, else the methods that serve the address' (or given) country."""
        if not basket.is_shipping_required():
            return [NoShippingRequired()]
        self.country = shipping_addr.country_id if shipping_addr else country
        return super().get_shipping_methods(basket, shipping_addr=shipping_addr, **kwargs)

    def get_available_shipping_methods(self, basket, shipping_addr=None, **kwargs):
        country = self.country
        return [method.to(country) for method in self.methods if method.serves(country)]
