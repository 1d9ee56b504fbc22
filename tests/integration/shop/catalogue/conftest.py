"""A small catalogue: products are made as the dashboard makes them, and indexed when a test says so."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from oscar.apps.catalogue.models import (
    AttributeOption,
    AttributeOptionGroup,
    Category,
    Product,
    ProductAttribute,
    ProductClass,
)
from oscar.apps.partner.models import Partner as Supplier
from oscar.apps.partner.models import StockRecord

from shop.catalogue.services import index

Make = Callable[..., Product]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sensors(db: None) -> Category:
    return Category.add_root(name="Sensors", slug="sensors", description="Instruments that measure.")


@pytest.fixture
def pressure(sensors: Category) -> Category:
    made = sensors.add_child(name="Pressure", slug="pressure")
    sensors.refresh_from_db()
    return made


@pytest.fixture
def hardware(db: None) -> ProductClass:
    """Stock is tracked; protocol and ingress protection are facets."""
    made = ProductClass.objects.create(name="Hardware", slug="hardware", track_stock=True)
    for code, name, kind, options in (
        ("protocol", "Protocol", "multi_option", ("HART", "IO-Link", "None")),
        ("ip_rating", "Ingress protection", "option", ("IP65", "IP67")),
    ):
        group = AttributeOptionGroup.objects.create(name=name, code=code)
        AttributeOption.objects.bulk_create(
            AttributeOption(group=group, option=option, code=f"{code}-{option}") for option in options
        )
        ProductAttribute.objects.create(product_class=made, code=code, name=name, type=kind, option_group=group)
    ProductAttribute.objects.create(product_class=made, code="accuracy", name="Accuracy", type="text")
    ProductAttribute.objects.create(product_class=made, code="lead_days", name="Lead time", type="integer")
    return made


@pytest.fixture
def software(db: None) -> ProductClass:
    """Sold for a term; no stock is kept."""
    made = ProductClass.objects.create(name="Software", slug="software", track_stock=False, requires_shipping=False)
    group = AttributeOptionGroup.objects.create(name="Edition", code="edition")
    AttributeOption.objects.create(group=group, option="Pro", code="edition-pro")
    ProductAttribute.objects.create(
        product_class=made, code="edition", name="Edition", type="option", option_group=group
    )
    ProductAttribute.objects.create(product_class=made, code="term_months", name="Commitment", type="integer")
    return made


@pytest.fixture
def supplier(db: None) -> Supplier:
    return Supplier.objects.create(name="Warehouse", code="warehouse")


def option(code: str, value: str) -> AttributeOption:
    return AttributeOption.objects.get(code=f"{code}-{value}")


@pytest.fixture
def make(supplier: Supplier) -> Make:
    """Make a product with its stock record and attribute values: make(upc, product_class, price=…, stock=…, protocol=[…])."""

    def make_product(upc: str, product_class: ProductClass | None, **facts: Any) -> Product:
        price, stock = facts.pop("price", "100.00"), facts.pop("stock", 50)
        category, values = facts.pop("category", None), facts.pop("values", {})
        facts.setdefault("title", f"Instrument {upc}")
        product = Product.objects.create(upc=upc, product_class=product_class, **facts)
        if category:
            product.categories.add(category)
        if price is not None:
            StockRecord.objects.create(
                product=product, partner=supplier, partner_sku=upc, price_currency="EUR", price=Decimal(price),
                num_in_stock=stock,
            )  # fmt: skip
        for code, value in values.items():
            attribute = ProductAttribute.objects.get(
                code=code, product_class=product_class or product.parent.product_class
            )
            attribute.save_value(product, value)
        return product

    return make_product


@pytest.fixture
def three(make: Make, hardware: ProductClass, pressure: Category) -> list[Product]:
    """Three pressure transmitters, indexed: cheap with HART, middling with IO-Link, dear with both and sold out."""
    hart, link = option("protocol", "HART"), option("protocol", "IO-Link")
    made = [
        make("NP-1", hardware, title="Compact transmitter", price="100.00", category=pressure,
             values={"protocol": [hart], "ip_rating": option("ip_rating", "IP65")}),
        make("NP-2", hardware, title="Display transmitter", price="250.50", category=pressure,
             values={"protocol": [link], "ip_rating": option("ip_rating", "IP67")}),
        make("NP-3", hardware, title="Flush diaphragm", price="900.00", stock=0, category=pressure,
             values={"protocol": [hart, link], "ip_rating": option("ip_rating", "IP67")}),
    ]  # fmt: skip
    index.rebuild()
    return made
