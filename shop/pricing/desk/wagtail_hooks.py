"""Prices in the Wagtail admin: their addresses, and a menu that shows each role only what it may open."""

from django.urls import URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import section_menu
from shop.pricing.desk.views import contracts, gates, lists

SECTIONS = (
    ("price_lists", _("Price lists"), "tag", lists.PriceLists),
    ("contract_prices", _("Contract prices"), "doc-full", contracts.ContractPrices),
    ("price_gates", _("Hidden prices"), "lock", gates.PriceGates),
    ("price_preview", _("Who sees what"), "view", contracts.PricePreview),
    ("price_history", _("History of prices"), "history", contracts.PriceHistory),
)


@hooks.register("register_admin_urls")
def price_urls() -> list[URLResolver]:
    return [path("prices/", include("shop.pricing.desk.urls"))]


@hooks.register("register_admin_menu_item")
def price_menu() -> MenuItem:
    return section_menu("prices", _("Prices"), "tag", SECTIONS, order=316)
