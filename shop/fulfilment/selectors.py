"""Reads of fulfilment: the delivery rules, shipments of an order, what is left to ship."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from oscar.apps.catalogue.models import ProductAttributeValue

from shop.forks.order.models import Line, Order
from shop.fulfilment.engine.rules import Charge, Rule, rule_for
from shop.fulfilment.models import DeliveryMethod, ShippingRule
from shop.segments.selectors import group_ids_of
from shop.tax.selectors import rules_in_force

CACHE_KEY = "fulfilment:rules"
# Processes that share no cache with the writer see a change this late, as with the version of the prices.
SECONDS = 10
SENT = ("Shipped", "Complete")
GONE = (*SENT, "Cancelled", "Refunded")
WEIGHT = "weight_g"  # the products' attribute, in grams


@dataclass(frozen=True, slots=True)
class Offered:
    """A method as it is offered to somebody somewhere."""

    code: str
    name: str  # the English source text
    rule: Rule


@dataclass(frozen=True, slots=True)
class Book:
    """All methods and rules that are in use, in the order in which they are offered."""

    methods: tuple[tuple[str, str], ...]
    rules: Mapping[str, tuple[Rule, ...]]
    has_groups: bool

    def offered(self, *, company_key: str, group_ids: tuple[int, ...], country: str) -> list[Offered]:
        found = []
        for code, name in self.methods:
            rules = self.rules.get(code, ())
            rule = rule_for(rules, company_key=company_key, group_ids=group_ids, country=country)
            if rule:
                found.append(Offered(code, name, rule))
        return found


def book() -> Book:
    """Return the rules as they were at most SECONDS ago; whoever changes one calls `services.rules.forget`."""
    return cast("Book", cache.get_or_set(CACHE_KEY, _read, SECONDS))


def _read() -> Book:
    rules: dict[str, tuple[Rule, ...]] = {}
    for row in ShippingRule.objects.filter(is_active=True).select_related("company").prefetch_related("charges"):
        rules[row.method_id] = (*rules.get(row.method_id, ()), _rule(row))
    return Book(
        methods=tuple(DeliveryMethod.objects.filter(is_active=True).values_list("code", "name")),
        rules=rules,
        has_groups=any(rule.group_id for found in rules.values() for rule in found),
    )


def _rule(row: ShippingRule) -> Rule:
    return Rule(
        pk=row.pk,
        method=row.method_id,
        company_key=str(row.company.key) if row.company else "",
        group_id=row.group_id,
        countries=tuple(row.countries),
        is_offered=row.is_offered,
        first_day=row.first_day,
        last_day=row.last_day,
        charges=tuple(
            Charge(step.currency, step.from_grams, step.charge, step.free_from) for step in row.charges.all()
        ),
    )


def offered(*, company_key: str, country: str) -> list[Offered]:
    """Return the methods for a company's delivery to a country; while that is unknown, to the seller's own.

    One query where rules name customer groups.
    """
    found, country = book(), country or rules_in_force().seller.country
    group_ids = group_ids_of(company_key) if found.has_groups else ()
    return found.offered(company_key=company_key, group_ids=group_ids, country=country)


def free_delivery_from(*, company_key: str, country: str, currency: str) -> Decimal | None:
    """Return from which value of goods the first method is free; None where it never is."""
    for way in offered(company_key=company_key, country=country)[:1]:
        step = way.rule.charge_for(currency=currency, grams=0)
        return step.free_from if step else None
    return None


def grams_of(lines: Iterable[Any]) -> int:
    """Return what the goods of a basket weigh, as far as the products say. One query."""
    rows = [line for line in lines if line.product.get_product_class().requires_shipping]
    owners = {line.product_id for line in rows} | {line.product.parent_id for line in rows if line.product.parent_id}
    values = ProductAttributeValue.objects.filter(attribute__code=WEIGHT, product__in=owners)
    grams = {
        pk: whole or real or 0 for pk, whole, real in values.values_list("product_id", "value_integer", "value_float")
    }
    own = (grams.get(line.product_id) or grams.get(line.product.parent_id) or 0 for line in rows)
    return round(sum(each * line.quantity for each, line in zip(own, rows, strict=True)))


def rules_for_lists() -> QuerySet[ShippingRule]:
    """Return the rules with all that a list shows of them."""
    return ShippingRule.objects.select_related("method", "company", "group").prefetch_related("charges")


def orders_to_ship() -> QuerySet[Order]:
    """Return the orders of which goods are still allocated, the most urgent first."""
    waiting = Line.objects.filter(order=OuterRef("pk"), num_allocated__gt=0, product__isnull=False).filter(
        Q(product__product_class__requires_shipping=True) | Q(product__parent__product_class__requires_shipping=True)
    )
    replaces = Order.objects.filter(pk=OuterRef("pk"), returns__replaced_at__isnull=False)
    rows = Order.objects.filter(Exists(waiting), purchase__isnull=False).exclude(
        Q(status__in=GONE) & ~(Q(status__in=SENT) & Exists(replaces))
    )
    return rows.select_related("purchase__company", "requested_delivery", "shipping_address").order_by(
        F("requested_delivery__on").asc(nulls_last=True), "date_placed", "pk"
    )


def of_order(order: Order) -> dict[str, Any]:
    """Return what pages show of an order's way to the buyer."""
    return {
        "shipments": order.shipments.prefetch_related("lines__line"),
        "requested_delivery": getattr(order, "requested_delivery", None),
    }
