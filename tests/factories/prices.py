"""Price lists and contract prices for tests. Plain functions; each writes through the services."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from oscar.apps.catalogue.models import Product

from shop.companies.models import Company
from shop.pricing.models import PriceList
from shop.pricing.services import lists, prices
from shop.pricing.services.prices import PriceRow
from shop.segments.models import CustomerGroup
from tests.factories.shop import NOW

_numbers = count(1)


def price_list(*rows: PriceRow, **values: Any) -> PriceList:
    """Return a list with these prices; `company`, `group` or `to_channel` name whom it is for."""
    number = next(_numbers)
    whom = {
        "company": values.pop("company", None),
        "group": values.pop("group", None),
        "channel": values.pop("to_channel", ""),
    }
    defaults = {"code": f"list-{number}", "name": f"List {number}", "currency": "EUR"}
    made = lists.save_list(price_list=PriceList(**{**defaults, **values}), at=NOW)
    if any(whom.values()):
        lists.assign(price_list=made, at=NOW, **whom)
    if rows:
        prices.save_list_prices(price_list=made, rows=rows, at=NOW)
    return made


def row(product: Product, price: str | None, quantity: int = 1, **values: Any) -> PriceRow:
    amount = None if price is None else Decimal(price)
    return PriceRow(product_id=product.pk, price=amount, min_quantity=quantity, **values)


def contract(company: Company, *rows: PriceRow, currency: str = "EUR") -> None:
    prices.save_contract_prices(company=company, currency=currency, rows=rows, at=NOW)


def group(*companies: Company, **values: Any) -> CustomerGroup:
    number = next(_numbers)
    made = CustomerGroup.objects.create(**{"code": f"group-{number}", "name": f"Group {number}", **values})
    for company in companies:
        made.members.create(company=company, added_at=NOW)
    return made


def day(text: str) -> date:
    return date.fromisoformat(text)
