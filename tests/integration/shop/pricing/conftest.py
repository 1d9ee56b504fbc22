"""No price of one test is remembered in the next."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from oscar.apps.catalogue.models import Product

from tests.factories import channels as make
from tests.factories import harmony, shop


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def blocking(db: None) -> Product:
    """Listed at 100.00; a partner buys it for 70.00 and is promised 10 %: below 77.00 it is undercut."""
    product = shop.product("Probe", price="100.00")
    partner = make.partner("fjordtek")
    harmony.buys(partner, sku=product.stockrecords.get().partner_sku)
    harmony.promise(partner, min_margin_bp=1_000)
    return product
