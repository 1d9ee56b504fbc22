"""The fee for leaving a commitment early: an order like any other, of a product that no page shows."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from oscar.apps.catalogue.models import Product, ProductClass
from oscar.apps.partner.models import Partner as Supplier
from oscar.apps.partner.models import StockRecord

from channels.contracts import Channel, Medium
from shop.buying.services import place_order
from shop.companies.models import Company
from shop.forks.order.models import Order
from shop.subscriptions.models import Subscription

CODE = "early-termination-fee"


def charge_fee(subscription: Subscription, *, amount: Decimal, at: datetime) -> Order:
    """Order the fee on invoice. Raises CannotPlace."""
    return place_order.place(
        company=subscription.company,
        user=subscription.user,
        channel=Channel.DIRECT,
        medium=Medium.RENEWAL,
        cycle=subscription.cycle + 1,
        payment_method=Company.PaymentMethod.INVOICE,
        purchase_order_number=subscription.first_line.order.purchase.purchase_order_number,
        now=at,
        lines=[place_order.OrderedLine(product=product(subscription.currency), quantity=1, unit_price=amount)],
    )


def product(currency: str) -> Product:
    """Return what the fee is ordered as, made when it is first needed."""
    kind, _created = ProductClass.objects.get_or_create(
        slug="fee", defaults={"name": "Fee", "requires_shipping": False, "track_stock": False}
    )
    found, _created = Product.objects.get_or_create(
        upc=CODE.upper(), defaults={"title": "Early termination", "product_class": kind, "is_public": False}
    )
    supplier = Supplier.objects.order_by("pk").first() or Supplier.objects.create(name=settings.OSCAR_SHOP_NAME)
    StockRecord.objects.get_or_create(
        product=found, partner=supplier, defaults={"partner_sku": CODE.upper(), "price_currency": currency, "price": 0}
    )
    return found
