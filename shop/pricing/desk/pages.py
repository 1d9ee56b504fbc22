"""What every page about prices shares: its place below the price lists, and the refusals of the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from shop.operations.back_office import StaffAct, StaffForm, StaffList, StaffTemplate
from shop.pricing.desk.services.imports import ImportNotAllowed
from shop.pricing.guard import Undercut
from shop.pricing.services.lists import ListRefused
from shop.pricing.services.prices import PricesRefused

REFUSALS = (Undercut, PricesRefused, ListRefused, ImportNotAllowed)


class PricePage:
    """A page below the price lists."""

    parent: tuple[str, Any] | None = ("price_lists", _("Prices"))
    header_icon = "tag"
    refusals: tuple[type[Exception], ...] = REFUSALS


class PriceTemplate(PricePage, StaffTemplate):
    """A page that shows one thing."""


class PriceForm(PricePage, StaffForm):
    """A page with a form."""


class PriceTable(PricePage, StaffList):
    """A list with a filter form."""


class PriceAct(PricePage, StaffAct):
    """One POST that calls one service."""
