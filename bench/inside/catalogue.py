"""The catalogue of both shops: the same for the same number, written in bulk."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
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
    ProductImage,
    ProductRecommendation,
)
from oscar.apps.partner.models import Partner, StockRecord
from PIL import Image, ImageDraw

STOCK = 1_000_000
SCARCE_STOCK = 50
PICTURES = 40  # files; every product has an image row of its own
CLASSES = ("Sensor", "Gateway", "Spare part")
ROOTS = ("Pressure", "Temperature", "Flow", "Level")
BRANCHES = ("Compact", "Hygienic", "High range", "Explosion proof", "Wireless", "Accessories")
OPTIONS = {
    "measuring_range": ("Measuring range", ("0 to 1", "0 to 10", "0 to 100", "0 to 400", "0 to 1000")),
    "output": ("Output", ("4 to 20 mA", "0 to 10 V", "IO-Link", "Pulse")),
    "protocol": ("Protocol", ("Modbus", "Profinet", "MQTT", "HART")),
    "ip_rating": ("Protection", ("IP54", "IP65", "IP67", "IP69K")),
}
TEXT = (
    "Measures where others give up: a welded body without seals, a signal that stays put when the temperature does not, "
    "and a connector that any electrician has in the van. "
)


def fill(*, products: int) -> None:
    Site.objects.update_or_create(pk=1, defaults={"domain": "127.0.0.1", "name": "Bench"})
    Country.objects.update_or_create(
        iso_3166_1_a2="NO",
        defaults={"printable_name": "Norway", "name": "NORWAY", "iso_3166_1_a3": "NOR", "is_shipping_country": True},
    )
    kinds = [
        ProductClass.objects.create(name=name, slug=slugify(name), requires_shipping=True, track_stock=True)
        for name in CLASSES
    ]
    made = _products(kinds, products)
    _link(made, _leaves())
    _stock(made)
    _attributes(kinds, made)


def _products(kinds: list[ProductClass], count: int) -> list[Product]:
    rows = [
        Product(
            structure=Product.STANDALONE,
            upc=f"NB-{n:06}",
            title=f"{CLASSES[n % 3]} {ROOTS[n % 4]} {BRANCHES[n % 6]} {n}",
            slug=slugify(f"{CLASSES[n % 3]} {ROOTS[n % 4]} {BRANCHES[n % 6]} {n}"),
            description=f"<p>{TEXT * 4}</p><p>Article {n}.</p>",
            product_class=kinds[n % 3],
            is_public=True,
        )
        for n in range(count)
    ]
    return Product.objects.bulk_create(rows, batch_size=1000)


def _leaves() -> list[Category]:
    leaves = []
    for name in ROOTS:
        root = Category.add_root(name=name, slug=slugify(name), is_public=True)
        leaves += [root.add_child(name=f"{branch}", slug=slugify(branch), is_public=True) for branch in BRANCHES]
    return leaves


def _link(made: list[Product], leaves: list[Category]) -> None:
    """Category, image and recommendations of each product."""
    pictures = [_picture(n) for n in range(PICTURES)]
    ProductCategory.objects.bulk_create(
        [ProductCategory(product=product, category=leaves[n % len(leaves)]) for n, product in enumerate(made)],
        batch_size=2000,
    )
    ProductImage.objects.bulk_create(
        [
            ProductImage(product=product, original=pictures[n % PICTURES], caption=product.title, display_order=0)
            for n, product in enumerate(made)
        ],
        batch_size=2000,
    )
    ProductRecommendation.objects.bulk_create(
        [
            ProductRecommendation(primary=product, recommendation=made[(n + step) % len(made)], ranking=step)
            for n, product in enumerate(made)
            for step in (7, 11, 13)
        ],
        batch_size=5000,
    )


def _picture(number: int) -> str:
    image = Image.new("RGB", (1200, 900), (236, 240, 244))
    draw = ImageDraw.Draw(image)
    draw.rectangle((300, 200 + number * 5, 900, 700), fill=(40 + number * 5, 80, 160))
    draw.ellipse((450, 300, 750, 600), fill=(250, 250 - number * 4, 200))
    data = BytesIO()
    image.save(data, "JPEG", quality=85)
    return default_storage.save(f"images/products/bench-{number:02}.jpg", ContentFile(data.getvalue()))


def _stock(made: list[Product]) -> None:
    """Plenty of everything, but of the last product, which the oversell check wants."""
    supplier = Partner.objects.create(name="Own warehouse", code="own")
    StockRecord.objects.bulk_create(
        [
            StockRecord(
                product=product,
                partner=supplier,
                partner_sku=f"NB-{n:06}",
                price_currency="EUR",
                price=Decimal(20 + n * 37 % 900) + Decimal("0.50"),
                num_in_stock=SCARCE_STOCK if n == len(made) - 1 else STOCK,
            )
            for n, product in enumerate(made)
        ],
        batch_size=2000,
    )


def _attributes(kinds: list[ProductClass], made: list[Product]) -> None:
    """Four options and a text for each product."""
    values: list[dict[str, Any]] = []
    for position, (code, (name, options)) in enumerate(OPTIONS.items()):
        group = AttributeOptionGroup.objects.create(name=name)
        chosen = [AttributeOption.objects.create(group=group, option=option) for option in options]
        own = {
            kind.pk: ProductAttribute.objects.create(
                product_class=kind, code=code, name=name, type=ProductAttribute.OPTION, option_group=group
            )
            for kind in kinds
        }
        values += [
            {"product": product, "attribute": own[product.product_class_id], "value_option": chosen[n % len(chosen)]}
            for n, product in enumerate(made, start=position)
        ]
    body = {kind.pk: ProductAttribute.objects.create(product_class=kind, code="body", name="Body") for kind in kinds}
    values += [
        {"product": product, "attribute": body[product.product_class_id], "value_text": "Stainless steel 1.4404"}
        for product in made
    ]
    ProductAttributeValue.objects.bulk_create([ProductAttributeValue(**value) for value in values], batch_size=5000)
