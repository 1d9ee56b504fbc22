"""Renewals and plans in the Wagtail admin: addresses, and menu items for who may see them."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet

from shop.operations.back_office import SectionItem
from shop.subscriptions import desk
from shop.subscriptions.models import Plan


class PlanViewSet(ModelViewSet):
    """The plans; what a plan says holds for the renewals to come of everything that has it."""

    model = Plan
    icon = "cog"
    menu_label = _("Subscription plans")
    menu_order = 323
    add_to_admin_menu = True
    list_display = ("name", "term_months", "interval_months", "price_rule", "cap_bp")
    exclude_form_fields: tuple[str, ...] = ()
    inspect_view_enabled = False


@hooks.register("register_admin_viewset")
def plans() -> PlanViewSet:
    return PlanViewSet("subscription_plans")


@hooks.register("register_admin_urls")
def renewal_urls() -> list[URLPattern]:
    return [
        path("renewals/", desk.RenewalList.as_view(), name="subscriptions_desk"),
        path("renewals.csv", desk.RenewalCsv.as_view(), name="subscriptions_csv"),
        path("renewals/forecast/", desk.ForecastPage.as_view(), name="subscriptions_forecast"),
        path("renewals/<int:pk>/", desk.RenewalPage.as_view(), name="subscription_desk"),
        path("renewals/<int:pk>/renew/", desk.RenewNow.as_view(), name="subscription_renew"),
        path("renewals/<int:pk>/undo/", desk.UndoCancellation.as_view(), name="subscription_undo"),
    ]


@hooks.register("register_admin_menu_item")
def renewal_menu() -> MenuItem:
    return SectionItem("subscriptions_desk", _("Renewals"), "date", desk.RenewalList, order=322)
