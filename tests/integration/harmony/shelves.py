"""Offers on ranges of products, and the dashboard's form of a product."""

from django.urls import reverse
from oscar.apps.catalogue.models import Category
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer

from shop.forks.offer.models import Range


def range_of(*products):
    made = Range.objects.create(name=f"Range {Range.objects.count()}")
    for product in products:
        made.add_product(product)
    return made


def offer(kind, value, *products, count=1, of=None, condition=Condition.COUNT, **values):
    cheaper = range_of(*products)
    number = ConditionalOffer.objects.count()
    return ConditionalOffer.objects.create(
        name=f"Spring sale {number}" if number else "Spring sale",
        condition=Condition.objects.create(range=of or cheaper, type=condition, value=count),
        benefit=Benefit.objects.create(
            range=None if kind == Benefit.FIXED_PRICE else cheaper, type=kind, value=value, **values
        ),
        offer_type=ConditionalOffer.SITE,
    )


def new_product(sku, price, supplier):
    """The dashboard's form of a product that is not there yet."""
    form = {"title": "New probe", "upc": sku, "slug": "new-probe", "structure": "standalone"}
    for prefix in ("images", "primary_recommendations", "primaryrecommendations"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    for prefix in ("productcategory_set", "stockrecords"):
        form |= {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 0}
    stock = {"partner": supplier.pk, "partner_sku": sku, "price_currency": "EUR", "price": price, "num_in_stock": 5}
    form |= {f"stockrecords-0-{name}": value for name, value in stock.items()}
    return form | {"productcategory_set-0-category": shop_category().pk}


def save_product(client, product, price, *, fields=None, **stock_values):
    record = product.stockrecords.get()
    form = {"title": product.title, "upc": product.upc, "slug": product.slug, "structure": "standalone"}
    for prefix, initial in (
        ("productcategory_set", 0),
        ("images", 0),
        ("primary_recommendations", 0),
        ("primaryrecommendations", 0),
        ("stockrecords", 1),
    ):
        form |= {f"{prefix}-TOTAL_FORMS": initial, f"{prefix}-INITIAL_FORMS": initial}
    category = shop_category()
    form |= {"productcategory_set-TOTAL_FORMS": 1, "productcategory_set-0-category": category.pk}
    if known := product.productcategory_set.first():
        form |= {"productcategory_set-INITIAL_FORMS": 1, "productcategory_set-0-id": known.pk}
    form |= {
        "stockrecords-0-id": record.pk,
        "stockrecords-0-product": product.pk,
        "stockrecords-0-partner": record.partner_id,
        "stockrecords-0-partner_sku": record.partner_sku,
        "stockrecords-0-price_currency": "EUR",
        "stockrecords-0-price": price,
        "stockrecords-0-num_in_stock": 5,
        **{f"stockrecords-0-{name}": value for name, value in stock_values.items()},
        **(fields or {}),
    }
    return client.post(reverse("dashboard:catalogue-product", kwargs={"pk": product.pk}), form)


def shop_category():
    return Category.objects.filter(name="Sensors").first() or Category.add_root(name="Sensors")
