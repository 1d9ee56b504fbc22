"""Who may see prices. What the resolver does not answer cannot leak: pages, facets, order, search and feeds ask it."""

from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company

MAY_SEE = (Company.Status.APPROVED, Company.Status.BLOCKED)


class Access(StrEnum):
    """PRICE_ACCESS: everybody sees prices; only customers do; only customers see the catalogue at all."""

    PUBLIC = "public"
    HIDDEN = "hidden"
    LOGIN = "login"


def access() -> Access:
    return Access(settings.ACCORD_PRICE_ACCESS)


def is_customer(*, company_key: str, status: str = "") -> bool:
    """Say whether who acts for this company is a customer; one that waits for approval has to wait.

    One query where the status is not known already.
    """
    if not company_key:
        return False
    if status:
        return status in MAY_SEE
    return Company.objects.filter(key=company_key, status__in=MAY_SEE).exists()


def sees_prices(*, is_customer: bool) -> bool:
    """Say whether prices are shown at all; shop.pricing.gates says of which products they are not."""
    return is_customer or access() == Access.PUBLIC


def is_open(*, sees_prices: bool) -> bool:
    """Say whether the catalogue is shown at all to who does, or does not, see prices."""
    return sees_prices or access() != Access.LOGIN


def without_price(sees_prices: bool) -> str | Promise:
    """Return what stands in the place of a price."""
    return _("Price on request") if sees_prices else _("Sign in to see prices")
