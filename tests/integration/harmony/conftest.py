"""A product that a partner buys for less, and the marketer who prices it."""

import pytest
from django.contrib.auth.models import Permission

from tests.factories import channels as make
from tests.factories import harmony, shop


@pytest.fixture
def probe():
    """Listed at 100.00; a partner buys it for 70.00 and is promised 10 %: below 77.00 it is undercut."""
    product = shop.product("Probe", price="100.00")
    partner = make.partner("fjordtek")
    harmony.buys(partner, sku=product.stockrecords.get().partner_sku)
    harmony.promise(partner, min_margin_bp=1_000)
    return product


@pytest.fixture
def marketer(client):
    user = shop.user(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=["offer", "catalogue", "partner", "voucher"])
    )
    client.force_login(user)
    return client
