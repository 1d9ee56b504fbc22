"""Oscar's and the shop's objects as the facts that cross into channels: the only translator."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.text import slugify
from oscar.apps.catalogue.models import Category, ProductAttributeValue, ProductCategory
from oscar.apps.order.models import Line, Order

from channels.contracts import Channel, CompanyFacts, Medium, PlacedLine, PlacedOrder, to_minor
from shop.companies.models import Company
from shop.purchasing.selectors import costs_at

# The catalogue's product classes in the words that partners' agreements and programmes use.
PRODUCT_CLASS_WORDS = {"software-subscription": "software", "support-plan": "support"}
TERM_ATTRIBUTE = "term_months"


def company(company: Company) -> CompanyFacts:
    return CompanyFacts(
        key=str(company.key),
        name=company.name,
        country=company.country,
        vat_id=company.vat_id,
        email_domain=company.email_domain,
        segment=company.segment,
    )


def product_class_word(slug: str) -> str:
    """Return the word channels uses for a product class."""
    plain = slugify(slug.replace("_", "-"))
    return PRODUCT_CLASS_WORDS.get(plain, plain)


def product_classes(products: Iterable) -> frozenset[str]:
    """Return the words for the classes of the products; children take their parent's."""
    return frozenset(product_class_word(product.get_product_class().slug) for product in products)


def line_key(order: Order, position: int) -> str:
    """Name a line across all orders: its order's number and its place in it, from 1."""
    return f"{order.number}/{position}"


def lines_of(order: Order) -> list[Line]:
    """Return the lines in the order that gives them their position."""
    return list(
        order.lines.select_related(
            "product__product_class", "product__parent__product_class", "details", "stockrecord"
        ).order_by("pk")
    )


def placed_order(order: Order, *, visitor_key: str = "", site_mode: str = "") -> PlacedOrder:
    """Translate an order that was just placed, with its PurchaseDetails, in a constant number of queries."""
    purchase = order.purchase
    lines = lines_of(order)
    categories = category_slugs([line.product for line in lines])
    records = [line.stockrecord_id for line in lines if line.stockrecord_id]
    costs = costs_at(records, currency=order.currency, at=order.date_placed)
    return PlacedOrder(
        number=order.number,
        public_ref=purchase.public_ref,
        placed_at=order.date_placed,
        currency=order.currency,
        country=purchase.country,
        company=company(purchase.company),
        channel=Channel(purchase.channel),
        medium=Medium(purchase.medium),
        lines=tuple(
            placed_line(
                order, line, position, categories.get(line.product_id, ()), unit_cost=costs.get(line.stockrecord_id)
            )
            for position, line in enumerate(lines, start=1)
        ),
        user_id=order.user_id,
        visitor_key=visitor_key,
        site_mode=site_mode,
        chosen_partner=purchase.partner_code,
        cycle=purchase.cycle,
        purchase_order_number=purchase.purchase_order_number,
    )


def placed_line(
    order: Order, line: Line, position: int, categories: tuple[str, ...], *, unit_cost: Decimal | None
) -> PlacedLine:
    details = getattr(line, "details", None)
    return PlacedLine(
        key=line_key(order, position),
        sku=line.partner_sku,
        title=line.title,
        product_class=product_class_word(line.product.get_product_class().slug),
        categories=categories,
        quantity=line.quantity,
        net_minor=to_minor(Decimal(line.line_price_excl_tax), order.currency),
        cost_minor=None if unit_cost is None else to_minor(unit_cost * line.quantity, order.currency),
        term_months=details.term_months if details else None,
        subscription_key=details.subscription_key if details else "",
        list_unit_minor=list_price_minor(line, order.currency),
    )


def list_price_minor(line: Line, currency: str) -> int | None:
    """Return the list price of one unit, which is what partners' discounts are counted from."""
    record = line.stockrecord
    if record is None or record.price is None or record.price_currency != currency:
        return None
    return to_minor(record.price, currency)


def category_slugs(products: Iterable) -> dict[int, tuple[str, ...]]:
    """Return each product's category slugs, root first: those of its first category; a child's are its parent's."""
    owners = {product.pk: product.parent_id or product.pk for product in products}
    paths: dict[int, str] = {}
    rows = ProductCategory.objects.filter(product_id__in=owners.values()).order_by("pk")
    for product_id, path in rows.values_list("product_id", "category__path"):
        paths.setdefault(product_id, path)
    step = Category.steplen
    ancestors = {path[:end] for path in paths.values() for end in range(step, len(path) + 1, step)}
    slugs = dict(Category.objects.filter(path__in=ancestors).values_list("path", "slug")) if ancestors else {}
    chains = {
        owner: tuple(slugs[path[:end]] for end in range(step, len(path) + 1, step)) for owner, path in paths.items()
    }
    return {product_id: chains.get(owner, ()) for product_id, owner in owners.items()}


def term_months(products: Iterable) -> dict[int, int]:
    """Return the contract term of each subscription product; one month is 0, without obligation."""
    owners: dict[int, list[int]] = {}
    for product in products:
        for owner in filter(None, (product.pk, product.parent_id)):
            owners.setdefault(owner, []).append(product.pk)
    rows = ProductAttributeValue.objects.filter(product_id__in=owners, attribute__code=TERM_ATTRIBUTE)
    found: dict[int, int] = {}
    for owner, months in rows.values_list("product_id", "value_integer"):
        for product_id in owners[owner]:
            if months is not None and (owner == product_id or product_id not in found):
                found[product_id] = 0 if months <= 1 else months
    return found
