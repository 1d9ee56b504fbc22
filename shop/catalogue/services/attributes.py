"""Attribute values of products as plain values, and what filters and cards take from them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.html import strip_tags
from oscar.apps.catalogue.models import ProductAttributeValue

FACET_TYPES = {"option", "multi_option"}
# An instrument without a bus has the option "None"; nobody filters for it.
NO_VALUE = {"None", "Not applicable", ""}
MAX_FACTS = 3

VALUE_COLUMNS = {
    kind: f"value_{kind}" for kind in ("text", "integer", "boolean", "float", "richtext", "date", "datetime")
}
VALUE_COLUMNS["option"] = "value_option__option"


def read_values(products: Collection[int]) -> dict[int, dict[str, dict[str, Any]]]:
    """Attribute values of each product by code: name, type and a plain value. Two queries, and no model instances."""
    found: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    several: dict[int, list[str]] = defaultdict(list)
    through = ProductAttributeValue.value_multi_option.through.objects.filter(
        productattributevalue__product__in=products
    )
    for value_id, option in through.order_by("pk").values_list("productattributevalue_id", "attributeoption__option"):
        several[value_id].append(option)
    rows = ProductAttributeValue.objects.filter(product__in=products).order_by("attribute_id")
    for row in rows.values(
        "pk", "product_id", "attribute__code", "attribute__name", "attribute__type", *VALUE_COLUMNS.values()
    ):
        kind = row["attribute__type"]
        raw = several[row["pk"]] if kind == "multi_option" else row.get(VALUE_COLUMNS.get(kind, ""))
        found[row["product_id"]][row["attribute__code"]] = {
            "name": row["attribute__name"],
            "type": kind,
            "value": plain_value(kind, raw),
        }
    return found


def plain_value(kind: str, value: Any) -> Any:
    """What JSON can hold; files, pictures and entities are not shown."""
    if kind == "richtext":
        return strip_tags(value or "")
    if value is None or isinstance(value, bool | int | str | list):
        return value
    return f"{value:g}" if isinstance(value, float) else str(value)


def facets_of(families: Iterable[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for values in families:
        for code, item in values.items():
            if item["type"] not in FACET_TYPES:
                continue
            several = item["value"] if isinstance(item["value"], list) else [item["value"]]
            group = found.setdefault(code, {"name": item["name"], "values": []})
            group["values"] += [value for value in several if value not in NO_VALUE and value not in group["values"]]
    return {code: group for code, group in found.items() if group["values"]}


def facts_of(values: dict[str, dict[str, Any]]) -> list[str]:
    """Up to three short texts for a card, what is measured first."""
    texts: list[str] = []
    for code in ("measuring_range", "output", "protocol", "ip_rating", "edition", "place", "first_response", "fits"):
        value = values.get(code, {}).get("value")
        text = ", ".join(value[:2]) if isinstance(value, list) else value
        if isinstance(text, str) and text not in (*NO_VALUE, *texts) and len(text) <= 28:
            texts.append(text)
    return texts[:MAX_FACTS]
