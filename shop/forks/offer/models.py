"""Oscar's offers with the same tables; a range answers for a whole basket at once."""

from oscar.apps.offer.abstract_models import AbstractRange

from .membership import contains


class Range(AbstractRange):
    def contains_product(self, product):
        if self.proxy_class:
            return super().contains_product(product)
        known = contains(self, product)
        return super().contains_product(product) if known is None else known

    def excludes_something(self):
        return self.excluded_products.exists() or self.excluded_categories.exists()


from oscar.apps.offer.models import *
