"""What is offered beside the standard, and in which quantities, in the demo store."""

from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Option, Product

from shop.demo.catalogue_file import read
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.companies import Customer
from shop.offering.models import Offering, OfferingChoice, QuantityRule
from shop.segments.models import CustomerGroup, GroupMember


def load(products: dict[str, Product], *, customers: dict[str, Customer], clock: Clock) -> None:
    document = read("offerings.toml")
    groups = {row["code"]: _group(row, customers, clock) for row in document["group"]}
    for row in document["offering"]:
        _offer(row, products, groups.get(row.get("group", "")))
    for row in document["rule"]:
        rule = {name: value for name, value in row.items() if name != "sku"}
        QuantityRule.objects.create(product=products[row["sku"]], **rule)


def _group(row: dict[str, Any], customers: dict[str, Customer], clock: Clock) -> CustomerGroup:
    made = CustomerGroup.objects.create(code=row["code"], name=row["name"], description=row["description"])
    GroupMember.objects.bulk_create(
        GroupMember(group=made, company=customers[slug].company, is_by_hand=True, added_at=clock.opening)
        for slug in row["companies"]
    )
    return made


def _offer(row: dict[str, Any], products: dict[str, Product], group: CustomerGroup | None) -> None:
    made = Offering.objects.create(
        product=products[row["sku"]],
        group=group,
        kind=row["kind"],
        description=row["description"],
        surcharge=Decimal(row.get("surcharge", 0)),
        support_plan=products[row["support_plan"]] if "support_plan" in row else None,
    )
    for choice in row.get("choices", ()):
        option, _ = Option.objects.get_or_create(
            name=choice["option"], defaults={"required": choice.get("required", False)}
        )
        OfferingChoice.objects.create(
            offering=made,
            option=option,
            code=choice["code"],
            label=choice["label"],
            surcharge=Decimal(choice["surcharge"]),
        )
