"""Prices in the Wagtail admin: their addresses, and a menu that shows each role only what it may open."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from shop.pricing.desk.views import contracts, lists

SECTIONS = (
    ("price_lists", _("Price lists"), "tag", lists.PriceLists),
    ("contract_prices", _("Contract prices"), "doc-full", contracts.ContractPrices),
    ("price_preview", _("Who sees what"), "view", contracts.PricePreview),
    ("price_history", _("History of prices"), "history", contracts.PriceHistory),
)


class SectionItem(MenuItem):
    """A menu item that is shown to those who may open its page."""

    def __init__(self, *args: object, permission: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.permission = permission

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)


@hooks.register("register_admin_urls")
def price_urls() -> list[URLResolver]:
    return [path("prices/", include("shop.pricing.desk.urls"))]


@hooks.register("register_admin_menu_item")
def price_menu() -> MenuItem:
    items = [
        SectionItem(label, reverse_lazy(name), name=name, icon_name=icon, order=place, permission=view.permission)
        for place, (name, label, icon, view) in enumerate(SECTIONS)
    ]
    return SubmenuMenuItem(
        _("Prices"), Menu(register_hook_name=None, items=items), name="prices", icon_name="tag", order=316
    )
