"""What somebody may do for a company, and how far: the fixed words that roles are made of."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy


class Capability(models.TextChoices):
    """One kind of act. Roles are data and may be added; this list is code, for each word is asked for somewhere."""

    SEE_PRICES = "see_prices", _("See prices")
    ORDER = "order", _("Order")
    APPROVE = "approve", _("Approve orders")
    VIEW_ORDERS = "view_orders", _("See orders")
    VIEW_INVOICES = "view_invoices", _("See invoices")
    PAY_INVOICES = "pay_invoices", _("Pay invoices")
    MANAGE_LISTS = "manage_lists", _("Keep shopping lists")
    MANAGE_PEOPLE = "manage_people", _("Manage people")
    MANAGE_LOCATIONS = "manage_locations", _("Manage locations")
    MANAGE_COMPANY = "manage_company", _("Manage the company")


class Level(models.TextChoices):
    """How far a capability reaches, the nearest first."""

    OWN = "own", pgettext_lazy("how far a right reaches", "own")
    LOCATION = "location", pgettext_lazy("how far a right reaches", "own location")
    COMPANY = "company", pgettext_lazy("how far a right reaches", "whole company")

    @property
    def reach(self) -> int:
        return list(Level).index(self)


class StandardRole(models.TextChoices):
    """The roles that every shop starts with; a migration writes what they grant."""

    ADMIN = "admin", _("Administrator")
    BUYER = "buyer", _("Buyer")
    APPROVER = "approver", _("Approver")
    VIEWER = "viewer", _("Viewer")
    ACCOUNTS_PAYABLE = "accounts_payable", _("Accounts payable")


_COMPANY, _LOCATION, _OWN = Level.COMPANY.value, Level.LOCATION.value, Level.OWN.value
STANDARD_GRANTS: dict[str, dict[str, str]] = {
    StandardRole.ADMIN: {capability.value: _COMPANY for capability in Capability},
    StandardRole.BUYER: {
        Capability.SEE_PRICES: _COMPANY,
        Capability.ORDER: _OWN,
        Capability.VIEW_ORDERS: _COMPANY,
        Capability.VIEW_INVOICES: _OWN,
        Capability.MANAGE_LISTS: _OWN,
    },
    StandardRole.APPROVER: {
        Capability.SEE_PRICES: _COMPANY,
        Capability.ORDER: _OWN,
        Capability.APPROVE: _LOCATION,
        Capability.VIEW_ORDERS: _LOCATION,
        Capability.VIEW_INVOICES: _LOCATION,
        Capability.MANAGE_LISTS: _OWN,
    },
    StandardRole.VIEWER: {Capability.SEE_PRICES: _COMPANY, Capability.VIEW_ORDERS: _COMPANY},
    StandardRole.ACCOUNTS_PAYABLE: {
        Capability.SEE_PRICES: _COMPANY,
        Capability.VIEW_ORDERS: _COMPANY,
        Capability.VIEW_INVOICES: _COMPANY,
        Capability.PAY_INVOICES: _COMPANY,
    },
}


def standard_roles() -> list[dict[str, Any]]:
    """Return the rows of the standard roles, as plain values: what a migration and a bare test database write."""
    with override("en"):
        return [
            {
                "code": role.value,
                "name": str(role.label),
                "position": position,
                "grants": {str(word): str(level) for word, level in STANDARD_GRANTS[role].items()},
            }
            for position, role in enumerate(StandardRole)
        ]
