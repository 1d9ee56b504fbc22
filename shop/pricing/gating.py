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


def sees_prices(*, company_key: str) -> bool:
    """Say whether prices are shown to who acts for this company; a company that waits for approval has to wait."""
    if access() == Access.PUBLIC:
        return True
    return bool(company_key) and Company.objects.filter(key=company_key, status__in=MAY_SEE).exists()


def is_open(*, sees_prices: bool) -> bool:
    """Say whether the catalogue is shown at all to who does, or does not, see prices."""
    return sees_prices or access() != Access.LOGIN


def without_price(sees_prices: bool) -> str | Promise:
    """Return what stands in the place of a price."""
    return _("Price on request") if sees_prices else _("Sign in to see prices")
