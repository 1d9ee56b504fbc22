"""Companies, buyers, products and baskets for tests of ordering. Plain functions; each returns what it made."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from oscar.apps.address.models import Country, UserAddress
from oscar.apps.catalogue.models import Product, ProductAttribute, ProductClass
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer
from oscar.apps.order.models import Order
from oscar.apps.partner.models import Partner as Supplier
from oscar.apps.partner.models import StockRecord
from oscar.apps.voucher.models import Voucher

from channels.contracts import Channel
from shop.buying.services import place_order
from shop.companies.capabilities import StandardRole
from shop.companies.models import Company, Membership
from shop.forks.basket.models import Basket
from shop.forks.offer.models import Range
from shop.forks.partner.strategy import Selector

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_numbers = count(1)


def country(code: str = "NO", name: str = "") -> Country:
    return Country.objects.get_or_create(
        iso_3166_1_a2=code, defaults={"printable_name": name or code, "name": name or code, "is_shipping_country": True}
    )[0]


def company(**values: Any) -> Company:
    number = next(_numbers)
    defaults = {
        "name": f"Fjell Foods {number}",
        "country": "NO",
        "status": Company.Status.APPROVED,
        "email_domain": f"fjell{number}.example.com",
        "created_at": NOW,
    }
    country(values.get("country", "NO"))
    return Company.objects.create(**{**defaults, **values})


def user(email: str = "", **values: Any) -> Any:
    number = next(_numbers)
    return get_user_model().objects.create_user(
        f"user{number}", email or f"user{number}@example.com", "fjord-and-fell-7", **values
    )


def buyer(company_: Company | None = None, *, role: str = StandardRole.BUYER, **values: Any) -> Any:
    """Return a user who buys for the company, with `user.company` set for the test's convenience."""
    person = user(**values)
    person.company = company_ or company()
    Membership.objects.create(user=person, company=person.company, role_id=role)
    return person


def product_class(slug: str = "hardware") -> ProductClass:
    is_physical = slug in {"hardware", "spare-part"}
    return ProductClass.objects.get_or_create(
        slug=slug,
        defaults={
            "name": slug.replace("-", " ").capitalize(),
            "track_stock": is_physical,
            "requires_shipping": is_physical,
        },
    )[0]


def product(
    title: str = "",
    *,
    price: str = "100.00",
    stock: int | None = 100,
    class_slug: str = "hardware",
    term_months: int | None = None,
    **values: Any,
) -> Product:
    number = next(_numbers)
    kind = product_class(class_slug)
    made = Product.objects.create(
        title=title or f"Sensor {number}", upc=f"UPC-{number}", product_class=kind, structure="standalone", **values
    )
    StockRecord.objects.create(
        product=made,
        partner=Supplier.objects.get_or_create(code="own", defaults={"name": "Own warehouse"})[0],
        partner_sku=f"SKU-{number}",
        price_currency="EUR",
        price=Decimal(price),
        num_in_stock=stock if kind.track_stock else None,
    )
    if term_months is not None:
        attribute, _ = ProductAttribute.objects.get_or_create(
            product_class=kind, code="term_months", defaults={"name": "Term", "type": "integer"}
        )
        attribute.save_value(made, term_months)
    return made


def address(person: Any, code: str = "NO", **values: Any) -> UserAddress:
    defaults = {
        "first_name": "Kari",
        "last_name": "Berg",
        "line1": "Havnegata 1",
        "line4": "Bergen" if code == "NO" else "Hamburg",
        "postcode": "5003" if code == "NO" else "20457",
    }
    return UserAddress.objects.get_or_create(user=person, country=country(code), **{**defaults, **values})[0]


def basket(person: Any = None, *lines: tuple[Product, int]) -> Basket:
    made = Basket.objects.create(owner=person)
    made.strategy = Selector().strategy()
    for item, quantity in lines:
        made.add_product(item, quantity)
    return made


def place(person: Any, *lines: tuple[Product, int], **how: Any) -> Order:
    """Place an order directly, from a new basket, to a new address."""
    values = {
        "company": person.company,
        "user": person,
        "channel": Channel.DIRECT,
        "basket": basket(person, *lines),
        "shipping_address": how.pop("shipping_address", None) or address(person),
        "shipping_code": "standard",
        "now": NOW,
        **how,
    }
    return place_order.place(**values)


def site_offer(percent: int = 10, *, range_: Range | None = None, **values: Any) -> ConditionalOffer:
    """Return a site-wide percentage off, on everything unless a range is given."""
    number = next(_numbers)
    products = range_ or Range.objects.create(name=f"Range {number}", includes_all_products=True)
    condition = Condition.objects.create(range=products, type=Condition.COUNT, value=1)
    benefit = Benefit.objects.create(range=products, type=Benefit.PERCENTAGE, value=percent)
    return ConditionalOffer.objects.create(
        name=f"Offer {number}", condition=condition, benefit=benefit, offer_type=ConditionalOffer.SITE, **values
    )


def voucher(code: str, percent: int = 10) -> Voucher:
    offer = site_offer(percent)
    offer.offer_type = ConditionalOffer.VOUCHER
    offer.save()
    made = Voucher.objects.create(
        name=code,
        code=code,
        usage=Voucher.MULTI_USE,
        start_datetime=datetime(2020, 1, 1, tzinfo=UTC),
        end_datetime=datetime(2099, 1, 1, tzinfo=UTC),
    )
    made.offers.add(offer)
    return made
