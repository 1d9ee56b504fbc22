"""Credit in the Wagtail admin: addresses, and a menu item for who may see it."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.credit import desk
from shop.operations.back_office import SectionItem


@hooks.register("register_admin_urls")
def credit_urls() -> list[URLPattern]:
    return [
        path("credit/", desk.AccountList.as_view(), name="credit_accounts"),
        path("credit/new/", desk.AccountAdd.as_view(), name="credit_account_add"),
        path("credit/<int:pk>/", desk.AccountPage.as_view(), name="credit_account"),
        path("credit/<int:pk>/limit/", desk.LimitPage.as_view(), name="credit_limit"),
        path("credit/<int:pk>/hold/", desk.HoldPage.as_view(), name="credit_hold"),
        path("credit/<int:pk>/release/", desk.ReleaseAct.as_view(), name="credit_release"),
        path("credit/<int:pk>/deposit/", desk.DepositPage.as_view(), name="credit_deposit"),
        path("credit/<int:pk>/pay-out/", desk.PayOutPage.as_view(), name="credit_pay_out"),
        path("credit/<int:pk>/correct/", desk.CorrectionPage.as_view(), name="credit_correct"),
    ]


@hooks.register("register_admin_menu_item")
def credit_menu() -> MenuItem:
    return SectionItem("credit_accounts", _("Credit"), "doc-full-inverse", desk.AccountList, order=321)
