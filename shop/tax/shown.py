"""Prices as an audience is shown them: net, or with the tax that it will bear. What is ordered is always priced net."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models.functions import Coalesce
from oscar.apps.catalogue.models import Product

from shop.companies.models import Company
from shop.tax import providers, selectors
from shop.tax.engine.sales import BuyerFacts, Sale, SaleLine


def shares_for(product_ids: Iterable[int], *, company_key: str, on: date) -> dict[int, Decimal]:
    """Return the share of tax that a company ('' : a visitor, taken to be in our own country) would bear per product.

    As if the goods went to the company's own country; three queries, whatever the number of products.
    """
    found = selectors.rules_in_force()
    kinds = (
        Product.objects.filter(pk__in=set(product_ids))
        .annotate(
            kind=Coalesce("product_class_id", "parent__product_class_id"),
            is_goods=Coalesce("product_class__requires_shipping", "parent__product_class__requires_shipping"),
        )
        .order_by()
        .values_list("pk", "kind", "is_goods")
    )
    lines = {pk: SaleLine(is_goods, found.code_of(kind)) for pk, kind, is_goods in kinds}
    distinct = tuple(dict.fromkeys(lines.values()))
    company = Company.objects.filter(key=company_key).first() if company_key else None
    buyer = selectors.buyer_facts(company, None, on=on) if company else BuyerFacts(country=found.seller.country)
    quote = providers.provider().quote(Sale(on=on, seller=found.seller, buyer=buyer, lines=distinct))
    rates = {line: treatment.rate for line, treatment in zip(distinct, quote.treatments, strict=True)}
    return {pk: rates[line] for pk, line in lines.items()}
