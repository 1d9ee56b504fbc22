"""Oscar offers of the demo store: a few that a buyer will meet."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Product

from shop.demo.catalogue_file import read
from shop.demo.loaders.clock import Clock
from shop.forks.offer.models import Benefit, Condition, ConditionalOffer, Range


def load(products: dict[str, Product], *, clock: Clock) -> int:
    rows = read("catalogue/offers.toml")["offer"]
    for priority, row in enumerate(rows):
        _offer(row, products, clock=clock, priority=len(rows) - priority)
    return len(rows)


def _offer(row: dict[str, Any], products: dict[str, Product], *, clock: Clock, priority: int) -> None:
    condition = Condition.objects.create(
        range=_range(f"{row['name']}: what must be bought", row["condition_skus"], products),
        type=Condition.COUNT,
        value=Decimal(row["condition_count"]),
    )
    benefit = Benefit.objects.create(
        range=_range(f"{row['name']}: what gets cheaper", row["benefit_skus"], products),
        type=Benefit.PERCENTAGE,
        value=Decimal(row["percent"]),
        max_affected_items=row.get("max_items"),
    )
    ConditionalOffer.objects.create(
        name=row["name"],
        description=row["description"],
        offer_type=ConditionalOffer.SITE,
        condition=condition,
        benefit=benefit,
        priority=priority,
        start_datetime=clock.ago(20),
        end_datetime=clock.now + timedelta(days=120),
    )


def _range(name: str, skus: Iterable[str], products: dict[str, Product]) -> Range:
    made = Range.objects.create(name=name)
    for sku in skus:
        made.add_product(products[sku])
    return made
