"""Placing an order without overselling and without a number that can be guessed from a basket."""

from django.db import transaction
from oscar.apps.order import utils
from oscar.core.loading import get_model

from shop.buying.errors import OfferGone
from shop.buying.services import numbers, stock

ConditionalOffer = get_model("offer", "ConditionalOffer")
Line = get_model("order", "Line")
LinePrice = get_model("order", "LinePrice")


class OrderNumberGenerator:
    def order_number(self, basket):
        """Take the next number of the sequence; Oscar's is 100000 + basket id, which leaks and can be guessed."""
        return numbers.next_number()


class OrderCreator(utils.OrderCreator):
    def place_order(self, basket, *args, before_stock=None, order_number=None, held=stock.NONE, **kwargs):
        """Place the order or raise; the order of locks is: basket (the caller's), order, offers by pk, stock by pk.

        `before_stock(order)` writes what belongs to the order in the same transaction. Stock comes last, so that the
        rows everyone wants are held for a moment only; what is `held` for this order is taken already.
        """
        with transaction.atomic(savepoint=False):  # whoever places an order undoes all of it or nothing
            self.lock_offers(basket)
            number = order_number or OrderNumberGenerator().order_number(basket)
            self.prices = []
            order = super().place_order(basket, *args, order_number=number, **kwargs)
            LinePrice.objects.bulk_create(self.prices)
            if before_stock:
                before_stock(order)
            stock.allocate(basket.all_lines(), held=held)
        return order

    def create_line_models(self, order, basket_line, extra_line_fields=None):
        """Name the line by its product and its choices, so that all that is made of it says them too."""
        longest = Line._meta.get_field("title").max_length
        return super().create_line_models(
            order, basket_line, {**(extra_line_fields or {}), "title": basket_line.title[:longest]}
        )

    def create_line_price_models(self, order, order_line, basket_line):
        """Keep the line's prices for one INSERT of all lines."""
        self.prices += [
            LinePrice(
                order=order,
                line=order_line,
                quantity=quantity,
                price_incl_tax=gross,
                price_excl_tax=net,
                tax_code=basket_line.tax_code,
            )
            for gross, net, quantity in basket_line.get_price_breakdown()
        ]

    def lock_offers(self, basket):
        """Lock the offers used and check their caps again: another order may have taken the last one meanwhile."""
        used = {application["offer"].pk: application for application in basket.offer_applications}
        if not used:
            return
        for offer in ConditionalOffer.objects.select_for_update().filter(pk__in=used).order_by("pk"):
            application = used[offer.pk]
            if application["freq"] > offer.get_max_applications(basket.owner):
                raise OfferGone(offer.name)
            offer.set_voucher(application["voucher"])
            application["offer"] = offer

    def update_stock_records(self, line):
        """Do nothing per line: `stock.allocate` takes all at the end, under its guard."""


OrderDispatcher = utils.OrderDispatcher
