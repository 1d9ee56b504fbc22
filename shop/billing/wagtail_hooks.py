"""Invoices in the desk: finance sees what is open and marks it paid without leaving the Wagtail admin."""

from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.billing import views


@hooks.register("register_admin_urls")
def invoice_urls() -> list:
    return [
        path("invoices/", views.InvoiceListView.as_view(), name="invoices"),
        path("invoices/<int:pk>/paid/", views.MarkPaidView.as_view(), name="invoice_mark_paid"),
    ]


class InvoiceMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("shop_billing.view_invoice")


@hooks.register("register_admin_menu_item")
def invoice_menu() -> MenuItem:
    return InvoiceMenuItem(_("Invoices"), reverse("invoices"), name="invoices", icon_name="doc-full", order=320)


class DashboardMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.is_staff


@hooks.register("register_admin_menu_item")
def dashboard_menu() -> MenuItem:
    return DashboardMenuItem(
        _("Catalogue and orders"), reverse("dashboard:index"), name="oscar-dashboard", icon_name="list-ul", order=330
    )
