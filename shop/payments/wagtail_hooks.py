"""Payments in the Wagtail admin: addresses and a menu for who may open them."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import section_menu
from shop.payments.desk import pages

SECTIONS = (
    ("payments", _("Payments"), "download", pages.PaymentList),
    ("payment_disputes", _("Disputed payments"), "warning", pages.DisputeList),
    ("webhook_inbox", _("Webhook inbox"), "mail", pages.InboxList),
)


@hooks.register("register_admin_urls")
def payment_urls() -> list[URLPattern]:
    return [
        path("payments/", pages.PaymentList.as_view(), name="payments"),
        path("payments/disputes/", pages.DisputeList.as_view(), name="payment_disputes"),
        path("payments/webhooks/", pages.InboxList.as_view(), name="webhook_inbox"),
        path("payments/webhooks/<int:pk>/", pages.InboxPage.as_view(), name="webhook_event"),
        path("payments/webhooks/<int:pk>/replay/", pages.InboxReplay.as_view(), name="webhook_replay"),
        path("payments/<uuid:key>/", pages.PaymentPage.as_view(), name="payment"),
    ]


@hooks.register("register_admin_menu_item")
def payment_menu() -> MenuItem:
    return section_menu("payments-menu", _("Payments"), "download", SECTIONS, order=322)
