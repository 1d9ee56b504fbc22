"""Oscar's basket with the same tables: lines loaded once, priced in bulk, taxed per line, safe once frozen."""

from decimal import Decimal as D

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from oscar.apps.basket.abstract_models import AbstractBasket, AbstractLine
from oscar.core.utils import round_half_up_two_dec

from shop.offering import quantities
from shop.offering.lines import OfferedBasket, OfferedLine
from shop.tax.lines import TaxedBasket, TaxedLine


class Basket(TaxedBasket, OfferedBasket, AbstractBasket):
    # What the undercut guard said when the offers were applied.
    till = None
    # Pages show them; a basket that is being ordered leaves them where they are.
    has_images = True

    def all_lines(self):
        """Return the lines with all that a page needs, in a constant number of queries, fitted and priced.

        A stored quantity that the product's rule no longer allows is corrected here, in memory: a look at a page
        writes nothing, and an order is made of these lines.
        """
        if self.id is None:
            return super().all_lines()
        if self._lines is None:
            images = ("product__images", "product__parent__images") if self.has_images else ()
            self._lines = (
                self.lines.select_related(
                    "product__product_class",
                    "product__parent__product_class",
                    "stockrecord__partner",
                    *quantities.JOINS,
                )
                .prefetch_related("attributes__option", *images)
                .order_by(self._meta.pk.name)
            )
            lines = list(self._lines)
            if self.has_quantity_rules and self.can_be_edited:
                quantities.fit(lines)
            self._price(lines)
        return self._lines

    def _price(self, lines):
        if self.has_strategy and hasattr(self.strategy, "fetch_for_lines"):
            infos = self.strategy.fetch_for_lines(lines)
            for line in lines:
                line._info = infos[line.pk]

    def add_product(self, product, quantity=1, options=None):
        """Add under a lock: a product must not slip into a basket that is being ordered at this moment."""
        if not self.id:
            self.save()
        with transaction.atomic():
            status = type(self).objects.select_for_update().values_list("status", flat=True).get(pk=self.pk)
            if status not in self.editable_statuses:
                raise PermissionDenied(_("You cannot modify a %s basket") % (status.lower(),))
            line, created = super().add_product(product, quantity, options)
            line.configuration = self._chosen
            before = line.quantity - quantity
            if self.has_quantity_rules:
                self.fit(line, before=before)
            line.added = line.quantity - before
            return line, created

    add = add_product

    def merge(self, basket, add_quantities=True):
        super().merge(basket, add_quantities)
        self._lines = None


class Line(TaxedLine, OfferedLine, AbstractLine):
    def delete(self, *args, **kwargs):
        """Refuse on a basket that is being ordered or has been: Oscar's own guard covers save() alone."""
        if not self.basket.can_be_edited:
            raise PermissionDenied(_("You cannot modify a %s basket") % (self.basket.status.lower(),))
        return super().delete(*args, **kwargs)

    def discount(self, discount_value, affected_quantity, incl_tax=True, offer=None):
        """Quantise each discount, so that what the lines lost is exactly what the offer says it gave."""
        super().discount(round_half_up_two_dec(D(discount_value)), affected_quantity, incl_tax, offer)

    def get_price_breakdown(self):
        """Return one row: the average price of a unit after discounts."""
        net = round_half_up_two_dec(self.line_price_excl_tax_incl_discounts / self.quantity)
        gross = round_half_up_two_dec(self.line_price_incl_tax_incl_discounts / self.quantity)
        return [(gross, net, self.quantity)]


from oscar.apps.basket.models import *
