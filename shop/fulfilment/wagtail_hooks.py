"""Deliveries in the Wagtail admin: addresses, and a menu that shows each role only what it may open."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.fulfilment import desk
from shop.operations.back_office import section_menu

SECTIONS = (
    ("delivery_to_ship", _("To be sent"), "upload", desk.ToShip),
    ("delivery_rules", _("Delivery rules"), "order", desk.RuleList),
)


@hooks.register("register_admin_urls")
def delivery_urls() -> list[URLPattern]:
    return [
        path("deliveries/", desk.ToShip.as_view(), name="delivery_to_ship"),
        path("deliveries/rules/", desk.RuleList.as_view(), name="delivery_rules"),
        path("deliveries/rules/new/", desk.RuleSave.as_view(), name="delivery_rule_add"),
        path("deliveries/rules/<int:pk>/", desk.RuleSave.as_view(), name="delivery_rule"),
        path("deliveries/rules/<int:pk>/switch/", desk.RuleSwitch.as_view(), name="delivery_rule_switch"),
        path("deliveries/methods/new/", desk.MethodSave.as_view(), name="delivery_method_add"),
        path("deliveries/methods/<slug:code>/", desk.MethodSave.as_view(), name="delivery_method"),
    ]


@hooks.register("register_admin_menu_item")
def delivery_menu() -> MenuItem:
    return section_menu("deliveries", _("Deliveries"), "order", SECTIONS, order=323)
