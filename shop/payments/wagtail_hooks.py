"""Payments in the Wagtail admin: addresses and a menu for who may open them."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import section_menu
from shop.payments import gateway
from shop.payments.desk import pages
from shop.payments.fake_stripe import bank_page

SECTIONS = (
    ("payments", _("Payments"), "download", pages.PaymentList),
    ("payment_disputes", _("Disputed payments"), "warning", pages.DisputeList),
    ("webhook_inbox", _("Webhook inbox"), "mail", pages.InboxList),
)
TEST_BANK_PAGES = (
    path("payments/test-bank/", bank_page.BankPage.as_view(), name="fake_bank"),
    path("payments/test-bank/act/", bank_page.BankAct.as_view(), name="fake_bank_act"),
)
TEST_BANK = ("fake_bank", _("Test bank"), "cogs", bank_page.BankPage)


@hooks.register("register_admin_urls")
def payment_urls() -> list[URLPattern]:
    return [
        *(TEST_BANK_PAGES if gateway.is_fake() else ()),
        path("payments/", pages.PaymentList.as_view(), name="payments"),
        path("payments/disputes/", pages.DisputeList.as_view(), name="payment_disputes"),
        path("payments/webhooks/", pages.InboxList.as_view(), name="webhook_inbox"),
        path("payments/webhooks/<int:pk>/", pages.InboxPage.as_view(), name="webhook_event"),
        path("payments/webhooks/<int:pk>/replay/", pages.InboxReplay.as_view(), name="webhook_replay"),
        path("payments/<uuid:key>/", pages.PaymentPage.as_view(), name="payment"),
    ]


@hooks.register("register_admin_menu_item")
def payment_menu() -> MenuItem:
    sections = [*SECTIONS, TEST_BANK] if gateway.is_fake() else SECTIONS
    return section_menu("payments-menu", _("Payments"), "download", sections, order=322)
