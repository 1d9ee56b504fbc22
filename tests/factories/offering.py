"""Offerings, their choices and quantity rules for tests. Plain functions; each returns what it made."""

from decimal import Decimal
from typing import Any

from oscar.apps.catalogue.models import Option, Product

from shop.offering.models import Kind, Offering, OfferingChoice, QuantityRule
from shop.segments.models import CustomerGroup, GroupMember
from tests.factories.shop import NOW


def rule(product: Product, **values: Any) -> QuantityRule:
    made = QuantityRule.objects.create(product=product, **values)
    product.refresh_from_db()
    return made


def group(name: str, *members: Any, priority: int = 0) -> CustomerGroup:
    made = CustomerGroup.objects.create(code=name.lower(), name=name, priority=priority)
    for company in members:
        GroupMember.objects.create(group=made, company=company, is_by_hand=True, added_at=NOW)
    return made


def option(name: str, *, required: bool = True) -> Option:
    return Option.objects.get_or_create(name=name, defaults={"required": required})[0]


def customised(
    product: Product, *, group: CustomerGroup | None = None, surcharge: str = "10.00", length: str = "4.50"
) -> Offering:
    """Offer a product with cables of two lengths, the longer one dearer, and an optional engraving."""
    made = Offering.objects.create(product=product, group=group, kind=Kind.CUSTOMISED, surcharge=Decimal(surcharge))
    cable, engraving = option("Cable length"), option("Engraving", required=False)
    for asked, code, label, price in (
        (cable, "2m", "2 m", "0.00"),
        (cable, "5m", "5 m", length),
        (engraving, "tag", "Tag number", "1.00"),
    ):
        OfferingChoice.objects.create(offering=made, option=asked, code=code, label=label, surcharge=Decimal(price))
    return made


def dedicated(product: Product, *, plan: Product | None = None, surcharge: str = "0.00", **values: Any) -> Offering:
    return Offering.objects.create(
        product=product, kind=Kind.DEDICATED, support_plan=plan, surcharge=Decimal(surcharge), **values
    )
