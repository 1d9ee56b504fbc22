"""Products whose prices are for customers only, in a store that shows everybody the others."""

from functools import lru_cache

from django.db.models import Q
from django.db.models.functions import Coalesce
from oscar.apps.catalogue.models import Category, Product

from shop.catalogue.services import version as catalogue_version
from shop.pricing.contexts import PriceContext
from shop.pricing.models import PriceGate
from shop.pricing.services import version


def closed_to(context: PriceContext) -> frozenset[int]:
    """Return the products, with their versions, whose prices the context does not see: nothing for a customer.

    No query while it is remembered, and none at all while nothing is hidden. A product that moves into a category
    follows with the catalogue's index.
    """
    token = version.gate_token()
    if not token or context.is_customer:
        return frozenset()
    return _closed(token, catalogue_version.current().partition(".")[0])


@lru_cache(maxsize=2)
def _closed(gates: str, catalogue: str) -> frozenset[int]:
    """The tokens name one state of the gates and of what is in which category."""
    inside = Q(price_gate__is_open=False)
    for path in PriceGate.objects.exclude(category=None).values_list("category__path", flat=True):
        inside |= Q(categories__in=Category.objects.filter(path__startswith=path))
    owners = Product.objects.filter(inside).exclude(price_gate__is_open=True).values("pk")
    products = Product.objects.annotate(owner=Coalesce("parent_id", "pk")).filter(owner__in=owners)
    return frozenset(products.order_by().values_list("pk", flat=True))
