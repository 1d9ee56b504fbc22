"""The catalogue in Oscar's tables: classes, attributes, categories, products, stock, offers."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.html import format_html_join
from django.utils.text import slugify
from oscar.apps.address.models import Country
from oscar.apps.catalogue.models import (
    AttributeOption,
    AttributeOptionGroup,
    Category,
    Product,
    ProductAttribute,
    ProductAttributeValue,
    ProductCategory,
    ProductClass,
    ProductRecommendation,
)
from oscar.apps.partner.models import Partner as Supplier
from oscar.apps.partner.models import StockRecord

from shop.demo.catalogue_file import FIXTURES, ProductRow, read
from shop.purchasing.models import PurchaseCost

SUPPLIER_CODE = "nordlys"
LOW_STOCK = 10
VALUE_FIELDS = {"text": "value_text", "integer": "value_integer", "float": "value_float", "boolean": "value_boolean"}


def load(rows: Sequence[ProductRow]) -> dict[str, Product]:
    """Create everything that a product needs, and the products; answers them by SKU."""
    load_countries()
    document = read("catalogue/classes.toml")
    groups = load_option_groups(document["option_groups"])
    classes = {item["code"]: load_class(item, groups) for item in document["class"]}
    categories = load_categories(document["category"])
    products = load_products(rows, classes)
    load_values(rows, products, classes)
    ProductCategory.objects.bulk_create(
        ProductCategory(product=products[row.sku], category=categories[row.category]) for row in rows
    )
    load_stock(rows, products)
    load_recommendations(products)
    return products


def load_countries() -> None:
    with (FIXTURES / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    Country.objects.bulk_create(
        (
            Country(
                iso_3166_1_a2=row["code"],
                iso_3166_1_a3=row["alpha3"],
                iso_3166_1_numeric=row["numeric"],
                printable_name=row["name"],
                name=row["name"],
                display_order=100 if row["code"] == "NO" else 0,
                is_shipping_country=True,
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )


def load_option_groups(groups: dict[str, list[str]]) -> dict[str, AttributeOptionGroup]:
    made = {
        code: AttributeOptionGroup.objects.create(code=code, name=code.replace("_", " ").capitalize())
        for code in groups
    }
    AttributeOption.objects.bulk_create(
        AttributeOption(group=made[code], option=option, code=f"{code}-{slugify(option)}"[:255])
        for code, options in groups.items()
        for option in options
    )
    return made


def load_class(item: dict[str, Any], groups: dict[str, AttributeOptionGroup]) -> ProductClass:
    made = ProductClass.objects.create(
        name=item["name"],
        slug=slugify(item["name"]),
        requires_shipping=item["requires_shipping"],
        track_stock=item["track_stock"],
    )
    ProductAttribute.objects.bulk_create(
        ProductAttribute(
            product_class=made,
            code=attribute["code"],
            name=attribute["name"],
            type=attribute["type"],
            option_group=groups.get(attribute.get("group", "")),
        )
        for attribute in item["attributes"]
    )
    return made


def load_categories(tree: Iterable[dict[str, Any]]) -> dict[tuple[str, ...], Category]:
    found: dict[tuple[str, ...], Category] = {}
    for branch in tree:
        root = Category.add_root(name=branch["name"], slug=branch["slug"], description=branch["description"])
        found[branch["name"],] = root
        for leaf in branch["children"]:
            found[branch["name"], leaf["name"]] = root.add_child(
                name=leaf["name"], slug=leaf["slug"], description=leaf["description"]
            )
            root.refresh_from_db()
    return found


def load_products(rows: Iterable[ProductRow], classes: dict[str, ProductClass]) -> dict[str, Product]:
    products = [
        Product(
            structure=Product.STANDALONE,
            product_class=classes[row.class_code],
            upc=row.sku,
            title=row.title,
            slug=slugify(row.title)[:255],
            description=format_html_join("", "<p>{}</p>", ((paragraph,) for paragraph in row.paragraphs)),
            meta_description=row.paragraphs[0][:155],
            is_public=True,
        )
        for row in rows
    ]
    Product.objects.bulk_create(products)
    return {product.upc: product for product in products}


def load_values(rows: Iterable[ProductRow], products: dict[str, Product], classes: dict[str, ProductClass]) -> None:
    attributes = {
        (attribute.product_class_id, attribute.code): attribute for attribute in ProductAttribute.objects.all()
    }
    options = {(option.group_id, option.option): option for option in AttributeOption.objects.all()}
    values: list[ProductAttributeValue] = []
    chosen: list[list[AttributeOption]] = []
    for row in rows:
        for code, raw in row.attributes.items():
            attribute = attributes[classes[row.class_code].pk, code]
            value = ProductAttributeValue(product=products[row.sku], attribute=attribute)
            chosen.append(_set(value, raw, options))
            values.append(value)
    ProductAttributeValue.objects.bulk_create(values)
    through = ProductAttributeValue.value_multi_option.through
    through.objects.bulk_create(
        through(productattributevalue_id=value.pk, attributeoption_id=option.pk)
        for value, several in zip(values, chosen, strict=True)
        for option in several
    )


def _set(
    value: ProductAttributeValue, raw: Any, options: dict[tuple[int | None, str], AttributeOption]
) -> list[AttributeOption]:
    """Fill the column of the attribute's type; answers the options of a multi-option, which live in a table of their own."""
    attribute = value.attribute
    if attribute.type == "multi_option":
        return [options[attribute.option_group_id, name] for name in raw]
    if attribute.type == "option":
        value.value_option = options[attribute.option_group_id, raw]
    else:
        setattr(value, VALUE_FIELDS[attribute.type], raw)
    return []


def load_stock(rows: Iterable[ProductRow], products: dict[str, Product]) -> None:
    supplier, _ = Supplier.objects.get_or_create(code=SUPPLIER_CODE, defaults={"name": "Nordlys warehouse Trondheim"})
    StockRecord.objects.bulk_create(
        StockRecord(
            product=products[row.sku],
            partner=supplier,
            partner_sku=row.sku,
            price_currency="EUR",
            price=row.price.quantize(Decimal("0.01")),
            num_in_stock=row.stock,
            num_allocated=0 if row.stock is not None else None,
            low_stock_threshold=LOW_STOCK if row.stock is not None else None,
        )
        for row in rows
    )


def load_recommendations(products: dict[str, Product]) -> None:
    recommended = read("catalogue/offers.toml")["recommended"]
    ProductRecommendation.objects.bulk_create(
        ProductRecommendation(primary=products[sku], recommendation=products[other], ranking=len(others) - place)
        for sku, others in recommended.items()
        for place, other in enumerate(others)
    )


def load_costs(rows: Iterable[ProductRow], *, at: datetime) -> None:
    """What the store itself pays for everything it sells, from that moment on."""
    records = {record.partner_sku: record for record in StockRecord.objects.all()}
    PurchaseCost.objects.bulk_create(
        PurchaseCost(
            stockrecord=records[row.sku],
            amount=row.cost.quantize(Decimal("0.01")),
            currency=records[row.sku].price_currency,
            valid_from=at,
            recorded_at=at,
        )
        for row in rows
    )
