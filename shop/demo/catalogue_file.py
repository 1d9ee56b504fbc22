"""Reads fixtures/catalogue: products as plain dataclasses, before anything is stored."""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FILES = (
    "temperature",
    "pressure",
    "vibration",
    "flow",
    "level",
    "humidity",
    "gas",
    "gateways",
    "edge",
    "services",
    "spares",
)


@dataclass(frozen=True, kw_only=True)
class ProductRow:
    sku: str
    title: str
    class_code: str
    category: tuple[str, ...]
    description: str
    price: Decimal
    cost: Decimal
    stock: int | None
    drawing: dict[str, Any]
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in self.description.strip().split("\n\n")]


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FIXTURES / name).read_text(encoding="utf-8"))


def products() -> list[ProductRow]:
    rows = [row for name in FILES for row in _plain_rows(read(f"catalogue/{name}.toml"))]
    return rows + software_rows(read("catalogue/software.toml"))


def _plain_rows(document: dict[str, Any]) -> list[ProductRow]:
    defaults = document["defaults"]
    return [
        _row({**defaults, **product}, {**_shared(defaults, product), **product["attributes"]})
        for product in document["product"]
    ]


def _shared(defaults: dict[str, Any], product: dict[str, Any]) -> dict[str, Any]:
    """Defaults belong to the class they were written for."""
    same_class = product.get("class", defaults["class"]) == defaults["class"]
    return dict(defaults["attributes"]) if same_class else {}


def _row(product: dict[str, Any], attributes: dict[str, Any]) -> ProductRow:
    return ProductRow(
        sku=product["sku"],
        title=product["title"],
        class_code=product["class"],
        category=tuple(product["category"]),
        description=product["description"],
        price=Decimal(product["price"]),
        cost=Decimal(product["cost"]),
        stock=product.get("stock"),
        drawing=product["drawing"],
        attributes=attributes,
    )


def software_rows(document: dict[str, Any]) -> list[ProductRow]:
    """Every edition in every term; a term is billed in advance, monthly price x months."""
    return [_software(edition, term) for edition in document["edition"] for term in document["term"]]


def _software(edition: dict[str, Any], term: dict[str, Any]) -> ProductRow:
    monthly = Decimal(term["monthly"][edition["code"]])
    months = int(term["months"])
    return ProductRow(
        sku=f"NW-{edition['code']}-{term['code']}",
        title=f"Nordlys Watch {edition['name']}, {term['name']}",
        class_code="software_subscription",
        category=tuple(edition["category"]),
        description=f"{edition['summary'].strip()}\n\n{term['text']}",
        price=monthly * months,
        cost=(monthly * months * Decimal("0.18")).quantize(Decimal("0.01")),
        stock=None,
        drawing={"shape": "software", "screens": edition["screens"], "months": months, "edition": edition["name"]},
        attributes={
            **edition["attributes"],
            "edition": edition["name"],
            "term_months": months if months > 1 else 0,
            "monthly_price": float(monthly),
            "is_price_locked": months >= 36,
        },
    )
