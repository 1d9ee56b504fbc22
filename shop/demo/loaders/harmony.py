"""Prices that partners pay, the guard at work on the demo's offers, and what selling costs."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Product
from oscar.apps.partner.models import StockRecord

from shop.demo.catalogue_file import read
from shop.demo.loaders import channel_desk
from shop.demo.loaders.clock import Clock
from shop.facts import product_class_word
from shop.forks.offer.models import ConditionalOffer
from shop.pricing.guard import PriceChange, Undercut, guard_prices, guarded
from shop.pricing.promotion_guard import guard_offer


def load(*, clock: Clock, products: dict[str, Product], staff: dict[str, Any]) -> None:
    """Agree before the history starts, and let the guard look at the offers."""
    plan = read("harmony.toml")
    channel_desk.agree_on_prices(plan, clock=clock, manager=staff["channel_manager"], listed=_list_prices(products))
    for offer in ConditionalOffer.objects.order_by("pk"):
        guard_offer(offer, at=offer.start_datetime or clock.opening, actor_id=staff["marketer"].pk)


def tried_prices() -> list[dict[str, Any]]:
    return list(read("harmony.toml")["tried"])


def try_price(tried: dict[str, Any], product: Product, staff: dict[str, Any], until: datetime, at: datetime) -> None:
    """Want a price that undercuts: it is prevented, an override is asked for, and one is approved and then saved."""
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
        _save(record, change, tried["label"], at, staff["marketer"])
    except Undercut:
        asked = channel_desk.ask_for_override(
            label=tried["label"], reason=tried["override_reason"], at=at + timedelta(hours=1), by=staff["marketer"],
            until=until,
        )  # fmt: skip
        if reason := tried.get("approved"):
            later = at + timedelta(hours=2)
            channel_desk.approve_override(asked, reason=reason, at=later, by=staff["finance"])
            _save(record, change, tried["label"], later, staff["marketer"])


def _save(record: StockRecord, change: PriceChange, label: str, at: datetime, by: Any) -> None:
    with guarded():
        guard_prices([change], label=label, at=at, actor_id=by.pk)
        StockRecord.objects.filter(pk=record.pk).update(price=change.price)


def _list_prices(products: dict[str, Product]) -> dict[str, Decimal]:
    return {sku: record.price for sku, product in products.items() for record in product.stockrecords.all()}
