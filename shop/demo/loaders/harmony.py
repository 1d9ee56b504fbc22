"""Prices that partners pay, the guard at work on the demo's offers, and what selling costs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Product

from shop.demo.catalogue_file import read
from shop.demo.loaders import channel_desk
from shop.demo.loaders.clock import Clock
from shop.facts import product_class_word
from shop.forks.offer.models import ConditionalOffer
from shop.pricing.guard import PriceChange, Undercut, guard_prices, guarded
from shop.pricing.promotion_guard import guard_offer


def load(*, clock: Clock, products: dict[str, Product], staff: dict[str, Any]) -> None:
    """Agree before the history starts; let the guard look at the offers, and at a price somebody wanted."""
    plan = read("harmony.toml")
    channel_desk.agree_on_prices(plan, clock=clock, manager=staff["channel_manager"], listed=_list_prices(products))
    for offer in ConditionalOffer.objects.order_by("pk"):
        guard_offer(offer, at=offer.start_datetime or clock.opening, actor_id=staff["marketer"].pk)
    tried = plan["tried"]
    product, at = products[tried["sku"]], clock.ago(tried["days_ago"], hour=14)
    record = product.stockrecords.get()
    change = PriceChange(
        sku=record.partner_sku,
        title=product.get_title(),
        product_class=product_class_word(product.get_product_class().slug),
        price=(record.price * tried["percent_of_list"] / 100).quantize(Decimal("0.01")),
        before=record.price,
        currency=record.price_currency,
    )
    try:
        with guarded():
            guard_prices([change], label=tried["label"], at=at, actor_id=staff["marketer"].pk)
    except Undercut:
        channel_desk.ask_for_override(
            label=tried["label"], reason=tried["override_reason"], at=at + timedelta(hours=1), by=staff["marketer"],
            until=clock.now + timedelta(days=30),
        )  # fmt: skip


def _list_prices(products: dict[str, Product]) -> dict[str, Decimal]:
    return {sku: record.price for sku, product in products.items() for record in product.stockrecords.all()}
