"""What the shop sells and where, as the words that commission rules are made of."""

from django.conf import settings
from oscar.apps.address.models import Country
from oscar.apps.catalogue.models import Category, ProductClass

from channels.contracts import Vocabulary
from shop.facts import product_class_word


def vocabulary() -> Vocabulary:
    """Return product classes, categories (indented by depth) and countries; three queries."""
    classes = {product_class_word(slug): name for slug, name in ProductClass.objects.values_list("slug", "name")}
    categories = Category.objects.order_by("path").only("slug", "name", "depth")
    return Vocabulary(
        product_classes=tuple(sorted(classes.items(), key=lambda pair: pair[1])),
        categories=tuple((category.slug, "– " * (category.depth - 1) + category.name) for category in categories),
        countries=tuple(Country.objects.order_by("printable_name").values_list("iso_3166_1_a2", "printable_name")),
        currencies=(settings.OSCAR_DEFAULT_CURRENCY,),
    )
