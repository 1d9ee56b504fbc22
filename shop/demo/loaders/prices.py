"""Price lists and a contract in the demo store, kept through the same guarded services as at the desk."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from oscar.apps.catalogue.models import Product

from shop.demo.catalogue_file import read
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.companies import Customer
from shop.pricing.models import PriceList
from shop.pricing.services.lists import assign, save_list
from shop.pricing.services.prices import PriceRow, save_contract_prices, save_list_prices
from shop.tax.engine.rounding import CENT


def load(products: dict[str, Product], *, customers: dict[str, Customer], staff: dict[str, Any], clock: Clock) -> None:
    """Keep them after the history, whose orders were placed at list prices."""
    plan, today = read("prices.toml"), timezone.localdate(clock.now)
    for row in plan["list"]:
        made = save_list(price_list=_list(row, today), at=clock.now, by=staff["marketer"])
        rows = list(_rows(row.get("prices", ()), products))
        save_list_prices(price_list=made, rows=rows, at=clock.now, by=staff["marketer"])
        for slug in row["for_companies"]:
            assign(price_list=made, company=customers[slug].company, at=clock.now, by=staff["marketer"])
    for row in plan["contract"]:
        ends = today + timedelta(days=row["ends_in_days"])
        save_contract_prices(
            company=customers[row["company"]].company,
            currency="EUR",
            rows=list(_rows(row["prices"], products, valid_to=ends, reference=row["reference"])),
            at=clock.now,
            by=staff["channel_manager"],
        )


def _list(row: dict[str, Any], today: date) -> PriceList:
    begins = row.get("begins_in_days")
    return PriceList(
        code=row["code"],
        name=row["name"],
        currency=row["currency"],
        priority=row.get("priority", 0),
        parent=PriceList.objects.get(code=row["parent"]) if "parent" in row else None,
        adjust_bp=100 * row.get("adjust_percent", 0),
        valid_from=today + timedelta(days=begins) if begins else None,
    )


def _rows(plan: Any, products: dict[str, Product], **values: Any) -> Iterator[PriceRow]:
    for row in plan:
        product = products[row["sku"]]
        listed = product.stockrecords.get().price
        for quantity, percent in row["tiers"].items():
            price = (listed * Decimal(percent) / 100).quantize(CENT)
            yield PriceRow(product_id=product.pk, price=price, min_quantity=int(quantity), **values)
