"""Illustrations and datasheets: drawn, stored as files, and hung on their products."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from oscar.apps.catalogue.models import Category, Product, ProductImage

from shop.catalogue.models import ProductDocument
from shop.catalogue.services import images
from shop.demo import datasheets
from shop.demo.catalogue_file import ProductRow, read
from shop.demo.drawings import products as illustrations

# Pillow lets go of the interpreter while it scales and encodes, so a second thread uses a second core.
THREADS = 2
# No product of the class needs one.
WITHOUT_DATASHEET = {"service", "support_plan"}
# A category is shown by the picture of one of its products.
CATEGORY_PICTURES = {
    "sensors": "NP-110",
    "temperature": "NT-210",
    "pressure": "NP-220",
    "vibration": "NV-210",
    "flow": "NF-115",
    "level": "NL-110",
    "humidity": "NH-210",
    "gas": "NG-220",
    "gateways-edge": "GW-300",
    "gateways": "GW-100",
    "edge-devices": "EX-110",
    "software": "NW-PRO-36",
    "watch-start": "NW-START-12",
    "watch-pro": "NW-PRO-36",
    "watch-enterprise": "NW-ENT-36",
    "services-support": "SU-PLUS",
    "support-plans": "SU-PLUS",
    "calibration": "CA-P5",
    "commissioning-training": "SV-COM",
    "spare-parts": "AC-M12-5",
    "cables-connectors": "AC-M12-10",
    "mounting-thermowells": "AC-TW200",
    "wear-parts-power": "SP-PSU24",
}


def load(rows: Sequence[ProductRow], products: dict[str, Product]) -> None:
    names = attribute_names()
    with ThreadPoolExecutor(THREADS) as pool:
        drawn = dict(pool.map(lambda row: (row.sku, _draw(row, names)), rows))
        pictures = [_image(products[row.sku], drawn[row.sku]) for row in rows]
        list(pool.map(lambda picture: images.sized(picture, title=""), pictures))
    ProductImage.objects.bulk_create(pictures)
    ProductDocument.objects.bulk_create(
        ProductDocument(product=products[row.sku], title=f"Datasheet {row.sku}", file=path, language="en")
        for row in rows
        if (path := drawn[row.sku]["datasheet"])
    )
    for slug, sku in CATEGORY_PICTURES.items():
        Category.objects.filter(slug=slug).update(image=drawn[sku]["picture"])


def attribute_names() -> dict[str, str]:
    classes = read("catalogue/classes.toml")["class"]
    return {attribute["code"]: attribute["name"] for item in classes for attribute in item["attributes"]}


def _draw(row: ProductRow, names: dict[str, str]) -> dict[str, str]:
    """Draw one product and store its files; touches no table, so that it may run in a thread."""
    drawing = illustrations.draw(sku=row.sku, spec=row.drawing)
    stored = {"picture": store(f"images/products/demo/{row.sku}.webp", drawing.webp), "datasheet": ""}
    if row.class_code not in WITHOUT_DATASHEET:
        sheet = datasheets.build(
            sku=row.sku,
            title=row.title,
            paragraphs=row.paragraphs,
            attributes=[(names[code], words(value)) for code, value in row.attributes.items()],
            drawing=drawing.jpeg,
        )
        stored["datasheet"] = store(f"documents/demo/{row.sku}-datasheet.pdf", sheet)
    return stored


def words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(value) if isinstance(value, list) else str(value)


def store(path: str, content: bytes) -> str:
    """Write a file under exactly this name; one left by an earlier store is replaced."""
    if default_storage.exists(path):
        default_storage.delete(path)
    return default_storage.save(path, ContentFile(content))


def _image(product: Product, stored: dict[str, str]) -> ProductImage:
    return ProductImage(
        product=product, original=stored["picture"], caption=f"{product.title}, drawing", display_order=0
    )
