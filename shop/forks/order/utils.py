"""Placing an order without overselling and without a number that can be guessed from a basket."""

from django.conf import settings
from django.db import transaction
from oscar.apps.order import utils
from oscar.core.loading import get_model

from shop.buying.errors import OfferGone
from shop.buying.services import numbers, stock

ConditionalOffer = get_model("offer", "ConditionalOffer")
Line = get_model("order", "Line")
LineAttribute = get_model("order", "LineAttribute")
LinePrice = get_model("order", "LinePrice")
OrderLineDiscount = get_model("order", "OrderLineDiscount")


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
            self.lines, self.last_line = [], next(reversed(basket.all_lines()), None)
            order = super().place_order(basket, *args, order_number=number, **kwargs)
            if before_stock:
                before_stock(order)
            stock.allocate(basket.all_lines(), held=held)
        return order

    def create_line_models(self, order, basket_line, extra_line_fields=None):
        """Keep the line until the last one comes, and write all of them then: a query for each kind of row."""
        self.lines.append((self.line_of(order, basket_line), basket_line))
        if basket_line is self.last_line:
            self.write_lines(order)

    def line_of(self, order, line):
        """Return the unsaved row, named by its product and its choices, so that all that is made of it says them too."""
        stock_record, product = line.stockrecord, line.product
        return Line(
            order=order,
            partner=stock_record.partner,
            partner_name=stock_record.partner.name,
            partner_sku=stock_record.partner_sku,
            stockrecord=stock_record,
            product=product,
            title=line.title[: Line._meta.get_field("title").max_length],
            upc=product.upc,
            quantity=line.quantity,
            num_allocated=line.quantity,
            unit_price_excl_tax=line.unit_price_excl_tax,
            unit_price_incl_tax=line.unit_price_incl_tax,
            line_price_excl_tax=line.line_price_excl_tax_incl_discounts,
            line_price_incl_tax=line.line_price_incl_tax_incl_discounts,
            line_price_before_discounts_excl_tax=line.line_price_excl_tax,
            line_price_before_discounts_incl_tax=line.line_price_incl_tax,
            tax_code=line.tax_code,
            status=settings.OSCAR_INITIAL_LINE_STATUS,
        )

    def write_lines(self, order):
        """Write the lines, and below them their prices, choices and parts of the discounts."""
        Line.objects.bulk_create([row for row, _ in self.lines])
        LinePrice.objects.bulk_create(
            LinePrice(
                order=order,
                line=row,
                quantity=quantity,
                price_incl_tax=gross,
                price_excl_tax=net,
                tax_code=line.tax_code,
            )
            for row, line in self.lines
            for gross, net, quantity in line.get_price_breakdown()
        )
        LineAttribute.objects.bulk_create(
            LineAttribute(line=row, option=choice.option, type=choice.option.code, value=choice.value)
            for row, line in self.lines
            for choice in line.attributes.all()
        )
        parts = [(row, part) for row, line in self.lines for part in line.discounts if part.offer]
        given = dict(order.discounts.values_list("offer_id", "pk")) if parts else {}
        OrderLineDiscount.objects.bulk_create(
            OrderLineDiscount(
                line=row, order_discount_id=given[part.offer.pk], is_incl_tax=part.incl_tax, amount=part.amount
            )
            for row, part in parts
            if part.offer.pk in given
        )

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
            offer.condition, offer.benefit = application["offer"].condition, application["offer"].benefit
            application["offer"] = offer

    def update_stock_records(self, line):
        """Do nothing per line: `stock.allocate` takes all at the end, under its guard."""


OrderDispatcher = utils.OrderDispatcher
