"""What each template may use, without a query."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Name, tagline and environment of the shop; staff see the links between the two back ends."""
    return {
        "site_name": settings.OSCAR_SHOP_NAME,
        "site_tagline": settings.OSCAR_SHOP_TAGLINE,
        "debug_pages": settings.DEBUG,
    }
